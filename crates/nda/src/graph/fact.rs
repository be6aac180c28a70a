//! One fact: who, how, what; and its two packed forms, each a `u64` that sorts as its lookup needs.
//!
//! By subject: subject (28 bits), predicate (4), object (32), so that everything about one definition is a range. By
//! object: predicate (4), object (32), subject (28), so that everything that relates to one thing in one way is a range.
//! Predicate and object without each other are never asked for, which is why two of the three rotations are enough:
//! everything that has an object in any role is one lookup for each of the few predicates.

/// A definition of a graph by its dense number. It stays the same when the definition is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Def(pub u32);

impl Def {
    /// How many definitions a graph may have.
    pub const MAX: u32 = (1 << 28) - 1;

    /// As a position.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a definition relates to something. What the object is follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Predicate {
    /// What sort of definition it is: a [`DefKind`](super::DefKind).
    Defines = 0,
    /// Its name: a text.
    Named = 1,
    /// Its type, written out: a text.
    HasType = 2,
    /// A function that it calls directly.
    Calls = 3,
    /// A global, piece of data, table, element segment or memory that it reads, sets or names; of a table the segments that
    /// fill it, of a segment the functions in it.
    Uses = 4,
    /// The table or memory into which it is put when the program starts.
    Fills = 5,
    /// A capability that it uses itself: a text.
    UsesCap = 6,
    /// It is not defined here: the text `module::item` of the host, or the hash in hexadecimal digits.
    Imports = 7,
    /// How many nodes its body has, or bytes its data.
    Cost = 8,
    /// A name under which it is exported: a text.
    Exports = 9,
    /// A definition that it has replaced: a number for [`Graph::past`](super::Graph::past).
    DerivedFrom = 10,
}

impl Predicate {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Defines,
        Self::Named,
        Self::HasType,
        Self::Calls,
        Self::Uses,
        Self::Fills,
        Self::UsesCap,
        Self::Imports,
        Self::Cost,
        Self::Exports,
        Self::DerivedFrom,
    ];

    /// The predicates whose object is a definition of the same graph.
    pub const BETWEEN_DEFINITIONS: [Self; 3] = [Self::Calls, Self::Uses, Self::Fills];

    /// The predicate of this number.
    #[must_use]
    pub fn of_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// As NDA.md writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Defines => "DEFINES",
            Self::Named => "NAMED",
            Self::HasType => "HAS_TYPE",
            Self::Calls => "CALLS",
            Self::Uses => "USES",
            Self::Fills => "FILLS",
            Self::UsesCap => "USES_CAP",
            Self::Imports => "IMPORTS",
            Self::Cost => "COST",
            Self::Exports => "EXPORTS",
            Self::DerivedFrom => "DERIVED_FROM",
        }
    }
}

/// A subject, a predicate and an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    /// Whom it is about.
    pub subject: Def,
    /// How.
    pub predicate: Predicate,
    /// What: see the predicate.
    pub object: u32,
}

impl Fact {
    /// A fact.
    #[must_use]
    pub const fn new(subject: Def, predicate: Predicate, object: u32) -> Self {
        Self { subject, predicate, object }
    }

    /// Packed for lookup by subject.
    #[must_use]
    pub const fn by_subject(self) -> u64 {
        subject_key(self.subject, self.predicate as u8, self.object)
    }

    /// Packed for lookup by object.
    #[must_use]
    pub const fn by_object(self) -> u64 {
        object_key(self.predicate as u8, self.object, self.subject)
    }

    /// Read from the form for lookup by subject; `None` for an unknown predicate.
    #[must_use]
    pub fn from_subject_key(key: u64) -> Option<Self> {
        let predicate = Predicate::of_code((key >> 32) as u8 & 15)?;
        Some(Self::new(Def((key >> 36) as u32), predicate, key as u32))
    }

    /// Read from the form for lookup by object; `None` for an unknown predicate.
    #[must_use]
    pub fn from_object_key(key: u64) -> Option<Self> {
        let predicate = Predicate::of_code((key >> 60) as u8)?;
        Some(Self::new(Def(key as u32 & Def::MAX), predicate, (key >> 28) as u32))
    }
}

/// The key by subject of these parts. A predicate of 16 stands behind all of this subject.
pub(super) const fn subject_key(subject: Def, predicate: u8, object: u32) -> u64 {
    ((subject.0 as u64) << 36).saturating_add((predicate as u64) << 32) + object as u64
}

/// The key by object of these parts.
const fn object_key(predicate: u8, object: u32, subject: Def) -> u64 {
    ((predicate as u64) << 60) | ((object as u64) << 28) | (subject.0 & Def::MAX) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_lead_back() {
        for (code, predicate) in Predicate::ALL.into_iter().enumerate() {
            assert_eq!((Predicate::of_code(code as u8), predicate as usize), (Some(predicate), code));
            for (subject, object) in [(0, 0), (Def::MAX, u32::MAX), (77, 1 << 28)] {
                let fact = Fact::new(Def(subject), predicate, object);
                assert_eq!(Fact::from_subject_key(fact.by_subject()), Some(fact));
                assert_eq!(Fact::from_object_key(fact.by_object()), Some(fact));
            }
        }
        assert_eq!((Fact::from_subject_key(15 << 32), Fact::from_object_key(15 << 60)), (None, None));
    }

    #[test]
    fn keys_sort_as_lookups_need() {
        let fact = |subject, predicate, object| Fact::new(Def(subject), predicate, object);
        let one = fact(1, Predicate::DerivedFrom, u32::MAX);
        assert!(one.by_subject() < fact(2, Predicate::Defines, 0).by_subject());
        assert!(one.by_subject() < subject_key(Def(1), 16, 0));
        assert_eq!(subject_key(Def(Def::MAX), 16, 0), u64::MAX);
        assert!(subject_key(Def(1), 16, 0) <= fact(2, Predicate::Defines, 0).by_subject());
        assert!(fact(9, Predicate::Calls, 4).by_object() < fact(1, Predicate::Calls, 5).by_object());
    }
}
