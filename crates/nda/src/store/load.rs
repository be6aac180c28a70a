//! Fetching entries of a store and taking them apart.

use super::{ResolveError, ResolveFault, Store};
use crate::identity::code::{domain, reference};
use crate::identity::hash::part_blob;
use crate::identity::{DecodeError, DecodeFault, Form, Reader};
use crate::module::Type;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// A definition as it came from a store.
pub(super) struct Loaded<'s> {
    pub(super) hash: ContentHash,
    pub(super) form: Form<'s>,
    pub(super) references: Vec<Wanted>,
    pub(super) body: Reader<'s>,
}

/// What a definition refers to.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) hash: ContentHash,
    word: u64,
}

/// Counts what is fetched, and stops when it is too much.
pub(super) struct Loader<'s> {
    pub(super) store: &'s dyn Store,
    pub(super) limits: super::ResolveLimits,
    pub(super) definitions: usize,
    pub(super) bytes: usize,
}

type Fetched<T> = Result<T, ResolveFault>;

fn malformed(offset: usize, fault: DecodeFault) -> ResolveFault {
    ResolveFault::Malformed(DecodeError { offset, fault })
}

impl<'s> Loader<'s> {
    fn fetch(&mut self, hash: ContentHash) -> Fetched<(&'s [u8], &'s [u8])> {
        let bytes = self.store.get(&hash).ok_or(ResolveFault::Missing)?;
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > self.limits.bytes {
            return Err(ResolveFault::TooLarge(self.limits.bytes));
        }
        let found = ContentHash::of(bytes);
        if found != hash {
            return Err(ResolveFault::WrongBytes(found));
        }
        bytes.split_at_checked(16).ok_or(malformed(0, DecodeFault::Domain))
    }

    /// The definition of this hash, and if it is in a cycle, all others of the cycle.
    pub(super) fn load(&mut self, hash: ContentHash) -> Result<Vec<Loaded<'s>>, ResolveError> {
        self.entry(hash).map_err(|fault| ResolveError { hash, fault })
    }

    fn entry(&mut self, hash: ContentHash) -> Fetched<Vec<Loaded<'s>>> {
        let (front, rest) = self.fetch(hash)?;
        if front == domain::DEFINITION {
            return Ok(alloc::vec![self.definition(hash, rest, None)?]);
        }
        if front != domain::PART {
            return Err(malformed(0, DecodeFault::Domain));
        }
        let mut part = Reader::new(rest, 16);
        let cycle = part.take(32).map_err(ResolveFault::Malformed)?;
        let position = part.number().and_then(|position| part.end().map(|()| position));
        let position = position.map_err(ResolveFault::Malformed)?;
        let cycle = ContentHash(cycle.try_into().unwrap_or([0; 32]));
        self.cycle(cycle, position)
    }

    fn cycle(&mut self, hash: ContentHash, wanted: u32) -> Fetched<Vec<Loaded<'s>>> {
        let (front, rest) = self.fetch(hash)?;
        if front != domain::CYCLE {
            return Err(malformed(0, DecodeFault::Domain));
        }
        let mut reader = Reader::new(rest, 16);
        let count = reader.number().map_err(ResolveFault::Malformed)?;
        if count as usize > reader.words_left() {
            return Err(malformed(16, DecodeFault::Truncated));
        }
        if wanted >= count {
            return Err(malformed(16, DecodeFault::Reference));
        }
        let parts: Vec<ContentHash> =
            (0..count).map(|position| ContentHash::of(&part_blob(&hash, position.into()))).collect();
        let mut loaded = Vec::new();
        for &part in &parts {
            let (open, links) = member(&mut reader, &parts).map_err(ResolveFault::Malformed)?;
            let (front, rest) = self.fetch(open)?;
            if front != domain::DEFINITION {
                return Err(malformed(0, DecodeFault::Domain));
            }
            loaded.push(self.definition(part, rest, Some(&links))?);
        }
        reader.end().map_err(ResolveFault::Malformed)?;
        Ok(loaded)
    }

    /// `links` are what the holes of a member of a cycle lead to; those of a definition alone lead to itself.
    fn definition(&mut self, hash: ContentHash, rest: &'s [u8], links: Option<&[ContentHash]>) -> Fetched<Loaded<'s>> {
        self.definitions += 1;
        if self.definitions > self.limits.definitions {
            return Err(ResolveFault::TooMany(self.limits.definitions));
        }
        let (loaded, holes) = read(hash, rest, links).map_err(ResolveFault::Malformed)?;
        if links.is_some_and(|links| links.len() != holes) {
            return Err(malformed(16, DecodeFault::Reference));
        }
        Ok(loaded)
    }
}

/// A member of a cycle: the hash of its open form, and what its holes lead to.
fn member(reader: &mut Reader<'_>, parts: &[ContentHash]) -> Result<(ContentHash, Vec<ContentHash>), DecodeError> {
    let open = ContentHash(reader.take(32)?.try_into().unwrap_or([0; 32]));
    let count = reader.number()? as usize;
    if count > reader.words_left() {
        return reader.fault(DecodeFault::Truncated);
    }
    let mut links = Vec::with_capacity(count);
    for _ in 0..count {
        let position = reader.number()? as usize;
        let Some(&part) = parts.get(position) else { return reader.fault(DecodeFault::Reference) };
        links.push(part);
    }
    Ok((open, links))
}

/// Reads a definition behind its domain; also gives how many holes it has.
fn read<'s>(
    hash: ContentHash,
    rest: &'s [u8],
    links: Option<&[ContentHash]>,
) -> Result<(Loaded<'s>, usize), DecodeError> {
    let mut reader = Reader::new(rest, 16);
    let form = Form::read(&mut reader)?;
    let count = form.references as usize;
    if count > reader.words_left() / reference::WORDS {
        return reader.fault(DecodeFault::Truncated);
    }
    let (mut references, mut holes) = (Vec::with_capacity(count), 0);
    for _ in 0..count {
        let word = reader.word()?;
        let mut to = ContentHash(reader.take(32)?.try_into().unwrap_or([0; 32]));
        if word & reference::IN_CYCLE != 0 {
            let link = links.map_or(Some(&hash), |links| links.get(holes));
            let Some(&link) = link.filter(|_| to.0 == [0; 32]) else {
                return reader.fault(DecodeFault::Reference);
            };
            to = link;
            holes += 1;
        }
        references.push(Wanted { hash: to, word: word & !reference::IN_CYCLE });
    }
    Ok((Loaded { hash, form, references, body: reader }, holes))
}

/// What a reference says about its target.
pub(super) enum Said<'s> {
    Function(&'s [u8], &'s [u8]),
    Global(Type, bool),
    Table,
    Data,
    Element,
}

impl Wanted {
    /// What `form` says about this reference's target; `None` if it says nothing that can be.
    pub(super) fn said<'f>(&self, form: &Form<'f>) -> Option<Said<'f>> {
        let (kind, high) = (self.word as u8, (self.word >> 32) as usize);
        let middle = (self.word >> 8) as u32 & 0xFF_FFFF;
        Some(match (kind, middle, high) {
            (reference::FUNCTION, 0, _) => {
                let &(parameters, results) = form.signatures.get(high)?;
                Said::Function(parameters, results)
            }
            (reference::GLOBAL, _, 0) => Said::Global(Type::of_code((middle >> 8) as u8)?, middle >> 16 != 0),
            (reference::TABLE, 0, 0) => Said::Table,
            (reference::DATA, 0, 0) => Said::Data,
            (reference::ELEMENT, 0, 0) => Said::Element,
            _ => return None,
        })
    }
}
