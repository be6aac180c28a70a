//! The host of a shell's programs: the capability `console`, which shows text.
//!
//! Each printed value is a line of its own. `write` shows bytes as they are; what is not UTF-8 shows as U+FFFD.

use crate::shims::{define_shims, shim_behind};
use crate::{Host, HostCall, HostError, Store};
use alloc::string::String;
use core::fmt::Write;
use velocity_nda::module::{Type, Value};
use velocity_nda::sys;

/// The most bytes that one `write` shows.
const MAX_WRITE_BYTES: u32 = 1 << 16;

/// Bytes of text that one unit of fuel shows.
const BYTES_A_UNIT: u64 = 16;

/// Shows what a program prints by appending it to a text.
#[derive(Debug)]
pub struct Console<'o> {
    out: &'o mut String,
}

impl<'o> Console<'o> {
    /// Appends to `out`: at most 64 bytes for a unit of fuel, and at most 200 KiB beyond a slice.
    pub const fn new(out: &'o mut String) -> Self {
        Self { out }
    }

    /// Makes the functions of the capability known to a store; each has the number of its row in the registry.
    pub fn define(store: &mut Store) {
        define_shims(store, |capability| capability == sys::CONSOLE);
    }

    /// `write(address, len)`.
    fn write(&mut self, call: HostCall<'_>, address: u32, len: u32) -> Result<(), HostError> {
        if len > MAX_WRITE_BYTES {
            return Err(HostError("`write` shows at most 65,536 bytes at once"));
        }
        let bytes = call.memory.as_deref().and_then(|memory| memory.slice(address, len));
        let bytes = bytes.ok_or(HostError("`write` was given a range outside of the memory"))?;
        *call.fuel += u64::from(len) / BYTES_A_UNIT;
        for chunk in bytes.utf8_chunks() {
            self.out.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                self.out.push(char::REPLACEMENT_CHARACTER);
            }
        }
        Ok(())
    }
}

impl Host for Console<'_> {
    fn call(&mut self, call: HostCall<'_>) -> Result<(), HostError> {
        let row = shim_behind(call.function).filter(|(capability, _)| *capability == sys::CONSOLE);
        let overload = row.map(|(_, overload)| overload);
        match (overload.map(|overload| overload.parameters), call.arguments) {
            (Some([_, _]), &[Value::I32(address), Value::I32(len)]) => self.write(call, address as u32, len as u32),
            (Some([ty]), &[value]) => {
                print(self.out, *ty, value);
                Ok(())
            }
            _ => Err(HostError("the console has no such function")),
        }
    }
}

/// A value as a line. Writing to a string cannot fail.
fn print(out: &mut String, ty: sys::ShimType, value: Value) {
    let _ = match (ty, value) {
        (sys::ShimType::U32, Value::I32(value)) => writeln!(out, "{}", value as u32),
        (sys::ShimType::U64, Value::I64(value)) => writeln!(out, "{}", value as u64),
        (_, value) => writeln!(out, "{value}"),
    };
}

const _: () = assert!(matches!(sys::ShimType::U32.core(), Type::I32), "an unsigned number is an `i32` in the core");
