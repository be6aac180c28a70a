//! The registry of shims: what `use sys::...;` can name, and which host items and capability stand behind it.
//!
//! One table for everybody: the checker resolves calls by it, the gate asks it for the capability of a host item, hosts
//! look up what to provide. A shim with several overloads picks one by the type of its argument. Invariant: no two
//! items have one name, and every shim has at least one overload (tested below).

use crate::module::Type;

/// The module of every host item in the registry, and the group in `use sys::...;`.
pub const GROUP: &str = "sys";

/// What a shim takes or gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the types' names in the text")]
pub enum ShimType {
    I32,
    I64,
    U32,
    U64,
    F32,
    F64,
    /// `*u8`, an address in the program's memory.
    Bytes,
}

impl ShimType {
    /// The type in the core.
    #[must_use]
    pub const fn core(self) -> Type {
        match self {
            Self::I32 | Self::U32 | Self::Bytes => Type::I32,
            Self::I64 | Self::U64 => Type::I64,
            Self::F32 => Type::F32,
            Self::F64 => Type::F64,
        }
    }
}

/// A function that the host provides under a name of its own.
#[derive(Debug)]
pub struct Overload {
    /// The host item.
    pub item: &'static str,
    /// From left to right.
    pub parameters: &'static [ShimType],
    /// None or one.
    pub result: Option<ShimType>,
}

/// What a program calls by one name.
#[derive(Debug)]
pub struct Shim {
    /// The name in `use sys::NAME;` and in calls.
    pub name: &'static str,
    /// The capability that a program needs for it.
    pub capability: &'static str,
    /// One, or one for each type of a single argument.
    pub overloads: &'static [Overload],
}

/// Shows things to a person.
pub const CONSOLE: &str = "console";
/// Makes agents and ends them.
pub const AGENTS: &str = "agents";
/// Sends messages to agents, and receives them.
pub const RINGS: &str = "rings";
/// Waits, and reads the clock.
pub const TIME: &str = "time";
/// Announces changes on the board, and says what became of them.
pub const BOARD: &str = "board";
/// Reads and writes the machine's input and output ports.
pub const PORTS: &str = "ports";
/// Reads and writes the machine's memory by physical address.
pub const PHYSICAL_MEMORY: &str = "physical-memory";

/// An overload as a row of the table.
const fn item(item: &'static str, parameters: &'static [ShimType], result: Option<ShimType>) -> Overload {
    Overload { item, parameters, result }
}

/// A shim of the table, which has the name of its only host item unless it is overloaded.
const fn shim(name: &'static str, capability: &'static str, overloads: &'static [Overload]) -> Shim {
    Shim { name, capability, overloads }
}

use ShimType::{Bytes, F32, F64, I32, I64, U32, U64};

/// All shims.
pub const SHIMS: &[Shim] = &[
    shim(
        "print",
        CONSOLE,
        &[
            item("print_i32", &[I32], None),
            item("print_i64", &[I64], None),
            item("print_u32", &[U32], None),
            item("print_u64", &[U64], None),
            item("print_f32", &[F32], None),
            item("print_f64", &[F64], None),
        ],
    ),
    shim("write", CONSOLE, &[item("write", &[Bytes, U32], None)]),
    shim("spawn_agent", AGENTS, &[item("spawn_agent", &[Bytes, U32, U32], Some(I32))]),
    shim("kill_agent", AGENTS, &[item("kill_agent", &[U32], Some(I32))]),
    shim("wait_agent", AGENTS, &[item("wait_agent", &[U32], Some(I32))]),
    shim("agent_number", AGENTS, &[item("agent_number", &[], Some(U32))]),
    shim("send", RINGS, &[item("send", &[U32, Bytes, U32], Some(I32))]),
    shim("receive", RINGS, &[item("receive", &[Bytes, U32], Some(I64))]),
    shim("now", TIME, &[item("now", &[], Some(U64))]),
    shim("sleep", TIME, &[item("sleep", &[U64], None)]),
    shim("yield_now", TIME, &[item("yield_now", &[], None)]),
    shim("announce", BOARD, &[item("announce", &[Bytes, U32, U64], Some(I64))]),
    shim("agree", BOARD, &[item("agree", &[U64], Some(I32))]),
    shim("commit", BOARD, &[item("commit", &[U64], Some(I32))]),
    shim("withdraw", BOARD, &[item("withdraw", &[U64], Some(I32))]),
    shim("in_u8", PORTS, &[item("in_u8", &[U32], Some(U32))]),
    shim("in_u16", PORTS, &[item("in_u16", &[U32], Some(U32))]),
    shim("in_u32", PORTS, &[item("in_u32", &[U32], Some(U32))]),
    shim("out_u8", PORTS, &[item("out_u8", &[U32, U32], None)]),
    shim("out_u16", PORTS, &[item("out_u16", &[U32, U32], None)]),
    shim("out_u32", PORTS, &[item("out_u32", &[U32, U32], None)]),
    shim("read_mem_u8", PHYSICAL_MEMORY, &[item("read_mem_u8", &[U64], Some(U32))]),
    shim("read_mem_u16", PHYSICAL_MEMORY, &[item("read_mem_u16", &[U64], Some(U32))]),
    shim("read_mem_u32", PHYSICAL_MEMORY, &[item("read_mem_u32", &[U64], Some(U32))]),
    shim("read_mem_u64", PHYSICAL_MEMORY, &[item("read_mem_u64", &[U64], Some(U64))]),
    shim("write_mem_u8", PHYSICAL_MEMORY, &[item("write_mem_u8", &[U64, U32], None)]),
    shim("write_mem_u16", PHYSICAL_MEMORY, &[item("write_mem_u16", &[U64, U32], None)]),
    shim("write_mem_u32", PHYSICAL_MEMORY, &[item("write_mem_u32", &[U64, U32], None)]),
    shim("write_mem_u64", PHYSICAL_MEMORY, &[item("write_mem_u64", &[U64, U64], None)]),
];

/// The shim that a program calls by this name.
#[must_use]
pub fn shim_named(name: &str) -> Option<&'static Shim> {
    SHIMS.iter().find(|shim| shim.name == name)
}

/// The shim and overload behind the item `item` of the host module [`GROUP`].
#[must_use]
pub fn behind(item: &str) -> Option<(&'static Shim, &'static Overload)> {
    let all = SHIMS.iter().flat_map(|shim| shim.overloads.iter().map(move |overload| (shim, overload)));
    all.into_iter().find(|(_, overload)| overload.item == item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_item_is_behind_one_shim() {
        let items: Vec<_> = SHIMS.iter().flat_map(|shim| shim.overloads).map(|overload| overload.item).collect();
        assert_eq!(items.iter().collect::<BTreeSet<_>>().len(), items.len());
        assert!(items.iter().all(|item| behind(item).is_some_and(|(_, overload)| overload.item == *item)));
        assert!(SHIMS.iter().all(|shim| !shim.overloads.is_empty() && shim_named(shim.name).is_some()));
        assert!(behind("print").is_none() && shim_named("print_i32").is_none());
    }

    #[test]
    fn overloads_differ_in_a_single_argument() {
        for shim in SHIMS.iter().filter(|shim| shim.overloads.len() > 1) {
            let types: Vec<_> = shim.overloads.iter().map(|overload| overload.parameters).collect();
            assert!(types.iter().all(|parameters| parameters.len() == 1), "{}", shim.name);
            assert!(types.iter().enumerate().all(|(at, one)| !types[..at].contains(one)), "{}", shim.name);
        }
    }
}
