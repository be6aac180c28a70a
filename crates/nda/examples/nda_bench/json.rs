//! The same graph as JSON: what a document holds, read into the types that a program would use.

use serde::Deserialize;
use velocity_nda::document::View;

/// A program.
#[derive(Deserialize)]
#[allow(dead_code, reason = "reading it is what is measured")]
pub struct Program {
    root: String,
    definitions: Vec<Definition>,
    exports: Vec<(String, u32)>,
    triples: Vec<(u32, u8, u32)>,
    texts: Vec<String>,
}

/// A definition.
#[derive(Deserialize)]
#[allow(dead_code, reason = "reading it is what is measured")]
struct Definition {
    hash: String,
    kind: u8,
    name: Option<String>,
    doc: Option<String>,
    parameters: Vec<u8>,
    results: Vec<u8>,
    references: Vec<u32>,
    locals: Vec<String>,
    code: Vec<u8>,
}

/// Reads it.
pub fn read(text: &str) -> Result<Program, serde_json::Error> {
    serde_json::from_str(text)
}

/// Writes a document as JSON without any space.
pub fn write(view: &View<'_>) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let list = |items: Vec<String>| format!("[{}]", items.join(","));
    let numbers = |bytes: &[u8]| list(bytes.iter().map(u8::to_string).collect());
    let definition = |one: velocity_nda::document::DefinitionView<'_>| {
        let (parameters, results) = one.signature();
        let types =
            |types: velocity_nda::document::Types<'_>| list(types.iter().map(|ty| (ty as u8).to_string()).collect());
        let option = |text: Option<&str>| text.map_or("null".to_owned(), quoted);
        format!(
            "{{\"hash\":\"{}\",\"kind\":{},\"name\":{},\"doc\":{},\"parameters\":{},\"results\":{},\"references\":{},\
             \"locals\":{},\"code\":{}}}",
            one.hash(),
            one.head()[0],
            option(one.name()),
            option(one.doc()),
            types(parameters),
            types(results),
            list(one.references().map(|to| to.0.to_string()).collect()),
            list(one.local_names().map(quoted).collect()),
            numbers(one.body()),
        )
    };
    let exports = view
        .exports()
        .map(|(name, item)| format!("[{},{}]", quoted(name), view.numbering().number(item).unwrap_or_default()));
    // By subject; a reader of JSON sorts by object itself.
    let (by_subject, _) = view.fact_bytes().as_chunks::<8>().0.split_at(view.fact_bytes().len() / 16);
    let triples = by_subject.iter().map(|key| {
        let key = u64::from_le_bytes(*key);
        format!("[{},{},{}]", key >> 36, (key >> 32) & 15, key as u32)
    });
    let texts = (0..).map_while(|number| Some(view.text_at(number)).filter(|_| number < view.text_count()));
    format!(
        "{{\"root\":\"{}\",\"definitions\":{},\"exports\":{},\"triples\":{},\"texts\":{}}}",
        view.root(),
        list(view.definitions().map(definition).collect()),
        list(exports.collect()),
        list(triples.collect()),
        list(texts.map(quoted).collect()),
    )
}
