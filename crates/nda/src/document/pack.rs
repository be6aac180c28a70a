//! From a module to a document.

use super::code;
use super::error::Section;
use super::layout::{
    HEADER, IMPORTED, MAGIC, MUTABLE, NARROW_SIGNATURE, PROGRAM_BYTES, ROOT, SECTIONS, VERSION, reseal,
};
use crate::graph::{Def, Fact, Facts, Graph, Predicate};
use crate::identity::hash::Analysis;
use crate::identity::{Definition, Form, Identities, Reader, analyse, exported};
use crate::module::{Cell, DataShape, FunctionKind, Module, TextId};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// Writes a module as a document. The same module gives the same bytes. Places in the source text are left out.
#[must_use]
pub fn pack(module: &Module) -> Vec<u8> {
    let mut analysis = analyse(module);
    let root = analysis.root(module);
    let identities = Identities::from_parts(&analysis, root);
    let numbering = identities.numbering();
    let mut out = Pack::new(module, analysis);
    out.program();
    for (number, item) in numbering.iter().enumerate() {
        out.definition(number, item);
    }
    for export in &module.exports {
        let name = out.text(module.text(export.name));
        let item = exported(export.item);
        out.number(Section::ExportNames, name);
        out.number(Section::ExportItems, numbering.number(item).unwrap_or(u32::MAX));
    }
    out.facts(&identities);
    out.finish(root)
}

/// What a section holds.
enum Content {
    Bytes(Vec<u8>),
    Numbers(Vec<u32>),
}

struct Pack<'m> {
    module: &'m Module,
    analysis: Analysis<'m>,
    sections: [Content; SECTIONS],
    /// Each text once, by number.
    texts: BTreeMap<String, u32>,
    /// Numbers of the signatures that are not wide: types of parameters and results.
    signatures: BTreeMap<(Vec<u8>, Vec<u8>), u32>,
    signature_count: u32,
}

impl<'m> Pack<'m> {
    fn new(module: &'m Module, analysis: Analysis<'m>) -> Self {
        use Section::{Facts, Forms, GlobalTypes, Hashes, Kinds, Program, Shapes, Text, Types};
        let sections = Section::ALL.map(|section| match section {
            Program | Hashes | Kinds | GlobalTypes | Shapes | Types | Forms | Facts | Text => {
                Content::Bytes(Vec::new())
            }
            _ => Content::Numbers(Vec::new()),
        });
        Self { module, analysis, sections, texts: BTreeMap::new(), signatures: BTreeMap::new(), signature_count: 0 }
    }

    fn number(&mut self, section: Section, number: u32) {
        if let Content::Numbers(numbers) = &mut self.sections[section as usize] {
            numbers.push(number);
        }
    }

    fn bytes(&mut self, section: Section, bytes: &[u8]) {
        if let Content::Bytes(all) = &mut self.sections[section as usize] {
            all.extend_from_slice(bytes);
        }
    }

    /// Notes that what `section` has so far is a piece of it. A document of more than 32 bits cannot be opened.
    fn end(&mut self, ends: Section, section: Section) {
        let end = match &self.sections[section as usize] {
            Content::Bytes(bytes) => bytes.len(),
            Content::Numbers(numbers) => numbers.len(),
        };
        self.number(ends, end as u32);
    }

    /// The number of a text.
    fn text(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.texts.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.texts.insert(text.into(), number);
        self.bytes(Section::Text, text.as_bytes());
        self.end(Section::TextEnds, Section::Text);
        number
    }

    /// The number of a signature; a wide one has a new number each time.
    fn signature(&mut self, parameters: &[u8], results: &[u8]) -> u32 {
        let key = (parameters.to_vec(), results.to_vec());
        if let Some(&number) = self.signatures.get(&key) {
            return number;
        }
        let number = self.signature_count;
        self.signature_count += 1;
        if parameters.len() + results.len() <= NARROW_SIGNATURE {
            self.signatures.insert(key, number);
        }
        for types in [parameters, results] {
            self.bytes(Section::Types, types);
            self.end(Section::SignatureEnds, Section::Types);
        }
        number
    }

    fn program(&mut self) {
        let module = self.module;
        let start = module.start.map_or(0, |start| start.0 + 1);
        let numbers = module.counts().into_iter().chain([start, 0]);
        let program: Vec<u8> = numbers.flat_map(u32::to_le_bytes).collect();
        debug_assert_eq!(program.len(), PROGRAM_BYTES, "the layout says so");
        self.bytes(Section::Program, &program);
    }

    fn definition(&mut self, number: usize, item: Definition) {
        let module = self.module;
        let part = self.analysis.encoded.parts[number];
        let hash = self.analysis.hashes[number];
        let imported = if self.analysis.encoded.import(&part).is_some() { IMPORTED } else { 0 };
        let kind = self.analysis.encoded.head(&part)[0][0];
        self.bytes(Section::Hashes, &hash.0);
        self.bytes(Section::Kinds, &[kind | imported]);
        let meta = item.meta(module).copied().unwrap_or_default();
        for (section, id) in [(Section::Names, meta.name), (Section::Docs, meta.doc)] {
            let number = id.map_or(0, |id| self.text(module.text(id)) + 1);
            self.number(section, number);
        }
        self.form(number, item, imported != 0);
        for at in part.references.range() {
            let target = self.analysis.encoded.references[at].target;
            self.number(Section::References, target);
        }
        self.end(Section::ReferenceEnds, Section::References);
        match item {
            Definition::Function(_) => self.locals(item),
            Definition::Global(id) => {
                let global = &module.globals[id];
                self.bytes(Section::GlobalTypes, &[global.ty as u8 | if global.mutable { MUTABLE } else { 0 }]);
            }
            Definition::Data(id) => {
                let (shape, elements) = shape(module.data[id].shape);
                self.bytes(Section::Shapes, &[shape]);
                self.number(Section::Elements, elements);
            }
            _ => {}
        }
    }

    /// The signatures of a definition that are not its own, then its body.
    fn form(&mut self, number: usize, item: Definition, imported: bool) {
        let encoded = &self.analysis.encoded;
        let part = &encoded.parts[number];
        let (head, body) = (encoded.head(part).as_flattened().to_vec(), encoded.body(part).as_flattened().to_vec());
        let signatures = Form::read(&mut Reader::new(&head, 0)).map_or(Vec::new(), |form| form.signatures);
        let numbers = signatures.into_iter().map(|(parameters, results)| self.signature(parameters, results));
        let numbers: Vec<u32> = numbers.collect();
        let mut others = &numbers[..];
        if let (Definition::Function(_), [own, rest @ ..]) = (item, &numbers[..]) {
            self.number(Section::FunctionTypes, *own);
            others = rest;
        }
        if !imported {
            let mut form = Vec::new();
            code::put(others.len() as u64, &mut form);
            others.iter().for_each(|&number| code::put(number.into(), &mut form));
            match item {
                Definition::Function(id) if matches!(self.module.functions[id].kind, FunctionKind::Defined(_)) => {
                    code::shorten(&body, &mut form);
                }
                _ => form.extend_from_slice(&body),
            }
            self.bytes(Section::Forms, &form);
        }
        self.end(Section::FormEnds, Section::Forms);
    }

    /// Names of a function's locals.
    fn locals(&mut self, item: Definition) {
        let module = self.module;
        if let Definition::Function(id) = item
            && let FunctionKind::Defined(body) = module.functions[id].kind
        {
            for &name in module.pool.words(body.names) {
                let number = self.text(module.text(TextId(name)));
                self.number(Section::Locals, number);
            }
        }
        self.end(Section::LocalEnds, Section::Locals);
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
        let mut bytes = Vec::new();
        Facts::new(facts).write(&mut bytes);
        self.bytes(Section::Facts, &bytes);
    }

    fn finish(self, root: ContentHash) -> Vec<u8> {
        let (mut table, mut rest) = (Vec::new(), Vec::new());
        for section in self.sections {
            let (bytes, width) = match section {
                Content::Bytes(bytes) => (bytes, 1),
                Content::Numbers(numbers) => narrow(&numbers),
            };
            table.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            table.extend_from_slice(&(width as u32).to_le_bytes());
            rest.extend_from_slice(&bytes);
            rest.resize(rest.len().next_multiple_of(8), 0);
        }
        let mut bytes = Vec::with_capacity(HEADER + rest.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(SECTIONS as u16).to_le_bytes());
        bytes.extend_from_slice(&((HEADER + rest.len()) as u64).to_le_bytes());
        bytes.resize(ROOT.start, 0);
        bytes.extend_from_slice(&root.0);
        bytes.extend_from_slice(&table);
        bytes.extend_from_slice(&rest);
        reseal(&mut bytes);
        bytes
    }
}

/// Numbers in as few bytes each as the largest needs, and how many that are.
fn narrow(numbers: &[u32]) -> (Vec<u8>, usize) {
    let width = match numbers.iter().copied().max().unwrap_or(0) {
        0..=0xFF => 1,
        0x100..=0xFFFF => 2,
        0x1_0000..=0xFF_FFFF => 3,
        _ => 4,
    };
    (numbers.iter().flat_map(|number| number.to_le_bytes().into_iter().take(width)).collect(), width)
}

/// A shape as it stands in a document: what it is, above the cell; and how many elements.
const fn shape(shape: DataShape) -> (u8, u32) {
    match shape {
        DataShape::Text => (1 << 4, 0),
        DataShape::Array(cell, count) => (2 << 4 | cell as u8, count),
        DataShape::One(cell) => (3 << 4 | cell as u8, 0),
    }
}

/// A shape from a document.
pub(super) fn shape_of(shape: u8, count: u32) -> Option<DataShape> {
    use Cell::{F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
    let cells = [I8, I16, I32, I64, U8, U16, U32, U64, F32, F64];
    let cell = *cells.get(usize::from(shape & 15))?;
    match shape >> 4 {
        1 => Some(DataShape::Text),
        2 => Some(DataShape::Array(cell, count)),
        3 => Some(DataShape::One(cell)),
        _ => None,
    }
}
