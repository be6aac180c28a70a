//! What agents may hold.

/// What an agent and all below it may hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Budget {
    /// Agents below it, at any depth.
    pub agents: u32,
    /// Pages of 64 KiB: of linear memory, of those below it.
    pub pages: u32,
}

impl Budget {
    /// Takes a part away, if it is there; whether it was.
    pub(crate) fn take(&mut self, part: Self) -> bool {
        let left = self.agents.checked_sub(part.agents).zip(self.pages.checked_sub(part.pages));
        if let Some((agents, pages)) = left {
            *self = Self { agents, pages };
        }
        left.is_some()
    }

    /// Gives a part back that was taken.
    pub(crate) const fn give_back(&mut self, part: Self) {
        self.agents += part.agents;
        self.pages += part.pages;
    }

    /// Half of it.
    #[must_use]
    pub const fn half(self) -> Self {
        Self { agents: self.agents / 2, pages: self.pages / 2 }
    }

    /// This and one more agent with so many pages: what its parent pays for it.
    pub(crate) fn and_one(self, pages: u32) -> Option<Self> {
        Some(Self { agents: self.agents.checked_add(1)?, pages: self.pages.checked_add(pages)? })
    }
}
