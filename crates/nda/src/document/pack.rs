//! From a module to a document.

use super::layout::{
    DEFINITION_BYTES, HEADER, MAGIC, PROGRAM_BYTES, ROOT, SEAL, SECTIONS, TABLE, VERSION, field, seal,
};
use crate::graph::{Def, Fact, Facts, Graph, Predicate};
use crate::identity::hash::Analysis;
use crate::identity::{Definition, Identities, analyse, exported};
use crate::module::{Cell, DataShape, FunctionKind, Module, TextId};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// Writes a module as a document. The same module gives the same bytes. Places in the source text are left out.
#[must_use]
pub fn pack(module: &Module) -> Vec<u8> {
    let mut analysis = analyse(module);
    let root = analysis.root(module);
    let identities = Identities::from_parts(&analysis, root);
    let numbering = identities.numbering();
    let mut out = Pack { module, analysis, sections: Default::default(), texts: BTreeMap::new() };
    out.program();
    for (number, item) in numbering.iter().enumerate() {
        out.definition(number, item);
    }
    for export in &module.exports {
        let name = out.text(module.text(export.name));
        let item = exported(export.item);
        out.number(EXPORTS, name);
        out.number(EXPORTS, numbering.number(item).unwrap_or(u32::MAX));
    }
    out.facts(&identities);
    out.finish(root)
}

const PROGRAM: usize = 0;
const DEFINITIONS: usize = 1;
const REFERENCES: usize = 2;
const FORMS: usize = 3;
const FACTS: usize = 4;
const NAMES: usize = 5;
const EXPORTS: usize = 6;
const TEXT_ENDS: usize = 7;
const TEXT: usize = 8;

struct Pack<'m> {
    module: &'m Module,
    analysis: Analysis,
    sections: [Vec<u8>; SECTIONS],
    /// Each text once, by number.
    texts: BTreeMap<alloc::string::String, u32>,
}

impl Pack<'_> {
    fn number(&mut self, section: usize, number: u32) {
        self.sections[section].extend_from_slice(&number.to_le_bytes());
    }

    /// The number of a text.
    fn text(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.texts.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.texts.insert(text.into(), number);
        self.sections[TEXT].extend_from_slice(text.as_bytes());
        self.number(TEXT_ENDS, self.sections[TEXT].len() as u32);
        number
    }

    fn program(&mut self) {
        let module = self.module;
        module.counts().iter().for_each(|&count| self.number(PROGRAM, count));
        self.number(PROGRAM, module.start.map_or(0, |start| start.0 + 1));
        self.number(PROGRAM, 0);
        debug_assert_eq!(self.sections[PROGRAM].len(), PROGRAM_BYTES, "the layout says so");
    }

    fn definition(&mut self, number: usize, item: Definition) {
        let module = self.module;
        let part = self.analysis.encoded.parts[number].clone();
        let mut record = [0; DEFINITION_BYTES];
        let mut put = |at: usize, bytes: &[u8]| record[at..at + bytes.len()].copy_from_slice(bytes);
        put(field::HASH.start, &self.analysis.hashes[number].0);
        put(field::KIND, &self.analysis.encoded.heads[part.head.start..=part.head.start]);
        put(field::FLAGS, &[if part.import.is_some() { field::IMPORTED } else { 0 }]);
        if let Definition::Data(id) = item {
            let (shape, cell, count) = shape(module.data[id].shape);
            put(field::SHAPE, &[shape, cell]);
            put(field::COUNT, &count.to_le_bytes());
        }
        let start = |section: usize, size: usize| (self.sections[section].len() / size) as u32;
        put(field::REFERENCES, &start(REFERENCES, 4).to_le_bytes());
        put(field::REFERENCE_COUNT, &(part.references.len() as u32).to_le_bytes());
        put(field::NAMES, &start(NAMES, 4).to_le_bytes());
        put(field::FORM, &(self.sections[FORMS].len() as u64).to_le_bytes());
        put(field::HEAD_LEN, &(part.head.len() as u64).to_le_bytes());
        put(field::BODY_LEN, &(part.body.len() as u64).to_le_bytes());
        put(field::ORDINAL, &self.analysis.ordinals[number].to_le_bytes());
        let meta = item.meta(module).copied().unwrap_or_default();
        let texts = [(field::NAME, meta.name), (field::DOC, meta.doc)];
        for (at, id) in texts {
            let number = id.map_or(0, |id| self.text(module.text(id)) + 1);
            record[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        let names = self.names(item);
        record[field::NAME_COUNT..][..4].copy_from_slice(&names.to_le_bytes());
        self.sections[DEFINITIONS].extend_from_slice(&record);
        let encoded = &self.analysis.encoded;
        for reference in &encoded.references[part.references] {
            self.sections[REFERENCES].extend_from_slice(&reference.target.to_le_bytes());
        }
        self.sections[FORMS].extend_from_slice(&encoded.heads[part.head]);
        self.sections[FORMS].extend_from_slice(&encoded.bodies[part.body]);
    }

    /// Names of a function's locals.
    fn names(&mut self, item: Definition) -> u32 {
        let module = self.module;
        let Definition::Function(id) = item else { return 0 };
        let FunctionKind::Defined(body) = module.functions[id].kind else { return 0 };
        let names = module.pool.words(body.names);
        for &name in names {
            let number = self.text(module.text(TextId(name)));
            self.number(NAMES, number);
        }
        names.len() as u32
    }

    /// The facts of the graph, with texts by their numbers here.
    fn facts(&mut self, identities: &Identities) {
        let graph = Graph::of(self.module, identities);
        let mut facts = Vec::new();
        for number in 0..graph.len() as u32 {
            for fact in graph.facts().about(Def(number)) {
                let object = match fact.predicate {
                    Predicate::Named
                    | Predicate::HasType
                    | Predicate::UsesCap
                    | Predicate::Imports
                    | Predicate::Exports => self.text(graph.text(fact.object)),
                    _ => fact.object,
                };
                facts.push(Fact { object, ..fact });
            }
        }
        Facts::new(facts).write(&mut self.sections[FACTS]);
    }

    fn finish(self, root: ContentHash) -> Vec<u8> {
        let mut bytes = alloc::vec![0; HEADER];
        let mut places = Vec::with_capacity(SECTIONS * 16);
        for section in &self.sections {
            places.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            places.extend_from_slice(&(section.len() as u64).to_le_bytes());
            bytes.extend_from_slice(section);
            bytes.resize(bytes.len().next_multiple_of(8), 0);
        }
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
        bytes[6..8].copy_from_slice(&(SECTIONS as u16).to_le_bytes());
        let len = bytes.len() as u64;
        bytes[8..16].copy_from_slice(&len.to_le_bytes());
        bytes[ROOT].copy_from_slice(&root.0);
        bytes[TABLE..HEADER].copy_from_slice(&places);
        let seal = seal(&bytes);
        bytes[SEAL].copy_from_slice(&seal.0);
        bytes
    }
}

/// A shape as it stands in a record.
const fn shape(shape: DataShape) -> (u8, u8, u32) {
    match shape {
        DataShape::Text => (1, 0, 0),
        DataShape::Array(cell, count) => (2, cell as u8, count),
        DataShape::One(cell) => (3, cell as u8, 0),
    }
}

/// A shape from a record.
pub(super) fn shape_of(shape: u8, cell: u8, count: u32) -> Option<DataShape> {
    use Cell::{F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
    let cells = [I8, I16, I32, I64, U8, U16, U32, U64, F32, F64];
    let cell = *cells.get(usize::from(cell))?;
    match shape {
        1 => Some(DataShape::Text),
        2 => Some(DataShape::Array(cell, count)),
        3 => Some(DataShape::One(cell)),
        _ => None,
    }
}
