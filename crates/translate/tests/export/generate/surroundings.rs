//! Everything but the bodies: signatures, imports between definitions, globals, tables, memory, segments.

use super::{FIRST, FIRST_MUTABLE, Generator, RESULTS};
use velocity_nda::module::{
    Body, Constant, Data, DataId, DataShape, Element, ElementMode, Export, ExportItem, ExprId, FuncId, FuncTable,
    Function, FunctionKind, Global, GlobalId, GlobalKind, HostItem, Limits, List, Memory, Meta, Placement, SigId,
    Signature, TableId, Type, Value,
};

impl Generator<'_> {
    fn signature(&mut self, parameters: &[Type], results: &[Type]) -> SigId {
        let (parameters, results) = (self.module.pool.push(parameters), self.module.pool.push(results));
        self.module.signatures.push(Signature { parameters, results })
    }

    fn host(&mut self, item: &str) -> HostItem {
        HostItem { module: self.module.add_text("host"), item: self.module.add_text(item) }
    }

    /// Declares all: what is imported stands between what is defined.
    pub(super) fn surroundings(&mut self) {
        let signatures: Vec<_> = RESULTS.iter().map(|results| self.signature(&Type::ALL, results)).collect();
        let (gives, takes) = (self.signature(&[Type::I32], &[Type::I32]), self.signature(&[Type::I32], &[]));
        let meta = Meta::default();
        let (gives_item, takes_item) = (self.host("gives"), self.host("takes"));
        let empty = Body { variables: List::EMPTY, names: List::EMPTY, first: ExprId(0), root: ExprId(0) };
        let kinds = signatures.into_iter().map(|signature| (signature, FunctionKind::Defined(empty)));
        let kinds = [(gives, FunctionKind::Host(gives_item))].into_iter().chain(kinds);
        for (signature, kind) in kinds.chain([(takes, FunctionKind::Host(takes_item))]) {
            self.module.functions.push(Function { meta, signature, kind });
        }
        self.globals();
        self.tables();
        self.memory();
        for (name, item) in [
            ("f", ExportItem::Function(FuncId(FIRST + 1))),
            ("many", ExportItem::Function(FuncId(FIRST + 6))),
            ("memory", ExportItem::Memory),
        ] {
            self.export(name, item);
        }
        for number in 0..FIRST_MUTABLE + 4 {
            self.export(&number.to_string(), ExportItem::Global(GlobalId(number)));
        }
    }

    fn export(&mut self, name: &str, item: ExportItem) {
        let name = self.module.add_text(name);
        self.module.exports.push(Export { name, item });
    }

    fn globals(&mut self) {
        let host = GlobalKind::Host(self.host("base"));
        let defined = GlobalKind::Defined;
        let mut add =
            |ty, mutable, kind| _ = self.module.globals.push(Global { meta: Meta::default(), ty, mutable, kind });
        add(Type::I32, false, defined(Constant::Value(Value::I32(3))));
        add(Type::I32, false, host);
        add(Type::I32, false, defined(Constant::Global(GlobalId(0))));
        add(Type::I32, false, defined(Constant::Global(GlobalId(1))));
        add(Type::I32, true, defined(Constant::Address(DataId(1))));
        add(Type::I64, true, defined(Constant::Value(Value::I64(-9))));
        add(Type::F32, true, defined(Constant::Value(Value::F32(0x7FA0_0001))));
        add(Type::F64, true, defined(Constant::Value(Value::F64(1 << 52))));
    }

    fn tables(&mut self) {
        let meta = Meta::default();
        let host = self.host("table");
        self.module.tables.push(FuncTable { meta, limits: Limits { min: 20, max: None }, host: None });
        self.module.tables.push(FuncTable { meta, limits: Limits { min: 10, max: None }, host: Some(host) });
        let full: Vec<u32> = (1..=RESULTS.len() as u32 + 2).collect();
        let holes = [0, 2, 0, 3, 4, 5, 6, 7, 8];
        let modes = [
            (ElementMode::Passive, &holes[..]),
            (ElementMode::At(TableId(1), Constant::Global(GlobalId(2))), &holes[..7]),
            (ElementMode::At(TableId(0), Constant::Value(Value::I32(1))), &full),
        ];
        for (mode, items) in modes {
            let items = self.module.pool.push(items);
            self.module.elements.push(Element { meta, mode, items });
        }
    }

    fn memory(&mut self) {
        let meta = Meta::default();
        self.module.memory = Some(Memory { meta, limits: Limits { min: 0, max: Some(3) }, host: None });
        let placements = [
            (Placement::Anywhere(1), 40, 0),
            (Placement::Anywhere(1), 0, 70_000),
            (Placement::Passive, 100, 0),
            (Placement::At(Constant::Value(Value::I32(1020))), 20, 0),
            (Placement::At(Constant::Global(GlobalId(3))), 30, 0),
            (Placement::Anywhere(1), 0, 50),
        ];
        for (placement, len, zeros) in placements {
            let start = self.module.bytes.len() as u32;
            self.module.bytes.extend((0..len).map(|at| (at * 7 + start) as u8 | 1));
            self.module.data.push(Data { meta, placement, start, len, zeros, shape: DataShape::Text });
        }
    }
}
