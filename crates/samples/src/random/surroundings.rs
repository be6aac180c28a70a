//! Everything but the bodies: signatures, imports between definitions, globals, tables, memory, segments.

use super::{FIRST, FIRST_MUTABLE, GLOBALS, Random, SHAPES};
use velocity_nda::module::{
    Body, Constant, Data, DataId, DataShape, Element, ElementMode, ExportItem, ExprId, FuncId, FuncTable, Function,
    FunctionKind, Global, GlobalId, GlobalKind, HostItem, Limits, List, Memory, Meta, Placement, SigId, TableId, Type,
    Value,
};

/// From `i32` to `i32`.
pub(super) const GIVES: FuncId = FuncId(0);
/// Takes an `i32`.
pub(super) const TAKES: FuncId = FuncId(FIRST + SHAPES.len() as u32);
/// From an `i64` and an `f64` to an `i32` and an `f64`.
pub(super) const BOTH: FuncId = FuncId(TAKES.0 + 1);
/// From `i32` to `i32`, of another instance.
pub(super) const FAR: FuncId = FuncId(TAKES.0 + 2);

pub(crate) const BOTH_PARAMETERS: [Type; 2] = [Type::I64, Type::F64];
pub(crate) const BOTH_RESULTS: [Type; 2] = [Type::I32, Type::F64];

/// How many pieces of data are statics; they come first. The next is passive, and two that are placed follow.
pub(super) const STATICS: usize = 3;

/// Where the host's table begins to be filled: the value of an immutable global.
const FILLED: i32 = 3;

/// Where in a table a function that is defined stands at the start.
pub(super) fn place_of(table: usize, number: usize) -> i32 {
    let function = FIRST as i32 + number as i32;
    match (table, function) {
        (0, _) => function + 1,
        (_, 1) => FILLED + 1,
        _ => FILLED + 1 + function,
    }
}

impl Random<'_> {
    fn host(&mut self, module: &str, item: &str) -> HostItem {
        HostItem { module: self.b.0.add_text(module), item: self.b.0.add_text(item) }
    }

    /// Declares all: what is imported stands between what is defined.
    pub(super) fn surroundings(&mut self) {
        self.functions();
        self.globals();
        self.tables();
        self.memory();
        self.data();
        self.b.export("f", ExportItem::Function(FuncId(FIRST + 1)));
        self.b.export("many", ExportItem::Function(FuncId(FIRST + 2)));
        self.b.export("memory", ExportItem::Memory);
        for number in 0..GLOBALS {
            self.b.export(&number.to_string(), ExportItem::Global(GlobalId(number)));
        }
        self.b.0.start = Some(FuncId(FIRST));
    }

    fn functions(&mut self) {
        let empty = Body { variables: List::EMPTY, names: List::EMPTY, first: ExprId(0), root: ExprId(0) };
        let shapes: Vec<_> = SHAPES.iter().map(|(parameters, results)| self.b.signature(parameters, results)).collect();
        let gives = self.b.signature(&[Type::I32], &[Type::I32]);
        let takes = self.b.signature(&[Type::I32], &[]);
        let both = self.b.signature(&BOTH_PARAMETERS, &BOTH_RESULTS);
        self.import(gives, "host", "gives");
        for signature in shapes {
            let kind = FunctionKind::Defined(empty);
            self.b.0.functions.push(Function { meta: Meta::default(), signature, kind });
        }
        self.import(takes, "host", "takes");
        self.import(both, "host", "both");
        self.import(gives, "far", "f");
    }

    fn import(&mut self, signature: SigId, module: &str, item: &str) {
        let kind = FunctionKind::Host(self.host(module, item));
        self.b.0.functions.push(Function { meta: Meta::default(), signature, kind });
    }

    fn globals(&mut self) {
        let host = GlobalKind::Host(self.host("host", "base"));
        let defined = GlobalKind::Defined;
        let mut add =
            |ty, mutable, kind| _ = self.b.0.globals.push(Global { meta: Meta::default(), ty, mutable, kind });
        add(Type::I32, false, defined(Constant::Value(Value::I32(FILLED))));
        add(Type::I32, false, host);
        add(Type::I32, false, defined(Constant::Global(GlobalId(0))));
        add(Type::I32, false, defined(Constant::Global(GlobalId(1))));
        add(Type::I32, true, defined(Constant::Address(DataId(1))));
        add(Type::I64, true, defined(Constant::Value(Value::I64(-9))));
        add(Type::F32, true, defined(Constant::Value(Value::F32(0x7FA0_0001))));
        add(Type::F64, true, defined(Constant::Value(Value::F64(1 << 52))));
        debug_assert_eq!(self.b.0.globals.len() as u32, FIRST_MUTABLE + 4);
    }

    fn tables(&mut self) {
        let meta = Meta::default();
        let host = self.host("host", "table");
        self.b.0.tables.push(FuncTable { meta, limits: Limits { min: 20, max: None }, host: None });
        self.b.0.tables.push(FuncTable { meta, limits: Limits { min: 10, max: None }, host: Some(host) });
        let full: Vec<u32> = (1..=FAR.0 + 1).collect();
        let holes: Vec<u32> = [0, FIRST + 1, 0].into_iter().chain(FIRST + 2..=TAKES.0).collect();
        let modes = [
            (ElementMode::Passive, &holes),
            (ElementMode::At(TableId(1), Constant::Global(GlobalId(2))), &holes),
            (ElementMode::At(TableId(0), Constant::Value(Value::I32(1))), &full),
        ];
        for (mode, items) in modes {
            let items = self.b.0.pool.push(items);
            self.b.0.elements.push(Element { meta, mode, items });
        }
    }

    /// A memory of its own, or the host's.
    fn memory(&mut self) {
        let host = if self.below(2) == 0 { None } else { Some(self.host("host", "memory")) };
        self.b.0.memory = Some(Memory { meta: Meta::default(), limits: Limits { min: 0, max: Some(3) }, host });
    }

    fn data(&mut self) {
        let placements = [
            (Placement::Anywhere(1), 40, 0),
            (Placement::Anywhere(1), 0, 70_000),
            (Placement::Anywhere(1), 0, 50),
            (Placement::Passive, 100, 0),
            (Placement::At(Constant::Value(Value::I32(1020))), 20, 0),
            (Placement::At(Constant::Global(GlobalId(3))), 30, 0),
        ];
        for (placement, len, zeros) in placements {
            let start = self.b.0.bytes.len() as u32;
            self.b.0.bytes.extend((0..len).map(|at| (at * 7 + start) as u8 | 1));
            let shape = DataShape::Text;
            self.b.0.data.push(Data { meta: Meta::default(), placement, start, len, zeros, shape });
        }
    }
}
