//! The host that programs import: numbers that depend on what it was asked before, the same for every engine.

use velocity_interp::{Host, HostCall, HostError, Value};

/// Gives numbers that depend on what it was asked before, and fails now and then.
#[derive(Default)]
pub struct Oracle(u64);

impl Oracle {
    /// Hears the arguments of a call and sets its results.
    pub fn answer(&mut self, arguments: &[Value], results: &mut [Value]) -> Result<(), HostError> {
        for argument in arguments {
            self.0 = (self.0 ^ argument.bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
        }
        for result in results {
            self.0 = self.0.wrapping_add(0x1234_5678_9ABC_DEF1);
            *result = Value::of_bits(result.ty(), self.0 >> 32);
        }
        if self.0 % 31 == 30 { Err(HostError("no answer")) } else { Ok(()) }
    }
}

impl Host for Oracle {
    fn call(&mut self, call: HostCall<'_>) -> Result<(), HostError> {
        let answer = self.answer(call.arguments, call.results);
        *call.fuel = self.0 % 7;
        answer
    }
}
