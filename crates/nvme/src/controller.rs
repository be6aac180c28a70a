//! The controller: what it is made of, how it is started and shared.

use crate::bringup::Found;
use crate::buffers::Buffers;
use crate::queue::QueuePair;
use crate::registers::Registers;
use crate::slots::Slots;
use crate::wait::Platform;
use crate::{Identity, Io, Namespace, NamespaceInfo, NvmeError, Options, Parts, RefusedNamespace};
use alloc::{boxed::Box, sync::Arc};
use core::ops::{Deref, DerefMut};
use spin::Mutex;

/// Admin commands under way at most.
pub(crate) const ADMIN_SLOTS: u16 = 4;

/// Entries of the admin queues: enough for a whole start before the completion head must be told.
const ADMIN_ENTRIES: u16 = 16;

/// What happened since start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Statistics {
    /// I/O commands sent.
    pub submitted: u64,
    /// I/O commands answered, with success or with an error.
    pub completed: u64,
    /// Completions with an unknown or repeated command id.
    pub refused: u64,
    /// Commands that missed their deadline.
    pub timed_out: u64,
    /// Abort commands sent.
    pub aborts: u64,
    /// Controller resets after start.
    pub resets: u64,
}

/// Everything that changes while the controller runs; behind one lock.
pub(crate) struct Core {
    pub(crate) registers: Registers,
    pub(crate) platform: Platform,
    pub(crate) options: Options,
    pub(crate) admin: QueuePair,
    pub(crate) io: QueuePair,
    pub(crate) buffers: Buffers,
    pub(crate) slots: Slots,
    /// Why no command can be sent, until a reset succeeds.
    pub(crate) down: Option<NvmeError>,
    pub(crate) statistics: Statistics,
}

pub(crate) struct Shared {
    pub(crate) core: Mutex<StopOnDrop>,
    pub(crate) platform: Platform,
    found: Found,
}

/// A running NVMe controller. Clones are handles on the same one; the last to go stops it.
#[derive(Clone)]
pub struct Controller {
    pub(crate) shared: Arc<Shared>,
}

impl Controller {
    /// Resets and enables the controller, identifies it and its namespaces and creates one I/O queue pair.
    ///
    /// Takes three rounds of admin commands and about a dozen register accesses; waits at most as long as CAP.TO and
    /// `options.timeout` allow for each.
    ///
    /// # Errors
    /// [`NvmeError`]; the controller is then disabled.
    pub fn start(parts: Parts, options: Options) -> Result<Self, NvmeError> {
        let Parts { registers, dma, clock, idle, interrupt } = parts;
        let registers = Registers::new(registers)?;
        let options = options.fitted(registers.capabilities().max_queue_entries());
        let platform = Platform { clock, idle, interrupt };
        let mut core = StopOnDrop::new(Core {
            admin: QueuePair::new(&*dma, ADMIN_ENTRIES, ADMIN_SLOTS)?,
            io: QueuePair::new(&*dma, options.queue_entries, options.slots)?,
            buffers: Buffers::new(&*dma, options.slots, options.slot_bytes)?,
            slots: Slots::new(options.slots),
            down: None,
            statistics: Statistics::default(),
            registers,
            platform: platform.clone(),
            options,
        });
        let found = core.bring_up()?;
        Ok(Self { shared: Arc::new(Shared { core: Mutex::new(core), platform, found }) })
    }

    /// Who the controller is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.shared.found.identity
    }

    /// The namespaces that can be used.
    #[must_use]
    pub fn namespaces(&self) -> &[NamespaceInfo] {
        &self.shared.found.namespaces
    }

    /// The namespaces that cannot be used, and why.
    #[must_use]
    pub fn refused_namespaces(&self) -> &[RefusedNamespace] {
        &self.shared.found.refused
    }

    /// Whether completions are announced by interrupt; else this driver polls.
    #[must_use]
    pub fn uses_interrupts(&self) -> bool {
        self.shared.platform.interrupt.is_some()
    }

    /// Sizes as they were fitted to the controller.
    #[must_use]
    pub fn options(&self) -> Options {
        self.shared.core.lock().options
    }

    /// A block device over namespace `id`.
    ///
    /// # Errors
    /// [`NvmeError::NoNamespace`].
    pub fn namespace(&self, id: u32) -> Result<Namespace, NvmeError> {
        Ok(Namespace::new(Arc::clone(&self.shared), self.info(id)?))
    }

    /// The asynchronous face of namespace `id`. Holds the controller's lock: drop it before anything that waits.
    ///
    /// # Errors
    /// [`NvmeError::NoNamespace`].
    pub fn io(&self, id: u32) -> Result<Io<'_>, NvmeError> {
        Ok(self.shared.io(self.info(id)?))
    }

    /// What happened since start.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let core = self.shared.core.lock();
        Statistics { refused: core.io.refused() + core.admin.refused(), ..core.statistics }
    }

    /// Tells the controller to make everything durable before power goes (CC.SHN, section 7.6.2), and stops it.
    ///
    /// # Errors
    /// [`NvmeError`] when it does not answer in time. Commands sent afterwards start it again.
    pub fn shut_down(&self) -> Result<(), NvmeError> {
        self.shared.core.lock().shut_down()
    }

    fn info(&self, id: u32) -> Result<NamespaceInfo, NvmeError> {
        self.namespaces().iter().find(|info| info.id == id).copied().ok_or(NvmeError::NoNamespace { id })
    }
}

impl Shared {
    /// The asynchronous face of `info`, with the lock held.
    pub(crate) fn io(&self, info: NamespaceInfo) -> Io<'_> {
        Io::new(self.core.lock(), info)
    }
}

/// A [`Core`] whose device is stopped before its memory is given back. If it cannot be stopped, the memory is leaked:
/// a device that still writes to it must not hit anybody else.
pub(crate) struct StopOnDrop(Option<Box<Core>>);

impl StopOnDrop {
    fn new(core: Core) -> Self {
        Self(Some(Box::new(core)))
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(core) = self.0.take()
            && !core.stop()
        {
            core::mem::forget(core);
        }
    }
}

impl Deref for StopOnDrop {
    type Target = Core;

    fn deref(&self) -> &Core {
        self.0.as_ref().expect("taken in drop only")
    }
}

impl DerefMut for StopOnDrop {
    fn deref_mut(&mut self) -> &mut Core {
        self.0.as_mut().expect("taken in drop only")
    }
}
