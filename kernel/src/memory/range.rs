//! Ranges of addresses that memory is put behind, piece by piece.
//!
//! Memory is taken in pieces of [`PIECE`] bytes, so that no large page comes into being and none has to be split. What is given back
//! is unmapped on the core that does it: others must not use these addresses.

use super::PAGE;
use super::account::{self, Bytes};
use super::frames::{self, Extents};
use super::layout::Span;
use super::paging::{self, PagingError};
use spin::Mutex;
use velocity_base::PhysAddr;
use x86_64::structures::paging::PageTableFlags as Flags;

/// Bytes that are taken from the machine at once.
const PIECE: u64 = 64 * 1024;

/// What stays free for the kernel itself, whatever programs ask for, in bytes.
const KERNELS_OWN: u64 = 8 << 20;

/// Free ranges that are remembered.
const EXTENTS: usize = 128;

/// Addresses that nobody has.
pub struct Addresses(Mutex<Extents<EXTENTS>>);

impl Addresses {
    /// All of a span.
    #[must_use]
    pub fn of(span: Span) -> Self {
        let mut free = Extents::new();
        free.add(span.start.as_u64(), span.len());
        Self(Mutex::new(free))
    }

    /// So many bytes of them, rounded up to pages.
    pub fn take(&self, bytes: u64) -> Option<u64> {
        self.0.lock().take(bytes, PAGE, 0)
    }

    /// Gives back what [`Self::take`] gave, with nothing mapped there.
    pub fn give_back(&self, start: u64, bytes: u64) {
        self.0.lock().add(start, bytes.next_multiple_of(PAGE));
    }
}

/// What memory is put there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Machine code, which has no writable address from then on: the direct map's is read-only as long.
    Code,
    /// Linear memory.
    Linear,
}

impl Kind {
    const fn flags(self) -> Flags {
        match self {
            Self::Code => paging::PUBLISHED,
            Self::Linear => paging::LINEAR,
        }
    }

    const fn account(self) -> &'static Bytes {
        match self {
            Self::Code => &account::CODE,
            Self::Linear => &account::LINEAR,
        }
    }
}

/// Puts `bytes` of memory (whole pages) at `at`. `fill` writes each piece of it, given by its place among the bytes, before it can be
/// reached there. `false` if there is not enough memory; nothing is mapped then.
pub fn map((at, bytes): (u64, u64), kind: Kind, mut fill: impl FnMut(u64, *mut u8, usize)) -> bool {
    let mut done = 0;
    while done < bytes {
        let piece = PIECE.min(bytes - done);
        let Some(memory) = frames::take_leaving(piece, KERNELS_OWN) else { break };
        fill(done, paging::window(memory), piece as usize);
        if put(at + done, memory, piece, kind).is_err() {
            (0..piece).step_by(PAGE as usize).for_each(|page| _ = paging::unmap(at + done + page));
            release(memory, piece, kind);
            break;
        }
        kind.account().add(piece);
        done += piece;
    }
    if done < bytes {
        unmap((at, done), kind);
    }
    done == bytes
}

fn put(at: u64, memory: PhysAddr, len: u64, kind: Kind) -> Result<(), PagingError> {
    if kind == Kind::Code {
        paging::protect_direct(memory, len, paging::CONSTANTS)?;
    }
    paging::map(at, memory, len, kind.flags())
}

/// Takes the memory back that lies at `at`.
pub fn unmap((at, bytes): (u64, u64), kind: Kind) {
    for page in (at..at + bytes).step_by(PAGE as usize) {
        if let Some(memory) = paging::unmap(page) {
            release(memory, PAGE, kind);
            kind.account().sub(PAGE);
        }
    }
}

/// Gives memory back which is mapped nowhere else any more. What cannot be written again is lost: its large page was never split, for
/// want of memory.
fn release(memory: PhysAddr, len: u64, kind: Kind) {
    if kind == Kind::Linear || paging::protect_direct(memory, len, paging::DATA).is_ok() {
        frames::give_back(memory, len);
    }
}
