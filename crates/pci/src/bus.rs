//! The bus: access to configuration space and what drivers ask of it.

use crate::bar;
use crate::capability::walk;
use crate::host::Access;
use crate::registers::{
    ABSENT, CAPABILITIES, COMMAND, COMMAND_INTERRUPT_DISABLE, COMMAND_MASK, COMMAND_MASTER, COMMAND_MEMORY,
    STATUS_CAPABILITIES,
};
use crate::scan::Scan;
use crate::{Address, Capability, Function, Header, Host, Msix, MsixError};
use alloc::vec::Vec;
use velocity_hal::MmioMapper;

/// All configuration space of a machine.
pub struct Bus {
    pub(crate) access: Access,
}

impl Bus {
    /// A bus reached through `host`. Nothing is read yet.
    #[must_use]
    pub const fn new(host: Host) -> Self {
        Self { access: Access::new(host) }
    }

    /// All functions, with their BARs: [`Bus::enumerate`], then [`Bus::size_bars`] for each.
    #[must_use]
    pub fn scan(&self) -> Vec<Function> {
        let mut found = self.enumerate();
        found.iter_mut().for_each(|function| self.size_bars(function));
        found
    }

    /// All functions, their BARs not yet looked at: those of a root bus by device and function, then those behind its
    /// bridges.
    ///
    /// Looks at every device of each root bus and of the buses that bridges lead to, each bus once; at functions 1 to 7
    /// only of devices that say they have them. Finds at most 512 functions: a configuration space that shows more
    /// shows nonsense.
    #[must_use]
    pub fn enumerate(&self) -> Vec<Function> {
        Scan::new(&self.access).run()
    }

    /// Fills in [`Function::bars`].
    ///
    /// Decoding is off for a moment, so no driver of this function may run. That also makes it dear where the machine
    /// is emulated, since its memory map changes: size what a driver needs, not everything. Bridges stay as they are.
    pub fn size_bars(&self, function: &mut Function) {
        // A host bridge may decode the machine's memory through its BARs; it stays untouched.
        if function.header == Header::Device && !function.class.is_host_bridge() {
            function.bars = bar::read_all(&self.access, function.address);
        }
    }

    /// The configuration word that holds byte `register`; all ones when nobody answers.
    #[must_use]
    pub fn read32(&self, address: Address, register: u16) -> u32 {
        self.access.read32(address, register)
    }

    /// Writes the configuration word that holds byte `register`.
    pub fn write32(&self, address: Address, register: u16, value: u32) {
        self.access.write32(address, register, value);
    }

    /// Lets `function` answer on its memory BARs and reach memory itself, and keeps it off the interrupt pin.
    ///
    /// False when it is gone.
    pub fn enable(&self, function: &Function) -> bool {
        self.change_command(function, COMMAND_MEMORY | COMMAND_MASTER | COMMAND_INTERRUPT_DISABLE, 0)
    }

    /// Stops `function` from reaching memory and so from sending interrupts.
    ///
    /// False when it is gone.
    pub fn quiesce(&self, function: &Function) -> bool {
        self.change_command(function, 0, COMMAND_MASTER)
    }

    fn change_command(&self, function: &Function, set: u32, clear: u32) -> bool {
        let old = self.read32(function.address, COMMAND);
        let new = (old & COMMAND_MASK | set) & !clear;
        if old != ABSENT && new != old & COMMAND_MASK {
            self.write32(function.address, COMMAND, new);
        }
        old != ABSENT
    }

    /// The capabilities of `function` in list order.
    #[must_use]
    pub fn capabilities(&self, function: &Function) -> Vec<Capability> {
        self.walk(function.address).map(|(capability, _)| capability).collect()
    }

    /// The first capability `id` of `function` and its first word.
    pub(crate) fn find_capability(&self, address: Address, id: u8) -> Option<(Capability, u32)> {
        self.walk(address).find(|(capability, _)| capability.id == id)
    }

    fn walk(&self, address: Address) -> impl Iterator<Item = (Capability, u32)> {
        let status = self.read32(address, COMMAND);
        let listed = status != ABSENT && status & STATUS_CAPABILITIES != 0;
        let first = if listed { self.read32(address, CAPABILITIES) as u8 } else { 0 };
        walk(first, move |offset| self.read32(address, offset.into()))
    }

    /// Finds and maps the MSI-X table of `function`, which must be enabled.
    ///
    /// # Errors
    /// [`MsixError`] when it has none, when the table does not lie inside its BAR, or when it cannot be mapped.
    pub fn msix(&self, function: &Function, mapper: &dyn MmioMapper) -> Result<Msix, MsixError> {
        Msix::locate(self, function, mapper)
    }
}
