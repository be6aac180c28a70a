//! One function for each verb.

use crate::find::{definition, find, json, label};
use crate::program::text;
use crate::{Answer, Json, Judged, Program, Status, refusal};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use velocity_base::ContentHash;
use velocity_gate::{Origin, Policy};
use velocity_nda::graph::{Cause, Def, Graph, Predicate};
use velocity_nda::identity::Definition;

/// Judges a program as the gate does before a run: errors, findings, what it needs.
#[must_use]
pub fn check(name: &str, bytes: &[u8], origin: Origin, policy: &Policy) -> Answer {
    Judged::read(name, bytes, origin, policy).map_or_else(|refused| refused, |judged| judged.answer())
}

/// The text in its one layout.
#[must_use]
pub fn fmt(name: &str, bytes: &[u8]) -> Answer {
    let source = match text(name, bytes) {
        Ok(source) => source,
        Err(answer) => return answer,
    };
    match velocity_nda::format(source) {
        Ok(formatted) => {
            let json = alloc::vec![("changed", Json::Bool(formatted != source)), ("text", formatted.as_str().into())];
            Answer::done(formatted, json)
        }
        Err(diagnostics) => refusal::diagnostics(&diagnostics, name, source),
    }
}

/// The root of a program, and the hash of each definition.
#[must_use]
pub fn hash(program: &Program) -> Answer {
    let mut text = format!("{} program\n", program.identities.root);
    let mut list = Vec::new();
    for ((_, hash), number) in program.identities.iter().zip(0..) {
        text += &format!("{hash} {}\n", label(program, Def(number)));
        list.push(json(program, Def(number)));
    }
    Answer::done(
        text,
        alloc::vec![("root", format!("{}", program.identities.root).into()), ("definitions", Json::List(list))],
    )
}

/// One definition: its text and everything known about it.
#[must_use]
pub fn show(program: &Program, what: &str) -> Answer {
    let slicer = program.slicer();
    let graph = slicer.graph();
    let def = match find(program, graph, what) {
        Ok(def) => def,
        Err(answer) => return answer,
    };
    let item = definition(program, def);
    let source = item.meta(&program.module).map_or("", |meta| meta.span.text(&program.source)).trim_end();
    let doc = item.meta(&program.module).and_then(|meta| meta.doc).map(|doc| program.module.text(doc));
    let hash = program.identities.get(item).unwrap_or(ContentHash([0; 32]));
    let callers = users(graph, def);
    let needs = graph.needs(def);
    let capabilities: Vec<&str> = graph.needed_capabilities(def).into_iter().collect();
    let mut text = if source.is_empty() { String::new() } else { format!("{source}\n\n") };
    let mut line =
        |title: &str, value: &str| text += &format!("{title:<13}{}\n", if value.is_empty() { "-" } else { value });
    line("definition", &label(program, def));
    line("type", graph.type_text(def));
    line("hash", &format!("{hash}"));
    line("used by", &labels(program, &callers));
    line("needs", &labels(program, &needs));
    line("capabilities", &capabilities.join(", "));
    line("cost", &graph.cost(def).map_or_else(String::new, |cost| cost_text(item, cost)));
    Answer::done(
        text,
        alloc::vec![
            ("definition", json(program, def)),
            ("type", graph.type_text(def).into()),
            ("doc", doc.into()),
            ("text", source.into()),
            ("used_by", list(program, &callers)),
            ("needs", list(program, &needs)),
            ("capabilities", Json::list(capabilities)),
            ("cost", graph.cost(def).map_or(Json::Null, |cost| Json::Number(u64::from(cost)))),
        ],
    )
}

/// The smallest closed piece of a program around one definition, as text.
#[must_use]
pub fn slice(program: &Program, what: &str) -> Answer {
    let slicer = program.slicer();
    let def = match find(program, slicer.graph(), what) {
        Ok(def) => def,
        Err(answer) => return answer,
    };
    match slicer.slice(def) {
        Ok(slice) => {
            let whole = list(program, &slice.whole);
            let declared = list(program, &slice.declared);
            let json = alloc::vec![
                ("definition", json(program, def)),
                ("text", slice.text.as_str().into()),
                ("whole", whole),
                ("declared", declared),
            ];
            Answer::done(slice.text, json)
        }
        Err(error) => Answer::complaint(&format!("{error}"), "`hash` lists all names and hashes"),
    }
}

/// Who calls a function, or uses a global, static, table, segment or the memory.
#[must_use]
pub fn who_calls(program: &Program, what: &str) -> Answer {
    let slicer = program.slicer();
    match find(program, slicer.graph(), what) {
        Ok(def) => {
            let callers = users(slicer.graph(), def);
            let json = alloc::vec![("definition", json(program, def)), ("used_by", list(program, &callers))];
            Answer::done(lines(program, &callers), json)
        }
        Err(answer) => answer,
    }
}

/// What a definition needs to run, directly and through others.
#[must_use]
pub fn needs(program: &Program, what: &str) -> Answer {
    let slicer = program.slicer();
    let graph = slicer.graph();
    match find(program, graph, what) {
        Ok(def) => {
            let (needs, capabilities) = (graph.needs(def), graph.needed_capabilities(def));
            let mut text = lines(program, &needs);
            capabilities.iter().for_each(|capability| text += &format!("capability {capability}\n"));
            let json = alloc::vec![
                ("definition", json(program, def)),
                ("needs", list(program, &needs)),
                ("capabilities", Json::list(capabilities)),
            ];
            Answer::done(text, json)
        }
        Err(answer) => answer,
    }
}

/// What changed between two programs.
#[must_use]
pub fn diff(old: &Program, new: &Program) -> Answer {
    let found = velocity_nda::graph::diff(&old.module, &new.module);
    let (mut text, mut changed, mut renamed) = (String::new(), Vec::new(), Vec::new());
    let def = |program: &Program, item: Definition| program.identities.numbering().number(item).map_or(Def(0), Def);
    let name = |program: &Program, item| label(program, def(program, item));
    found.removed.iter().for_each(|&item| text += &format!("- {}\n", name(old, item)));
    found.added.iter().for_each(|&item| text += &format!("+ {}\n", name(new, item)));
    for &(before, after) in &found.renamed {
        text += &format!("= {} is now {}\n", name(old, before), name(new, after));
        renamed
            .push(Json::Object(alloc::vec![("old", json(old, def(old, before))), ("new", json(new, def(new, after)))]));
    }
    for &(before, after, cause) in &found.changed {
        let (why, word) = match cause {
            Cause::Own => ("", "own"),
            Cause::Dependency => (" (through what it depends on)", "dependency"),
        };
        text += &format!("~ {}{why}\n", name(new, after));
        changed.push(Json::Object(alloc::vec![
            ("old", json(old, def(old, before))),
            ("new", json(new, def(new, after))),
            ("cause", word.into()),
        ]));
    }
    let list = |program: &Program, items: &[Definition]| {
        Json::List(items.iter().map(|&item| json(program, def(program, item))).collect())
    };
    let json = alloc::vec![
        ("added", list(new, &found.added)),
        ("removed", list(old, &found.removed)),
        ("renamed", Json::List(renamed)),
        ("changed", Json::List(changed)),
        ("unchanged", Json::Number(found.unchanged.len() as u64)),
    ];
    let status = if found.is_empty() { Status::Done } else { Status::Refused };
    Answer { status, text, complaint: String::new(), json }
}

/// Direct users, in the order of the program.
fn users(graph: &Graph, def: Def) -> Vec<Def> {
    let mut users: Vec<Def> = graph.who_calls(def).chain(graph.who_uses(def)).collect();
    users.extend(graph.facts().subjects(Predicate::Fills, def.0));
    users.sort_unstable();
    users.dedup();
    users
}

fn cost_text(item: Definition, cost: u32) -> String {
    match item {
        Definition::Function(_) => format!("{cost} nodes"),
        Definition::Element(_) => format!("{cost} entries"),
        _ => format!("{cost} bytes"),
    }
}

fn labels(program: &Program, defs: &[Def]) -> String {
    defs.iter().map(|&def| label(program, def)).collect::<Vec<_>>().join(", ")
}

fn lines(program: &Program, defs: &[Def]) -> String {
    defs.iter().map(|&def| label(program, def) + "\n").collect()
}

fn list(program: &Program, defs: &[Def]) -> Json {
    Json::List(defs.iter().map(|&def| json(program, def)).collect())
}
