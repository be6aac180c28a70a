//! From a document back to a module.

use super::definition::DefinitionView;
use super::error::{DocumentError, Section};
use super::layout::field;
use super::pack::shape_of;
use super::view::View;
use crate::identity::Definition;
use crate::identity::{Builder, Form, Identities, Reader};
use crate::module::{Body, Export, ExportItem, ExprId, FunctionKind, List, Meta, Module, Table, TextId};
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
    for &end in view.text_ends {
        text_ends.push(u32::from_le_bytes(end));
    }
    (builder.module.text_ends, builder.module.text) = (text_ends, view.text.to_string());
    let mut items = Vec::with_capacity(view.len());
    for definition in view.definitions() {
        let item = declare(&mut builder, &definition);
        items.push(item.map_err(|error| error.at(&definition))?);
    }
    for definition in view.definitions().filter(|definition| !definition.is_imported()) {
        fill(&mut builder, &definition, &items).map_err(|error| error.at(&definition))?;
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
    Form(crate::identity::DecodeError),
    Record,
}

impl Fault {
    const fn at(self, definition: &DefinitionView<'_>) -> DocumentError {
        let index = definition.number().index();
        match self {
            Self::Form(error) => DocumentError::Form(index, error),
            Self::Record => DocumentError::Record(Section::Definitions, index),
        }
    }
}

impl From<crate::identity::DecodeError> for Fault {
    fn from(error: crate::identity::DecodeError) -> Self {
        Self::Form(error)
    }
}

fn declare(builder: &mut Builder, definition: &DefinitionView<'_>) -> Result<Definition, Fault> {
    let form = Form::read(&mut Reader::new(definition.head(), 0))?;
    let text = |field: usize| definition.number_at(field).checked_sub(1).map(TextId);
    let meta = Meta { name: text(field::NAME), doc: text(field::DOC), span: Span::default() };
    let item = builder.declare(&form, definition.hash(), meta).filter(|&item| item == definition.item());
    let item = item.ok_or(Fault::Record)?;
    let module = &mut builder.module;
    match item {
        Definition::Data(id) => {
            let (shape, cell) = (definition.record[field::SHAPE], definition.record[field::CELL]);
            let shape = shape_of(shape, cell, definition.number_at(field::COUNT)).ok_or(Fault::Record)?;
            module.data[id].shape = shape;
        }
        Definition::Function(id) if !definition.is_imported() => {
            let view = &definition.view;
            let (start, count) = (definition.number_at(field::NAMES), definition.number_at(field::NAME_COUNT));
            let names = view.names[start as usize..][..count as usize].iter();
            let names: Vec<TextId> = names.map(|&number| TextId(u32::from_le_bytes(number))).collect();
            let names = module.pool.push(&names);
            let none = ExprId(0);
            let body = Body { variables: List::EMPTY, names, first: none, root: none };
            module.functions[id].kind = FunctionKind::Defined(body);
        }
        _ => {}
    }
    Ok(item)
}

fn fill(builder: &mut Builder, definition: &DefinitionView<'_>, items: &[Definition]) -> Result<(), Fault> {
    let form = Form::read(&mut Reader::new(definition.head(), 0))?;
    if form.references as usize != definition.references().len() {
        return Err(Fault::Record);
    }
    let targets: Vec<Definition> = definition.references().map(|number| items[number.index()]).collect();
    let body = Reader::new(definition.body(), definition.head().len());
    Ok(builder.fill(definition.item(), &form, &targets, body)?)
}

fn exports(view: &View<'_>) -> Vec<Export> {
    let export = |(export, (_, item)): (&[u8; 8], (&str, Definition))| Export {
        name: TextId(velocity_base::le::u32_at(export, 0)),
        item: match item {
            Definition::Function(id) => ExportItem::Function(id),
            Definition::Global(id) => ExportItem::Global(id),
            Definition::Table(id) => ExportItem::Table(id),
            Definition::Data(_) | Definition::Element(_) | Definition::Memory => ExportItem::Memory,
        },
    };
    view.exports.iter().zip(view.exports()).map(export).collect()
}
