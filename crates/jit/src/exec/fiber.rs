//! A stack for machine code, and the way there and back.
//!
//! Machine code runs on the stack of a fiber, with `r15` at its [`Context`], `r14` at the start of linear memory and the fuel
//! of the slice in `r13`. It comes back by calling the exit whose address is in the context: all other registers are saved on
//! the fiber's stack, above them lies the address where it goes on, and then the frame of the function.

use super::memory::CodePages;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::alloc::Layout;
use core::mem::offset_of;
use core::ptr::NonNull;
use spin::Mutex;

/// General registers that an exit saves, by number, in the order of their addresses.
pub(crate) const SAVED_GPRS: [u8; 12] = [12, 11, 10, 9, 8, 7, 6, 5, 3, 2, 1, 0];

/// How many slots an exit saves: the general registers, then `xmm0` to `xmm15`.
pub(crate) const SAVED: usize = SAVED_GPRS.len() + 16;

/// Slots below the limit of the stack: for what an exit saves, and for a signal of the host.
const MARGIN: usize = 4096;

/// Bytes of them that are left for a signal.
#[cfg(feature = "host")]
pub(super) const SIGNAL_BYTES: usize = 8 * (MARGIN - SAVED - 1);

/// Slots above the first frame: its results and arguments.
const ABOVE: usize = 8;

/// How many reciprocals there are: those of the divisors of 16 bits from 2 on.
pub(crate) const RECIPROCALS: u32 = 65_534;

/// What machine code finds at `r15`. Addresses are whole numbers, so that a fiber may move between threads.
#[repr(C)]
#[derive(Debug, Default)]
pub(crate) struct Context {
    host_stack: u64,
    fiber_stack: u64,
    exit: u64,
    /// Fuel left of the slice.
    pub(crate) fuel: i64,
    /// Where linear memory begins.
    pub(crate) memory: u64,
    /// Its length in bytes.
    pub(crate) memory_len: u64,
    /// The stack pointer may not go below, or the next call is to leave ([`Fiber::arm`]).
    stack_limit: u64,
    /// The stack pointer may not go below.
    room_limit: u64,
    /// Of [`Entry`], by function address.
    pub(crate) functions: u64,
    /// Of [`View`], by table address.
    pub(crate) tables: u64,
    /// Of [`View`], by instance.
    pub(crate) memories: u64,
    /// Of globals, by address.
    pub(crate) globals: u64,
    /// Of [`RECIPROCALS`] numbers; 0 if no code asks for them.
    pub(crate) reciprocals: u64,
    /// Of 64 bits, by function address: how often it was called.
    pub(crate) counts: u64,
}

/// A function as machine code sees it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Where its code begins.
    pub(crate) code: u64,
    /// Its type.
    pub(crate) ty: u32,
    /// The number of its instance; [`Entry::HOST`] for one that needs none.
    pub(crate) instance: u32,
}

impl Entry {
    /// A function of the host.
    pub(crate) const HOST: u32 = u32::MAX;
}

/// A range of memory.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct View {
    pub(crate) start: u64,
    pub(crate) len: u64,
}

/// Places of the context's fields, for machine code.
pub(crate) mod at {
    use super::{Context, offset_of};
    pub(crate) const EXIT: i32 = offset_of!(Context, exit) as i32;
    pub(crate) const MEMORY: i32 = offset_of!(Context, memory) as i32;
    pub(crate) const MEMORY_LEN: i32 = offset_of!(Context, memory_len) as i32;
    pub(crate) const ROOM_LIMIT: i32 = offset_of!(Context, room_limit) as i32;
    pub(crate) const STACK_LIMIT: i32 = offset_of!(Context, stack_limit) as i32;
    pub(crate) const FUNCTIONS: i32 = offset_of!(Context, functions) as i32;
    pub(crate) const TABLES: i32 = offset_of!(Context, tables) as i32;
    pub(crate) const MEMORIES: i32 = offset_of!(Context, memories) as i32;
    pub(crate) const GLOBALS: i32 = offset_of!(Context, globals) as i32;
    pub(crate) const RECIPROCALS: i32 = offset_of!(Context, reciprocals) as i32;
    pub(crate) const COUNTS: i32 = offset_of!(Context, counts) as i32;
}

/// Published code that a fiber may run. It was made by `native`, which keeps to what is said above.
#[derive(Clone, Debug)]
pub(crate) struct Code(Arc<Box<dyn CodePages>>);

impl Code {
    pub(crate) fn new(pages: Box<dyn CodePages>) -> Self {
        Self(Arc::new(pages))
    }

    pub(crate) fn address(&self) -> u64 {
        self.0.address()
    }
}

/// A stack with a run of machine code on it.
#[derive(Debug)]
pub(crate) struct Fiber {
    stack: Vec<u64>,
    pub(crate) context: Box<Context>,
    /// Slots that calls may take.
    room: usize,
}

/// How many fibers are kept for later runs, and with how many slots at most.
const SPARE_FIBERS: usize = 4;
const MAX_SPARE: usize = 1 << 18;

/// Fibers that nobody runs on.
static SPARE: Mutex<Vec<Fiber>> = Mutex::new(Vec::new());

impl Fiber {
    /// One with room for frames of so many slots in all, perhaps one that another run is done with; `None` if there is no memory for it.
    pub(crate) fn take(room: u32) -> Option<Self> {
        let mut spare = SPARE.lock();
        match spare.iter().position(|fiber| fiber.room == room as usize) {
            Some(at) => Some(spare.swap_remove(at)),
            None => Self::new(room),
        }
    }

    /// Keeps it for later runs, if there are not enough.
    pub(crate) fn give_back(self) {
        if self.room > MAX_SPARE {
            return;
        }
        let mut spare = SPARE.lock();
        if spare.len() == SPARE_FIBERS {
            spare.swap_remove(0);
        }
        spare.push(self);
    }

    /// With room for frames of so many slots in all; `None` if there is no memory for it.
    fn new(room: u32) -> Option<Self> {
        let room = room as usize;
        let len = room.checked_add(MARGIN + ABOVE)?;
        let stack = zeros(len)?;
        let context = Context { exit: exit(), ..Context::default() };
        Some(Self { stack, context: Box::new(context), room })
    }

    /// Makes it begin at `entry`, whose return leads to `back`. `registers` are what an exit would have saved; `above` is what
    /// the caller's frame would begin with.
    pub(crate) fn start(&mut self, entry: u64, back: u64, registers: &[u64; SAVED], above: &[u64]) {
        // The first frame begins below `above`, which may be longer than what is set aside for it.
        let extra = above.len().saturating_sub(ABOVE);
        if self.stack.len() < self.room + MARGIN + ABOVE + extra {
            self.stack.resize(self.room + MARGIN + ABOVE + extra, 0);
        }
        let top = self.stack.len() - above.len().max(ABOVE);
        self.stack[top..top + above.len()].copy_from_slice(above);
        self.stack[top - 1] = back;
        self.stack[top - 2] = entry;
        self.stack[top - 2 - SAVED..top - 2].copy_from_slice(registers);
        let start = self.stack.as_mut_ptr() as u64;
        self.context.fiber_stack = start + 8 * (top - 2 - SAVED) as u64;
        self.context.room_limit = start + 8 * (top - self.room) as u64;
        self.context.stack_limit = self.context.room_limit;
    }

    /// Leaves only so many slots for calls, of those that there are. After [`Self::start`].
    pub(crate) fn narrow(&mut self, room: u32) {
        self.context.room_limit += 8 * self.room.saturating_sub(room as usize) as u64;
        self.context.stack_limit = self.context.room_limit;
    }

    /// Lets the next call of a function find no room for its frame.
    pub(crate) fn arm(&mut self) {
        self.context.stack_limit = u64::MAX;
    }

    /// Whether a function that has just been called, and found no room because of [`Self::arm`], has room for a frame of so many slots.
    pub(crate) fn has_room(&self, slots: u32) -> bool {
        let top = self.context.fiber_stack + 8 * (SAVED as u64 + 1);
        top.saturating_sub(8 * u64::from(slots.saturating_sub(1))) >= self.context.room_limit
    }

    /// Lets calls find the room that there is; whether they did not before.
    pub(crate) fn disarm(&mut self) -> bool {
        let limit = self.context.room_limit;
        core::mem::replace(&mut self.context.stack_limit, limit) != limit
    }

    /// Runs until an exit, and gives the address where it goes on. `code` holds every function that it can reach.
    pub(crate) fn go(&mut self, _code: &[Code]) -> u64 {
        // SAFETY: 1. `start` or an exit made the fiber's stack; 2. the stack is ours alone, does not move and is long enough: calls compare
        // with the limit, and below it is the margin; 3. code keeps the host's registers by `enter` and `leave`.
        unsafe { enter(&raw mut *self.context) };
        self.saved().1.first().copied().unwrap_or_default()
    }

    fn position(&self) -> usize {
        let offset = self.context.fiber_stack.wrapping_sub(self.stack.as_ptr() as u64) as usize / 8;
        offset.min(self.stack.len() - SAVED)
    }

    /// What the exit saved, and what lies above: where it goes on, then the frame of the function.
    pub(crate) fn saved(&self) -> (&[u64], &[u64]) {
        self.stack[self.position()..].split_at(SAVED)
    }

    /// The same, to be changed.
    pub(crate) fn saved_mut(&mut self) -> (&mut [u64], &mut [u64]) {
        let position = self.position();
        self.stack[position..].split_at_mut(SAVED)
    }
}

/// So many zeros, which the allocator may have without writing them.
fn zeros(len: usize) -> Option<Vec<u64>> {
    let layout = Layout::array::<u64>(len).ok().filter(|layout| layout.size() > 0)?;
    // SAFETY: 1. The layout's size is not zero.
    let start = NonNull::new(unsafe { alloc::alloc::alloc_zeroed(layout) })?;
    // SAFETY: 1. It was allocated by the global allocator, with the layout of so many slots; 2. all of them are zero, which is a `u64`.
    Some(unsafe { Vec::from_raw_parts(start.cast().as_ptr(), len, len) })
}

/// Where machine code leaves its fiber: what handles a fault of it lets it go on there (see
/// [`CodeMemory`](super::memory::CodeMemory)).
#[must_use]
pub fn exit() -> u64 {
    leave as *const () as u64
}

/// Goes to the fiber.
///
/// # Safety
/// The context's stack must end in what `leave` pushes.
#[unsafe(naked)]
unsafe extern "sysv64" fn enter(context: *mut Context) {
    core::arch::naked_asm!(
        "push rbx", "push rbp", "push r12", "push r13", "push r14", "push r15",
        "mov [rdi + {host}], rsp",
        "mov r15, rdi",
        "mov rsp, [rdi + {fiber}]",
        "mov r13, [rdi + {fuel}]",
        "mov r14, [rdi + {memory}]",
        "movsd xmm0, [rsp + 96]", "movsd xmm1, [rsp + 104]", "movsd xmm2, [rsp + 112]", "movsd xmm3, [rsp + 120]",
        "movsd xmm4, [rsp + 128]", "movsd xmm5, [rsp + 136]", "movsd xmm6, [rsp + 144]", "movsd xmm7, [rsp + 152]",
        "movsd xmm8, [rsp + 160]", "movsd xmm9, [rsp + 168]", "movsd xmm10, [rsp + 176]", "movsd xmm11, [rsp + 184]",
        "movsd xmm12, [rsp + 192]", "movsd xmm13, [rsp + 200]", "movsd xmm14, [rsp + 208]", "movsd xmm15, [rsp + 216]",
        "pop r12", "pop r11", "pop r10", "pop r9", "pop r8", "pop rdi", "pop rsi", "pop rbp", "pop rbx", "pop rdx", "pop rcx", "pop rax",
        "lea rsp, [rsp + 128]",
        "ret",
        host = const offset_of!(Context, host_stack),
        fiber = const offset_of!(Context, fiber_stack),
        fuel = const offset_of!(Context, fuel),
        memory = const offset_of!(Context, memory),
    );
}

/// Called by machine code: back to the host.
#[unsafe(naked)]
unsafe extern "sysv64" fn leave() {
    core::arch::naked_asm!(
        "lea rsp, [rsp - 128]",
        "push rax", "push rcx", "push rdx", "push rbx", "push rbp", "push rsi", "push rdi", "push r8", "push r9", "push r10", "push r11", "push r12",
        "movsd [rsp + 96], xmm0", "movsd [rsp + 104], xmm1", "movsd [rsp + 112], xmm2", "movsd [rsp + 120], xmm3",
        "movsd [rsp + 128], xmm4", "movsd [rsp + 136], xmm5", "movsd [rsp + 144], xmm6", "movsd [rsp + 152], xmm7",
        "movsd [rsp + 160], xmm8", "movsd [rsp + 168], xmm9", "movsd [rsp + 176], xmm10", "movsd [rsp + 184], xmm11",
        "movsd [rsp + 192], xmm12", "movsd [rsp + 200], xmm13", "movsd [rsp + 208], xmm14", "movsd [rsp + 216], xmm15",
        "mov [r15 + {fiber}], rsp",
        "mov [r15 + {fuel}], r13",
        "mov rsp, [r15 + {host}]",
        "pop r15", "pop r14", "pop r13", "pop r12", "pop rbp", "pop rbx",
        "ret",
        host = const offset_of!(Context, host_stack),
        fiber = const offset_of!(Context, fiber_stack),
        fuel = const offset_of!(Context, fuel),
    );
}
