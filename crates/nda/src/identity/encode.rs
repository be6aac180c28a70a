//! The canonical form of every definition of a module, written in one pass.
//!
//! A definition is head, references, body. The head says what it is, how many signatures and references follow, and
//! holds the signatures; a reference is a word and a hash, which is filled in later, when the hash is known; the body
//! is what the kind needs. There is a reference for every use, in the order of the uses. Signatures are numbered within
//! the definition, in the order in which they are first met. Names, documentation, spans, the shape of data and yields
//! are left out; the bytes of a static of zeros are counted, not written, however the module keeps them.
//!
//! Nothing here panics for a module that was not validated; its bytes just mean nothing.

use super::code::{constant, domain, kind, reference};
use super::definitions::{Definition, Numbering};
use super::encoded::{DOMAIN, Encoded, Part, Reference, Stretch};
use super::nodes::Source;
use crate::module::{
    Body, Constant, Data, DataId, Element, ElementMode, FuncId, FuncTable, Function, FunctionKind, Global, GlobalId,
    GlobalKind, HostItem, Key, Limits, Memory, Module, Placement, SigId, TableId, Type, Word,
};
use alloc::vec::Vec;
use core::ops::Range;
use velocity_base::ContentHash;

impl<'m> Encoded<'m> {
    /// Encodes all definitions of a module.
    pub(crate) fn of(module: &'m Module) -> Self {
        let mut encoder = Encoder::new(module);
        encoder.out.parts.reserve_exact(encoder.out.numbering.len());
        encoder.all();
        encoder.out
    }

    /// Encodes pieces of data of a module, and nothing else: parts are numbered as these are given.
    pub(super) fn of_data(module: &'m Module, data: impl Iterator<Item = DataId>) -> Self {
        let mut encoder = Encoder::new(module);
        for id in data {
            encoder.definition(|encoder| encoder.data(&module.data[id]));
        }
        encoder.out
    }
}

/// A signature of the module.
#[derive(Clone, Default)]
struct Slot {
    /// Its local number in the definition of this stamp.
    stamp: u32,
    number: u32,
    /// Where its own words lie.
    words: Range<usize>,
}

/// What encoding keeps in mind.
pub(super) struct Encoder<'m> {
    pub(super) module: &'m Module,
    pub(super) out: Encoded<'m>,
    signatures: Vec<Slot>,
    signature_words: Vec<Word>,
    local_signatures: u32,
    /// Where the head of the definition begins.
    head: usize,
    stamp: u32,
    /// The placed element segments, grouped by their table.
    placed: Vec<(TableId, u32)>,
    import: Option<ContentHash>,
    object: bool,
    /// The nodes of the definition.
    pub(super) source: Source,
    /// Which closed body probably comes next.
    pub(super) next_closed: usize,
    /// Where the last nodes ended among those that use definitions.
    pub(super) uses_end: usize,
}

impl<'m> Encoder<'m> {
    /// Nothing is encoded yet.
    fn new(module: &'m Module) -> Self {
        let numbering = Numbering::of(module);
        let (parts, references, heads, bodies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let out = Encoded {
            module,
            numbering,
            parts,
            references,
            heads,
            bodies,
            signatures: Vec::new(),
            imports: Vec::new(),
        };
        let mut signature_words = Vec::new();
        let signature = |id| {
            let start = signature_words.len();
            write_signature(module, id, &mut signature_words);
            Slot { words: start..signature_words.len(), ..Slot::default() }
        };
        let signatures = module.signatures.keys().map(signature).collect();
        Self {
            module,
            out,
            signatures,
            signature_words,
            local_signatures: 0,
            head: 0,
            stamp: 0,
            placed: Vec::new(),
            import: None,
            object: false,
            source: Source::default(),
            next_closed: 0,
            uses_end: 0,
        }
    }
}

impl Encoder<'_> {
    fn all(&mut self) {
        let module = self.module;
        self.placed = super::order::placed_elements(module);
        for function in module.functions.as_slice() {
            self.definition(|encoder| encoder.function(function));
        }
        for global in module.globals.as_slice() {
            self.definition(|encoder| encoder.global(global));
        }
        for (id, table) in module.tables.iter() {
            self.definition(|encoder| encoder.table(id, table));
        }
        if let Some(memory) = &module.memory {
            self.definition(|encoder| encoder.memory(memory));
        }
        for data in module.data.as_slice() {
            self.definition(|encoder| encoder.data(data));
        }
        for element in module.elements.as_slice() {
            self.definition(|encoder| encoder.element(element));
        }
    }

    fn definition(&mut self, encode: impl FnOnce(&mut Self)) {
        let starts = (self.out.heads.len(), self.out.references.len(), self.out.bodies.len());
        let signatures = self.out.signatures.len();
        (self.stamp, self.local_signatures, self.import, self.object) = (self.stamp + 1, 0, None, false);
        self.source = Source::default();
        self.head = self.out.heads.len() + DOMAIN;
        self.out.heads.extend_from_slice(domain::DEFINITION.as_chunks().0);
        self.out.heads.extend_from_slice(&[[0; 8]; 2]);
        encode(self);
        self.out.imports.extend(self.import);
        let import = if self.import.is_some() { self.out.imports.len() as u32 } else { 0 };
        let references = self.out.references.len() - starts.1;
        let counts = u64::from(self.local_signatures) | (references as u64) << 32;
        self.out.heads[self.head + 1] = counts.to_le_bytes();
        self.out.parts.push(Part {
            front: Stretch::new(&(starts.0..self.out.heads.len())),
            references: Stretch::new(&(starts.1..self.out.references.len())),
            body: Stretch::new(&(starts.2..self.out.bodies.len())),
            nodes: Stretch::new(&self.source.nodes),
            closed: self.source.closed,
            signatures: signatures as u32,
            import,
            object: self.object,
        });
    }

    /// Sets the first word of the head: kind, type, whether it can be set.
    fn kind(&mut self, kind: u8, ty: Option<Type>, mutable: bool) {
        let word = u64::from(kind) | ty.map_or(0, |ty| ty as u64) << 8 | u64::from(mutable) << 16;
        self.out.heads[self.head] = word.to_le_bytes();
    }

    fn function(&mut self, function: &Function) {
        match function.kind {
            FunctionKind::Import(hash) => {
                self.import = Some(hash);
                self.kind(kind::FUNCTION, None, false);
                self.signature(function.signature);
            }
            FunctionKind::Host(host) => {
                self.kind(kind::HOST_FUNCTION, None, false);
                self.signature(function.signature);
                self.host(host);
            }
            FunctionKind::Defined(body) => {
                self.kind(kind::FUNCTION, None, false);
                self.signature(function.signature);
                self.body(&body);
            }
        }
    }

    fn body(&mut self, body: &Body) {
        let module = self.module;
        let variables = module.pool.words(body.variables);
        self.word(variables.len() as u64);
        for group in variables.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(group).for_each(|(byte, &ty)| *byte = ty as u8);
            self.out.bodies.push(word);
        }
        let nodes = body.first.index()..body.root.index().saturating_add(1);
        self.uses(nodes);
    }

    fn global(&mut self, global: &Global) {
        match global.kind {
            GlobalKind::Import(hash) => {
                self.import = Some(hash);
                self.kind(kind::GLOBAL, Some(global.ty), global.mutable);
            }
            GlobalKind::Host(host) => {
                self.kind(kind::HOST_GLOBAL, Some(global.ty), global.mutable);
                self.host(host);
            }
            GlobalKind::Defined(value) => {
                self.kind(kind::GLOBAL, Some(global.ty), global.mutable);
                self.object = global.mutable;
                self.constant(value);
            }
        }
    }

    fn table(&mut self, id: TableId, table: &FuncTable) {
        self.kind(if table.host.is_some() { kind::HOST_TABLE } else { kind::TABLE }, None, false);
        self.object = table.host.is_none();
        self.limits(table.limits);
        if let Some(host) = table.host {
            self.host(host);
        }
        let start = self.placed.partition_point(|&(table, _)| table < id);
        let end = self.placed.partition_point(|&(table, _)| table <= id);
        self.word((end - start) as u64);
        for at in start..end {
            let element = crate::module::ElementId(self.placed[at].1);
            let ElementMode::At(_, offset) = self.module.elements[element].mode else { continue };
            self.constant(offset);
            self.reference(Definition::Element(element));
        }
    }

    fn memory(&mut self, memory: &Memory) {
        self.kind(if memory.host.is_some() { kind::HOST_MEMORY } else { kind::MEMORY }, None, false);
        self.limits(memory.limits);
        if let Some(host) = memory.host {
            self.host(host);
        }
    }

    fn data(&mut self, data: &Data) {
        match data.placement {
            Placement::Import(hash) => {
                self.import = Some(hash);
                self.kind(kind::STATIC, None, false);
                return;
            }
            Placement::Anywhere(align) => {
                self.kind(kind::STATIC, None, false);
                self.object = true;
                self.word(u64::from(align));
            }
            Placement::Passive => {
                self.kind(kind::PASSIVE_DATA, None, false);
                self.object = true;
            }
            Placement::At(address) => {
                self.kind(kind::PLACED_DATA, None, false);
                self.constant(address);
            }
        }
        let bytes = self.module.bytes_of(data);
        let zeros = matches!(data.placement, Placement::Anywhere(_)) && bytes.iter().all(|&byte| byte == 0);
        let given = if zeros { 0 } else { bytes.len() };
        self.word(data.size());
        self.bytes(&bytes[..given]);
    }

    fn element(&mut self, element: &Element) {
        let passive = element.mode == ElementMode::Passive;
        self.kind(if passive { kind::PASSIVE_ELEMENT } else { kind::PLACED_ELEMENT }, None, false);
        self.object = passive;
        let items = self.module.pool.words(element.items);
        self.word(items.len() as u64);
        for &item in items {
            if let Some(id) = item.checked_sub(1) {
                self.reference(Definition::Function(FuncId(id)));
            }
            self.word(u64::from(item != 0));
        }
    }

    fn limits(&mut self, limits: Limits) {
        self.word(u64::from(limits.min));
        self.word(limits.max.map_or(u64::MAX, u64::from));
    }

    fn constant(&mut self, value: Constant) {
        let (tag, ty, bits) = match value {
            Constant::Value(value) => (constant::VALUE, value.ty() as u64, value.bits()),
            Constant::Global(id) => {
                self.reference(Definition::Global(id));
                (constant::GLOBAL, 0, 0)
            }
            Constant::Address(id) => {
                self.reference(Definition::Data(id));
                (constant::ADDRESS, 0, 0)
            }
        };
        self.word(u64::from(tag) | ty << 8);
        self.word(bits);
    }

    fn host(&mut self, host: HostItem) {
        let module = self.module;
        self.bytes(module.text(host.module).as_bytes());
        self.bytes(module.text(host.item).as_bytes());
    }

    /// Bytes behind their number, filled up to a whole word.
    fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks();
        self.out.bodies.extend_from_slice(words);
        if !rest.is_empty() {
            self.out.bodies.push(filled(rest));
        }
    }

    fn word(&mut self, word: u64) {
        self.out.bodies.push(word.to_le_bytes());
    }

    /// The number of a signature within the definition.
    #[inline]
    pub(super) fn signature(&mut self, id: SigId) -> u32 {
        let Some(slot) = self.signatures.get_mut(id.0 as usize) else { return u32::MAX };
        if slot.stamp != self.stamp {
            (slot.stamp, slot.number) = (self.stamp, self.local_signatures);
            self.local_signatures += 1;
            for &word in &self.signature_words[slot.words.clone()] {
                self.out.heads.push(word);
            }
        }
        slot.number
    }

    /// Notes a reference. Every use is one, so that it does not matter whether two uses of equal definitions are uses
    /// of one definition.
    #[inline(always)]
    pub(super) fn reference(&mut self, item: Definition) {
        let Some(target) = self.out.numbering.number(item) else { return };
        let word = self.reference_word(item);
        self.out.references.push(Reference { target, word });
    }

    #[inline(always)]
    fn reference_word(&mut self, definition: Definition) -> u64 {
        let module = self.module;
        match definition {
            Definition::Function(id) => {
                let signature =
                    module.functions.get(id).map_or(u32::MAX, |function| self.signature(function.signature));
                u64::from(reference::FUNCTION) | u64::from(signature) << 32
            }
            Definition::Global(id) => u64::from(reference::GLOBAL) | global_type(module, id),
            Definition::Table(_) => u64::from(reference::TABLE),
            Definition::Data(_) | Definition::Memory => u64::from(reference::DATA),
            Definition::Element(_) => u64::from(reference::ELEMENT),
        }
    }
}

/// Type and mutability of a global as they stand in a reference's word.
fn global_type(module: &Module, id: GlobalId) -> u64 {
    module.globals.get(id).map_or(0, |global| (global.ty as u64) << 16 | u64::from(global.mutable) << 24)
}

/// Counts of parameters and results, then their types, filled up to a whole word.
fn write_signature(module: &Module, id: SigId, out: &mut Vec<Word>) {
    let signature = module.signatures[id];
    let (parameters, results) = (module.pool.words(signature.parameters), module.pool.words(signature.results));
    let counts = parameters.len() as u64 | (results.len() as u64) << 32;
    out.push(counts.to_le_bytes());
    let (mut word, mut count) = ([0; 8], 0);
    for &ty in parameters.iter().chain(results) {
        word[count % 8] = ty as u8;
        count += 1;
        if count % 8 == 0 {
            out.push(core::mem::take(&mut word));
        }
    }
    if count % 8 != 0 {
        out.push(word);
    }
}

/// Up to 8 bytes as a word.
fn filled(bytes: &[u8]) -> Word {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    word
}
