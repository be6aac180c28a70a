//! From a document back to a module.

use super::code;
use super::definition::{DefinitionView, Types};
use super::error::{DocumentError, Section};
use super::layout::{MUTABLE, NARROW_SIGNATURE};
use super::pack::shape_of;
use super::view::View;
use crate::identity::code::kind;
use crate::identity::{Builder, DecodeError, Definition, Form, Identities, Reader};
use crate::module::{Body, Export, ExportItem, ExprId, FunctionKind, List, Meta, Module, Table, TextId, Type};
use crate::span::Span;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Reads the module that a document holds, and compares every hash and the root with what the document says. Places
/// in a source text are not known. The module has not been validated: do so before anything runs it.
///
/// # Errors
/// The first definition that cannot be read or is not what its hash says.
pub fn unpack(view: &View<'_>) -> Result<Module, DocumentError> {
    let mut builder = Builder::default();
    let mut text_ends = Table::default();
    view.text_ends.iter().for_each(|end| {
        text_ends.push(end);
    });
    (builder.module.text_ends, builder.module.text) = (text_ends, view.text.to_string());
    let mut next_wide = 0;
    for definition in view.definitions() {
        check_signatures(&definition, &mut next_wide).map_err(|error| error.at(&definition))?;
    }
    let mut items = Vec::with_capacity(view.len());
    for definition in view.definitions() {
        let item = declare(&mut builder, &definition);
        items.push(item.map_err(|error| error.at(&definition))?);
    }
    let mut body = Vec::new();
    for definition in view.definitions().filter(|definition| !definition.is_imported()) {
        fill(&mut builder, &definition, &items, &mut body).map_err(|error| error.at(&definition))?;
    }
    let mut module = builder.module;
    module.exports = exports(view);
    module.start = view.start();
    let identities = Identities::of(&module);
    let wrong = view.definitions().find(|definition| identities.get(definition.item()) != Some(definition.hash()));
    match wrong {
        Some(definition) => Err(DocumentError::Hash(definition.number().index())),
        None if identities.root != view.root() => Err(DocumentError::Root),
        None => Ok(module),
    }
}

/// Why a definition cannot be read.
enum Fault {
    Form(DecodeError),
    Record,
}

impl Fault {
    const fn at(self, definition: &DefinitionView<'_>) -> DocumentError {
        let index = definition.number().index();
        match self {
            Self::Form(error) => DocumentError::Form(index, error),
            Self::Record => DocumentError::Record(Section::Kinds, index),
        }
    }
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        Self::Form(error)
    }
}

/// What a definition is, with no signature but its own.
fn form<'b>(definition: &DefinitionView<'b>) -> Form<'b> {
    let item = definition.item();
    let global = match item {
        Definition::Global(id) => definition.view.global_types.get(id.0 as usize).copied(),
        _ => None,
    };
    let (Types(parameters), Types(results)) = definition.signature();
    let is_function = matches!(item, Definition::Function(_));
    Form {
        kind: definition.kind(),
        ty: global.and_then(|ty| Type::of_code(ty & !MUTABLE)),
        mutable: global.is_some_and(|ty| ty & MUTABLE != 0),
        ordinal: 0,
        signatures: if is_function { Vec::from([(parameters, results)]) } else { Vec::new() },
        references: definition.references().len() as u32,
    }
}

fn declare(builder: &mut Builder, definition: &DefinitionView<'_>) -> Result<Definition, Fault> {
    let view = &definition.view;
    let text = |number: Option<u32>| number.map(TextId);
    let meta = Meta { name: text(definition.name_number()), doc: text(definition.doc_number()), span: Span::default() };
    let item = builder.declare(&form(definition), definition.hash(), meta);
    let item = item.filter(|&item| item == definition.item()).ok_or(Fault::Record)?;
    let module = &mut builder.module;
    match item {
        Definition::Data(id) => {
            let at = id.0 as usize;
            let shape = view.shapes.get(at).zip(view.elements.get(at));
            let shape = shape.and_then(|(&shape, elements)| shape_of(shape, elements)).ok_or(Fault::Record)?;
            module.data[id].shape = shape;
        }
        Definition::Function(id) if !definition.is_imported() => {
            let names: Vec<TextId> = definition.local_name_numbers().map(TextId).collect();
            let names = module.pool.push(&names);
            let none = ExprId(0);
            let body = Body { variables: List::EMPTY, names, first: none, root: none };
            module.functions[id].kind = FunctionKind::Defined(body);
        }
        _ => {}
    }
    Ok(item)
}

/// The numbers of the signatures in front of a form.
fn other_signatures(reader: &mut Reader<'_>) -> Result<Vec<usize>, DecodeError> {
    let count = code::number(reader)?;
    // Each takes a byte at least, so this ends with the bytes.
    (0..count).map(|_| Ok(code::number(reader)? as usize)).collect()
}

/// Wide signatures are used once each, in their order.
fn check_signatures(definition: &DefinitionView<'_>, next_wide: &mut usize) -> Result<(), Fault> {
    let own = definition.view.function_types.get(definition.number().index()).map(|number| number as usize);
    let form = definition.form();
    let others = if form.is_empty() { Vec::new() } else { other_signatures(&mut Reader::new(form, 0))? };
    for number in own.into_iter().chain(others) {
        let (parameters, results) = definition.view.signature(number);
        if parameters.len() + results.len() > NARROW_SIGNATURE {
            if number < *next_wide {
                return Err(Fault::Record);
            }
            *next_wide = number + 1;
        }
    }
    Ok(())
}

/// Reads what a definition is made of. `body` is room for its canonical form.
fn fill(
    builder: &mut Builder,
    definition: &DefinitionView<'_>,
    items: &[Definition],
    body: &mut Vec<u8>,
) -> Result<(), Fault> {
    let mut form = form(definition);
    let mut reader = Reader::new(definition.form(), 0);
    for number in other_signatures(&mut reader)? {
        let (Types(parameters), Types(results)) = definition.view.signature(number);
        form.signatures.push((parameters, results));
    }
    let targets: Vec<Definition> = definition.references().map(|number| items[number.index()]).collect();
    body.clear();
    if form.kind == kind::FUNCTION {
        code::lengthen(reader, body)?;
        reader = Reader::new(body, 0);
    }
    Ok(builder.fill(definition.item(), &form, &targets, reader)?)
}

fn exports(view: &View<'_>) -> Vec<Export> {
    let export = |(name, (_, item)): (u32, (&str, Definition))| Export {
        name: TextId(name),
        item: match item {
            Definition::Function(id) => ExportItem::Function(id),
            Definition::Global(id) => ExportItem::Global(id),
            Definition::Table(id) => ExportItem::Table(id),
            Definition::Data(_) | Definition::Element(_) | Definition::Memory => ExportItem::Memory,
        },
    };
    view.export_names.iter().zip(view.exports()).map(export).collect()
}
