//! What a run of native code sees of its store, and how a fiber is shown it.

use crate::exec::fiber::{Entry, Fiber, View};
use alloc::vec::Vec;
use velocity_interp::engine::{self, Account, Bulk, Fixed, State};
use velocity_interp::{Host, InstanceId};

/// What a run sees.
pub(super) struct Scene<'a> {
    pub(super) fixed: &'a Fixed,
    pub(super) state: &'a mut State,
    pub(super) host: &'a mut dyn Host,
    pub(super) account: &'a mut Account,
    memories: Vec<View>,
    tables: Vec<View>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        fixed: &'a Fixed,
        state: &'a mut State,
        host: &'a mut dyn Host,
        account: &'a mut Account,
    ) -> Self {
        Self { fixed, state, host, account, memories: Vec::new(), tables: Vec::new() }
    }

    /// Lets a fiber's context say where everything lies now.
    pub(super) fn show(&mut self, fiber: &mut Fiber, entries: &[Entry], counts: &mut [u64], current: InstanceId) {
        let memories: Vec<View> = self
            .state
            .memories
            .iter_mut()
            .map(|memory| {
                let bytes = memory.bytes_mut();
                View { start: bytes.as_mut_ptr() as u64, len: bytes.len() as u64 }
            })
            .collect();
        let of =
            |instance: &engine::Instance| instance.memory.map_or(View::default(), |memory| memories[memory.index()]);
        self.memories.clear();
        self.memories.extend(self.fixed.instances.iter().map(of));
        self.tables.clear();
        self.tables.extend(self.state.tables.iter().map(|table| {
            let entries = table.entries();
            View { start: entries.as_ptr() as u64, len: entries.len() as u64 }
        }));
        let view = self.memories.get(current.index()).copied().unwrap_or_default();
        let context = &mut fiber.context;
        context.memory = view.start;
        context.memory_len = view.len;
        context.functions = entries.as_ptr() as u64;
        context.memories = self.memories.as_ptr() as u64;
        context.tables = self.tables.as_ptr() as u64;
        context.counts = counts.as_mut_ptr() as u64;
        context.globals = self.state.globals.as_mut_ptr() as u64;
    }

    pub(super) fn bulk(&mut self, id: InstanceId) -> Bulk<'_> {
        Bulk { id, instance: &self.fixed.instances[id.index()], state: self.state, account: self.account }
    }
}
