//! Statics, data, tables and their elements.

use super::{Printer, Written, literal};
use crate::module::{
    Cell, Constant, Data, DataId, DataShape, Element, ElementId, ElementMode, FuncId, FuncTable, List, Placement,
    TableId, Value,
};
use alloc::format;

impl Printer<'_> {
    /// A value known without running code.
    pub(super) fn constant(&mut self, constant: Constant) -> Written {
        match constant {
            Constant::Value(value) => self.out.push(&literal::number(value)),
            Constant::Global(id) => self.out.push(self.names.global(id)),
            Constant::Address(id) => self.out.all(&[self.names.data(id), " as i32"]),
        }
    }

    pub(super) fn data(&mut self, id: DataId, data: &Data) -> Written {
        self.begin(&data.meta, false)?;
        match data.placement {
            Placement::Anywhere(_) => return self.static_text(id, data),
            Placement::Import(hash) => {
                self.import(&hash)?;
                let ty = data.written_type();
                return self.out.all(&["static ", self.names.data(id), ": ", &ty, ";"]);
            }
            Placement::Passive => self.out.all(&["data ", self.names.data(id)])?,
            Placement::At(constant) => {
                self.out.push("data ")?;
                if self.names.is_named_data(id) {
                    self.out.all(&[self.names.data(id), " "])?;
                }
                self.out.push("at ")?;
                self.constant(constant)?;
            }
        }
        let bytes = literal::bytes(self.module.bytes_of(data));
        self.out.all(&[" = ", &bytes, ";"])
    }

    /// `static name: [u8; 4] = "text";`
    fn static_text(&mut self, id: DataId, data: &Data) -> Written {
        self.out.all(&["static ", self.names.data(id), ": ", &data.written_type()])?;
        if data.len > 0 {
            self.out.push(" = ")?;
            self.cells(data)?;
        }
        self.out.push(";")
    }

    fn cells(&mut self, data: &Data) -> Written {
        let bytes = self.module.bytes_of(data);
        match data.shape {
            DataShape::Text | DataShape::Array(Cell::U8, _) => self.out.push(&literal::bytes(bytes)),
            DataShape::One(cell) => self.out.push(&cell_text(cell, bytes)),
            DataShape::Array(cell, _) => {
                for (index, element) in bytes.chunks(cell.bytes() as usize).enumerate() {
                    self.out.all(&[if index == 0 { "[" } else { ", " }, &cell_text(cell, element)])?;
                }
                self.out.push("]")
            }
        }
    }

    pub(super) fn table(&mut self, id: TableId, table: &FuncTable) -> Written {
        self.begin(&table.meta, false)?;
        self.host(table.host)?;
        self.out.all(&["table ", self.names.table(id), ": "])?;
        self.out.push(&format!("{};", table.limits))
    }

    pub(super) fn element(&mut self, id: ElementId, element: &Element) -> Written {
        self.begin(&element.meta, false)?;
        self.out.push("element ")?;
        match element.mode {
            ElementMode::Passive => self.out.push(self.names.element(id))?,
            ElementMode::At(table, constant) => {
                if self.names.is_named_element(id) {
                    self.out.all(&[self.names.element(id), " "])?;
                }
                self.out.all(&["at ", self.names.table(table), "["])?;
                self.constant(constant)?;
                self.out.push("]")?;
            }
        }
        self.out.push(" = ")?;
        self.entries(element.items)?;
        self.out.push(";")
    }

    /// `[f, null]`
    fn entries(&mut self, items: List<u32>) -> Written {
        self.out.push("[")?;
        for (index, item) in self.module.pool.get(items).enumerate() {
            let name = item.checked_sub(1).map_or("null", |key| self.names.function(FuncId(key)));
            self.out.all(&[if index == 0 { "" } else { ", " }, name])?;
        }
        self.out.push("]")
    }
}

/// An element of a static.
fn cell_text(cell: Cell, bytes: &[u8]) -> alloc::string::String {
    let mut word = [0; 8];
    let count = bytes.len().min(8);
    word[..count].copy_from_slice(&bytes[..count]);
    let word = u64::from_le_bytes(word);
    match cell {
        Cell::I8 => format!("{}", word as u8 as i8),
        Cell::I16 => format!("{}", word as u16 as i16),
        Cell::I32 => format!("{}", word as u32 as i32),
        Cell::I64 => format!("{}", word as i64),
        Cell::U8 | Cell::U16 | Cell::U32 | Cell::U64 => format!("{word}"),
        Cell::F32 => literal::number(Value::F32(word as u32)),
        Cell::F64 => literal::number(Value::F64(word)),
    }
}
