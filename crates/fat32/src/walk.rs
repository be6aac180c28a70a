//! How a piece of the FAT is followed: the one part of this driver that can be replaced while it runs.
//!
//! Where clusters follow on each other, which is most of a healthy disk, a chain needs no look at single links: it needs to know how long that goes on.

use crate::layout::fat;

/// Most links that are shown at a time.
pub const MAX_LINKS: usize = 64;

/// Says how far clusters follow on each other.
pub trait Walk: Send {
    /// How many of these links, from the first on, lead to the cluster behind their own. They are entries of the FAT, little endian, with four upper bits that
    /// say nothing: of cluster `first` and of those behind it, 1 to [`MAX_LINKS`].
    fn neighbours(&mut self, links: &[[u8; 4]], first: u32) -> u32;

    /// The last answer was wrong: it said more links than there were, or counted one that leads elsewhere. It was not used.
    fn refused(&mut self) {}

    /// Nothing is being asked now.
    fn quiesce(&mut self) {}
}

/// This driver's own way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Original;

impl Walk for Original {
    fn neighbours(&mut self, links: &[[u8; 4]], first: u32) -> u32 {
        neighbours(links, first)
    }
}

/// What is right: see [`Walk::neighbours`].
#[must_use]
pub fn neighbours(links: &[[u8; 4]], first: u32) -> u32 {
    let leads_on = |(link, next): &(&[u8; 4], u32)| value(link) == *next;
    links.iter().zip(first.saturating_add(1)..).take_while(leads_on).count() as u32
}

const fn value(link: &[u8; 4]) -> u32 {
    u32::from_le_bytes(*link) & fat::VALUE
}

/// Clusters of which it is known that each leads to the next.
#[derive(Clone, Copy, Default)]
pub(crate) struct Run {
    first: u32,
    count: u32,
}

impl Run {
    /// Asks how far it goes on from `first`. An answer is checked link by link, which is cheaper than finding it: files are read where it leads. One that is too
    /// low is only slower.
    pub(crate) fn ask(walk: &mut dyn Walk, links: &[[u8; 4]], first: u32) -> Self {
        let links = &links[..links.len().min(MAX_LINKS)];
        let count = walk.neighbours(links, first);
        if links.get(..count as usize).is_some_and(|counted| neighbours(counted, first) == count) {
            return Self { first, count };
        }
        walk.refused();
        Self::default()
    }

    /// Whether it says that a cluster leads to the next one.
    pub(crate) const fn leads_on(self, cluster: u32) -> bool {
        cluster.wrapping_sub(self.first) < self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(values: &[u32]) -> Vec<[u8; 4]> {
        values.iter().map(|value| value.to_le_bytes()).collect()
    }

    #[test]
    fn neighbours_are_counted_up_to_the_first_that_is_none() {
        assert_eq!(neighbours(&links(&[6, 7, 0xF000_0008, 10, 9]), 5), 3);
        assert_eq!(neighbours(&links(&[0x0FFF_FFFF, 7]), 5), 0);
        assert_eq!(neighbours(&links(&[6]), 5), 1);
    }

    /// Always gives the same answer, and counts how often it was refused.
    struct Stubborn(u32, u32);

    impl Walk for Stubborn {
        fn neighbours(&mut self, _: &[[u8; 4]], _: u32) -> u32 {
            self.0
        }

        fn refused(&mut self) {
            self.1 += 1;
        }
    }

    #[test]
    fn a_wrong_answer_is_not_taken() {
        for (answer, refused) in [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1), (65, 1), (u32::MAX, 1)] {
            let mut walk = Stubborn(answer, 0);
            let run = Run::ask(&mut walk, &links(&[6, 7, 99, 9]), 5);
            assert_eq!(walk.1, refused, "{answer}");
            let leads: Vec<bool> = (4..9).map(|cluster| run.leads_on(cluster)).collect();
            let known = if refused == 1 { 0 } else { answer };
            assert_eq!(leads, [false, known > 0, known > 1, false, false], "{answer}");
        }
    }
}
