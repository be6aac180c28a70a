//! Statics, data and the memory: what lies in memory before the program runs.

use super::Checker;
use super::ty::Ty;
use crate::module::{
    Cell, Constant, DataId, DataShape, FIRST_PLACED, Limits, Memory, Meta, PAGE_BYTES, Placement, Value,
};
use crate::span::Span;
use crate::text::ast::{self, DataType, DataValue, Sizes};
use crate::text::lexer::string_bytes;

/// The most pages of 64 KiB that 32-bit addresses reach.
const PAGES: u64 = 1 << 16;

impl Checker<'_> {
    pub(super) fn static_item(&mut self, id: DataId, ty: DataType, value: &DataValue) {
        let start = self.module.bytes.len();
        let Some(cell) = ty.cell else { return };
        match *value {
            DataValue::Zeros => {}
            DataValue::One(value) => self.static_cells(&[value], ty, cell),
            DataValue::Many(list) => {
                let file = self.file;
                if ty.count.is_none() {
                    self.list_for_one(ty.span);
                }
                self.static_cells(file.arguments.get(list), ty, cell);
            }
            DataValue::Text(text) => self.static_text(text, ty, cell),
        }
        self.place_static(id, cell, start);
    }

    fn static_cells(&mut self, values: &[ast::ExprId], ty: DataType, cell: Cell) {
        if values.len() as u64 != ty.count.unwrap_or(1) {
            return self.wrong_cells(ty, values.len() as u64);
        }
        self.module.bytes.reserve(values.len() * cell.bytes() as usize);
        for &value in values {
            if self.diagnostics.is_full() {
                return;
            }
            self.static_cell(value, cell);
        }
    }

    fn static_cell(&mut self, id: ast::ExprId, cell: Cell) {
        let low = match cell {
            Cell::I8 => Some((i128::from(i8::MIN), i128::from(i8::MAX))),
            Cell::I16 => Some((i128::from(i16::MIN), i128::from(i16::MAX))),
            Cell::U8 => Some((0, i128::from(u8::MAX))),
            Cell::U16 => Some((0, i128::from(u16::MAX))),
            _ => None,
        };
        let Some(value) = self.literal(id, Ty::of_cell(cell)) else { return };
        if let (Some((low, high)), Value::I32(number)) = (low, value)
            && !(low..=high).contains(&i128::from(number))
        {
            return self.cell_does_not_fit(self.file.exprs[id].span, cell, low, high);
        }
        self.module.bytes.extend_from_slice(&value.bits().to_le_bytes()[..cell.bytes() as usize]);
    }

    fn static_text(&mut self, text: Span, ty: DataType, cell: Cell) {
        if !matches!(cell, Cell::U8 | Cell::I8) || ty.count.is_none() {
            return self.text_for_numbers(text, ty);
        }
        let start = self.module.bytes.len();
        self.append_text(text);
        let found = (self.module.bytes.len() - start) as u64;
        if ty.count != Some(found) {
            self.wrong_cells(ty, found);
        }
    }

    /// The bytes of a text, which the parser has checked.
    fn append_text(&mut self, text: Span) {
        // A text with a wrong escape was reported; what it gives is never used.
        let _ = string_bytes(self.source, text, &mut self.module.bytes);
    }

    /// Gives a static its bytes from `start` on; one without a value is zeros, which are only counted.
    fn place_static(&mut self, id: DataId, cell: Cell, start: usize) {
        let len = (self.module.bytes.len() - start) as u32;
        let total = match self.module.data[id].shape {
            DataShape::Array(_, count) => count * cell.bytes(),
            _ => cell.bytes(),
        };
        let data = &mut self.module.data[id];
        data.placement = Placement::Anywhere(cell.bytes());
        (data.start, data.len) = (start as u32, len);
        data.zeros = if len == 0 { total } else { 0 };
    }

    pub(super) fn data_item(&mut self, id: DataId, at: Option<ast::ExprId>, bytes: Span) {
        let start = self.module.bytes.len();
        self.append_text(bytes);
        let placement = at.map_or(Placement::Passive, |at| Placement::At(self.place(at)));
        let len = self.module.bytes.len() - start;
        let data = &mut self.module.data[id];
        (data.placement, data.start, data.len) = (placement, start as u32, len as u32);
    }

    pub(super) fn memory_item(&mut self, meta: Meta, sizes: Sizes, host: Option<crate::module::HostItem>) {
        if let Some(earlier) = self.module.memory {
            return self.second_memory(sizes.span, earlier.meta.span);
        }
        let limits = self.limits(sizes, PAGES, "pages of 64 KiB");
        self.module.memory = Some(Memory { meta, limits, host });
    }

    /// A module that uses memory has one, whether the text says how large it is or not. Data that nothing copies
    /// there does not use it.
    pub(super) fn implied_memory(&mut self) {
        let placed = self.module.data.iter().any(|(_, data)| !matches!(data.placement, Placement::Passive));
        if self.module.memory.is_none() && (self.memory_used || placed) {
            let limits = Limits { min: 0, max: None };
            self.module.memory = Some(Memory { meta: Meta::default(), limits, host: None });
        }
    }

    /// All statics together must fit into the memory, behind the data whose place is fixed.
    pub(super) fn check_room(&mut self) {
        let (mut fixed, mut statics, mut last) = (u64::from(FIRST_PLACED), 0_u64, Span::default());
        for (_, data) in self.module.data.iter() {
            match data.placement {
                Placement::Anywhere(align) => {
                    statics += data.size() + u64::from(align - 1);
                    last = data.meta.span;
                }
                Placement::At(Constant::Value(Value::I32(at))) => {
                    fixed = fixed.max(u64::from(at as u32) + u64::from(data.len));
                }
                _ => {}
            }
        }
        let pages = self.module.memory.and_then(|memory| memory.limits.max).map_or(PAGES, u64::from);
        let room = pages * u64::from(PAGE_BYTES);
        if statics > 0 && fixed + statics > room {
            self.no_room(last, fixed + statics, room);
        }
    }

    /// Sizes within `most`; others are reported.
    pub(super) fn limits(&mut self, sizes: Sizes, most: u64, what: &'static str) -> Limits {
        let high = sizes.max.unwrap_or(sizes.min);
        if sizes.min > most || high > most {
            self.size_too_large(sizes.span, most, what);
        } else if high < sizes.min {
            self.sizes_turned_around(sizes);
        }
        let clamp = |size: u64| size.min(most) as u32;
        Limits { min: clamp(sizes.min), max: sizes.max.map(clamp) }
    }
}
