//! How transfers are cut into commands: the one part of this driver that can be replaced while it runs.
//!
//! Whatever it says, all bytes are transferred; it decides how soon the first ones are there, and how many commands that takes.

/// What is asked before each command of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Bytes that no command has taken yet: whole blocks, at least one.
    pub left_bytes: u64,
    /// Most bytes of a command: whole blocks, at least one.
    pub most_bytes: u32,
    /// Bytes of a block.
    pub block_bytes: u32,
    /// Commands of this transfer that are under way.
    pub under_way: u32,
    /// Most commands under way.
    pub slots: u32,
}

impl Ask {
    /// Whether a command may have so many bytes.
    #[must_use]
    pub const fn allows(&self, bytes: u32) -> bool {
        let whole = bytes != 0 && bytes.is_multiple_of(self.block_bytes);
        whole && bytes <= self.most_bytes && bytes as u64 <= self.left_bytes
    }
}

/// Says how long each command is.
pub trait Submission: Send {
    /// How many bytes the next command takes: such as [`Ask::allows`].
    fn next(&mut self, ask: Ask) -> u32;

    /// The last answer was not allowed. It was not used.
    fn refused(&mut self) {}

    /// Nothing is being asked now.
    fn quiesce(&mut self) {}
}

/// This driver's own way: as long as it may be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Original;

impl Submission for Original {
    fn next(&mut self, ask: Ask) -> u32 {
        u32::try_from(ask.left_bytes).map_or(ask.most_bytes, |left| left.min(ask.most_bytes))
    }
}

/// An answer that is allowed.
pub(crate) fn checked(submission: &mut dyn Submission, ask: Ask) -> u32 {
    let bytes = submission.next(ask);
    if ask.allows(bytes) {
        return bytes;
    }
    submission.refused();
    Original.next(ask)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stubborn(u32, u32);

    impl Submission for Stubborn {
        fn next(&mut self, _: Ask) -> u32 {
            self.0
        }

        fn refused(&mut self) {
            self.1 += 1;
        }
    }

    #[test]
    fn an_answer_that_is_not_allowed_is_not_used() {
        let ask = Ask { left_bytes: 5120, most_bytes: 4096, block_bytes: 512, under_way: 0, slots: 8 };
        assert_eq!((Original.next(ask), Original.next(Ask { left_bytes: 1024, ..ask })), (4096, 1024));
        assert_eq!(Original.next(Ask { left_bytes: 1 << 40, ..ask }), 4096);
        for (answer, used) in [(512, 512), (4096, 4096), (0, 4096), (100, 4096), (4608, 4096), (u32::MAX, 4096)] {
            let mut stubborn = Stubborn(answer, 0);
            assert_eq!((checked(&mut stubborn, ask), stubborn.1), (used, u32::from(used != answer)), "{answer}");
        }
        assert_eq!(checked(&mut Stubborn(2048, 0), Ask { left_bytes: 1024, ..ask }), 1024);
    }
}
