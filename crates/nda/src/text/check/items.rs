//! Items that are no functions: imports and host items, globals; the rest is handed on to `data` and `tables`.

use super::Checker;
use super::ty::Ty;
use crate::module::{
    DataId, ElementId, FuncId, FunctionKind, GlobalId, GlobalKind, HostItem, Placement, TableId, TextId,
};
use crate::span::Span;
use crate::text::ast::{Declared, Item, ItemKind};
use crate::text::lexer::string_bytes;
use velocity_base::ContentHash;

/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

impl Checker<'_> {
    /// Reads every item but the bodies of functions.
    pub(super) fn items(&mut self) {
        let file = self.file;
        // Segments get their keys in the order of the file, those that fill a table in between.
        let mut exports = alloc::collections::BTreeMap::new();
        for (index, item) in file.items.iter().enumerate() {
            if self.diagnostics.is_full() {
                return;
            }
            let key = self.keys[index];
            match &item.kind {
                ItemKind::Import { hash, what } => self.import(key, *hash, what),
                ItemKind::Extern { module, item: host, what } => self.foreign(key, item, [*module, *host], what),
                ItemKind::Global { ty, value, .. } => {
                    let ty = Ty::of(*ty);
                    let constant = self.constant(*value, ty, Some(GlobalId(key)));
                    self.module.globals[GlobalId(key)].kind = GlobalKind::Defined(constant);
                }
                ItemKind::Static { ty, value, .. } => self.static_item(DataId(key), *ty, value),
                ItemKind::Data { at, bytes, .. } => self.data_item(DataId(key), *at, *bytes),
                ItemKind::Memory(sizes) => {
                    let meta = self.meta(item, None);
                    self.memory_item(meta, *sizes, None);
                }
                ItemKind::Table { sizes, .. } => self.table_item(TableId(key), sizes),
                ItemKind::Element { at, items, .. } => self.element_item(ElementId(key), *at, *items),
                ItemKind::Export { name, item } => self.export_item(*name, *item, &mut exports),
                ItemKind::Start { function } => self.start_item(*function),
                ItemKind::Use { .. } | ItemKind::Function { .. } => {}
            }
        }
    }

    /// What is defined elsewhere, by its hash.
    fn import(&mut self, key: u32, text: Span, what: &Declared) {
        let Some(hash) = self.hash(text) else { return };
        match what {
            Declared::Function { .. } => self.module.functions[FuncId(key)].kind = FunctionKind::Import(hash),
            Declared::Global { .. } => self.module.globals[GlobalId(key)].kind = GlobalKind::Import(hash),
            Declared::Static { .. } => self.module.data[DataId(key)].placement = Placement::Import(hash),
            Declared::Table { .. } | Declared::Memory { .. } => {}
        }
    }

    /// The hash in a text of 64 hexadecimal digits.
    fn hash(&mut self, text: Span) -> Option<ContentHash> {
        let inner = text.text(self.source);
        let inner = inner.get(1..inner.len().saturating_sub(1)).unwrap_or("");
        let mut hash = [0; DIGITS / 2];
        let digit = |letter: u8| char::from(letter).to_digit(16);
        for (byte, pair) in hash.iter_mut().zip(inner.as_bytes().chunks(2)) {
            let &[high, low] = pair else { break };
            let (Some(high), Some(low)) = (digit(high), digit(low)) else {
                self.not_a_hash(text, inner);
                return None;
            };
            *byte = (high << 4 | low) as u8;
        }
        if inner.len() != DIGITS {
            self.not_a_hash(text, inner);
            return None;
        }
        Some(ContentHash(hash))
    }

    /// What the host provides, or another module in the same store.
    fn foreign(&mut self, key: u32, item: &Item, host: [Span; 2], what: &Declared) {
        let [Some(module), Some(name)] = host.map(|text| self.text(text)) else { return };
        let host = HostItem { module, item: name };
        match what {
            Declared::Function { .. } => self.module.functions[FuncId(key)].kind = FunctionKind::Host(host),
            Declared::Global { .. } => self.module.globals[GlobalId(key)].kind = GlobalKind::Host(host),
            Declared::Table { sizes, .. } => {
                self.module.tables[TableId(key)].limits = self.limits(*sizes, u64::from(u32::MAX), "entries");
                self.module.tables[TableId(key)].host = Some(host);
            }
            Declared::Memory { sizes } => {
                let meta = self.meta(item, None);
                self.memory_item(meta, *sizes, Some(host));
            }
            Declared::Static { .. } => {}
        }
    }

    /// A text token as a text of the module; reported if its bytes are no characters.
    pub(super) fn text(&mut self, text: Span) -> Option<TextId> {
        let mut bytes = core::mem::take(&mut self.bytes);
        bytes.clear();
        // A wrong escape was reported by the parser.
        let _ = string_bytes(self.source, text, &mut bytes);
        let found = self.kept_text(text, &bytes);
        self.bytes = bytes;
        found
    }

    fn kept_text(&mut self, text: Span, bytes: &[u8]) -> Option<TextId> {
        match str::from_utf8(bytes) {
            Ok(found) => Some(self.module.add_text(found)),
            Err(_) => {
                self.not_a_text(text);
                None
            }
        }
    }
}
