//! What breaks each rule about items: one change to the module of everything.

use super::build::everything;
use crate::module::*;
use crate::validate::{Place, Rule};
use crate::{MAX_LOCALS, MAX_MODULE_ITEMS, MAX_PARAMETERS, MAX_RESULTS};

type Change = fn(&mut Module);

/// A list of these words, read as whatever it is needed for.
fn list<T>(module: &mut Module, words: &[u32]) -> List<T> {
    List::at(module.pool.push(words).position())
}

fn body(module: &mut Module, id: FuncId) -> &mut Body {
    match &mut module.functions[id].kind {
        FunctionKind::Defined(body) => body,
        _ => panic!("function {} has no body", id.0),
    }
}

/// The function `control`, which has a body without calls.
const CONTROL: FuncId = FuncId(4);

fn signature(module: &mut Module, parameters: usize, results: usize) {
    let one = |count| alloc::vec![Type::I32; count];
    let (parameters, results) = (module.pool.push(&one(parameters)), module.pool.push(&one(results)));
    module.signatures.push(Signature { parameters, results });
}

/// A second static, as large as asked for.
fn zeros(module: &mut Module, count: u32) {
    let data = Data { zeros: count, shape: DataShape::Array(Cell::I8, count), ..module.data[DataId(0)] };
    module.data.push(Data { placement: Placement::Anywhere(1), ..data });
}

pub(super) const CHANGES: &[(Rule, Place, Change)] = &[
    (Rule::NodeTables, Place::Module, |m| m.spans.truncate(3)),
    (Rule::TooManyItems, Place::Module, |m| {
        let export = m.exports[0];
        m.exports.resize(MAX_MODULE_ITEMS + 1, export);
    }),
    (Rule::TextRange, Place::Module, |m| m.text.truncate(9)),
    (Rule::TextRange, Place::Module, |m| m.text.insert_str(1, "\u{e9}\u{e9}\u{e9}\u{e9}")),
    (Rule::TextRange, Place::Table(TableId(0)), |m| m.tables[TableId(0)].meta.doc = Some(TextId(999))),
    (Rule::TextRange, Place::Export(1), |m| m.exports[1].name = TextId(999)),
    (Rule::TooManyParameters, Place::Signature(SigId(3)), |m| signature(m, MAX_PARAMETERS + 1, 0)),
    (Rule::TooManyResults, Place::Signature(SigId(3)), |m| signature(m, 0, MAX_RESULTS + 1)),
    (Rule::SignatureTwice, Place::Signature(SigId(3)), |m| signature(m, 1, 1)),
    (Rule::Lists, Place::Signature(SigId(0)), |m| m.signatures[SigId(0)].results = List::at(99_999)),
    (Rule::TypeNumber, Place::Signature(SigId(0)), |m| m.signatures[SigId(0)].parameters = list(m, &[1, 5])),
    (Rule::SignatureKey, Place::Function(FuncId(0)), |m| m.functions[FuncId(0)].signature = SigId(99)),
    (Rule::TooManyLocals, Place::Function(CONTROL), |m| {
        body(m, CONTROL).variables = list(m, &alloc::vec![1; MAX_LOCALS]);
    }),
    (Rule::LocalNames, Place::Function(CONTROL), |m| body(m, CONTROL).names = list(m, &[0, 0])),
    (Rule::SharedLists, Place::Element(ElementId(2)), |m| {
        let many = list(m, &[0; 600]);
        let element = Element { items: many, ..m.elements[ElementId(0)] };
        m.elements[ElementId(0)] = element;
        m.elements.push(element);
        m.elements.push(element);
    }),
    (Rule::BodyRange, Place::Function(CONTROL), |m| body(m, CONTROL).root = ExprId(9999)),
    (Rule::BodyRange, Place::Function(CONTROL), |m| body(m, CONTROL).root = ExprId(0)),
    (Rule::BodyOverlap, Place::Function(FuncId(7)), |m| {
        let again = m.functions[CONTROL];
        m.functions.push(again);
    }),
    (Rule::BodyLoose, Place::Function(FuncId(5)), |m| body(m, FuncId(5)).root.0 -= 1),
    (Rule::FunctionKey, Place::Start, |m| m.start = Some(FuncId(99))),
    (Rule::FunctionKey, Place::Element(ElementId(1)), |m| m.elements[ElementId(1)].items = list(m, &[99])),
    (Rule::GlobalKey, Place::Global(GlobalId(1)), |m| constant(m, Constant::Global(GlobalId(9)))),
    (Rule::ConstantGlobal, Place::Global(GlobalId(1)), |m| constant(m, Constant::Global(GlobalId(2)))),
    (Rule::ConstantGlobal, Place::Data(DataId(1)), |m| {
        m.data[DataId(1)].placement = Placement::At(Constant::Global(GlobalId(1)));
    }),
    (Rule::ConstantType, Place::Global(GlobalId(1)), |m| constant(m, Constant::Value(Value::I64(0)))),
    (Rule::DataKey, Place::Global(GlobalId(1)), |m| constant(m, Constant::Address(DataId(9)))),
    (Rule::NotAStatic, Place::Global(GlobalId(1)), |m| constant(m, Constant::Address(DataId(1)))),
    (Rule::Limits, Place::Table(TableId(0)), |m| m.tables[TableId(0)].limits.max = Some(3)),
    (Rule::MemoryPages, Place::Memory, |m| m.memory.as_mut().unwrap().limits.max = Some(65_537)),
    (Rule::Limits, Place::Memory, |m| m.memory.as_mut().unwrap().limits.max = Some(0)),
    (Rule::NoMemory, Place::Data(DataId(0)), |m| m.memory = None),
    (Rule::DataRange, Place::Data(DataId(2)), |m| m.data[DataId(2)].len = 5),
    (Rule::SharedBytes, Place::Data(DataId(2)), |m| {
        let placement = m.data[DataId(1)].placement;
        m.data[DataId(1)] = Data { placement, start: 0, len: 7, ..m.data[DataId(1)] };
    }),
    (Rule::DataZeros, Place::Data(DataId(2)), |m| (m.data[DataId(2)].zeros, m.data[DataId(2)].len) = (1, 0)),
    (Rule::DataZeros, Place::Data(DataId(0)), |m| m.data[DataId(0)].len = 4),
    (Rule::Alignment, Place::Data(DataId(0)), |m| m.data[DataId(0)].placement = Placement::Anywhere(8)),
    (Rule::DataShape, Place::Data(DataId(0)), |m| m.data[DataId(0)].zeros = 7),
    (Rule::TooMuchData, Place::Module, |m| zeros(m, 9 << 16)),
    (Rule::TableKey, Place::Element(ElementId(1)), |m| {
        m.elements[ElementId(1)].mode = ElementMode::At(TableId(1), Constant::Value(Value::I32(0)));
    }),
    (Rule::ExportTwice, Place::Export(1), |m| m.exports[1].name = m.exports[0].name),
    (Rule::StartSignature, Place::Start, |m| m.start = Some(CONTROL)),
];

fn constant(module: &mut Module, constant: Constant) {
    module.globals[GlobalId(1)].kind = GlobalKind::Defined(constant);
}

#[test]
fn each_change_breaks_its_rule() {
    let judged = |&(rule, place, change): &(Rule, Place, Change)| {
        let mut module = everything();
        change(&mut module);
        let error = crate::validate(&module).expect_err(rule.name());
        ((error.rule, error.place) != (rule, place)).then(|| format!("{} at {place}: {error}", rule.name()))
    };
    let wrong: Vec<String> = CHANGES.iter().filter_map(judged).collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn statics_fill_a_memory_to_the_last_byte() {
    let mut module = everything();
    // 1,024 bytes stay free; the first static has 8 bytes and may move by 3.
    zeros(&mut module, (9 << 16) - 1024 - 11);
    assert_eq!(crate::validate(&module), Ok(()));
    zeros(&mut module, 1);
    assert_eq!(crate::validate(&module).unwrap_err().rule, Rule::TooMuchData);
}
