//! Finding a definition by what a person types: its name, or the first digits of its hash.

use crate::{Answer, Json, Program};
use alloc::string::String;
use alloc::vec::Vec;
use velocity_nda::graph::{Def, Graph};
use velocity_nda::identity::Definition;

/// The fewest digits of a hash that are understood.
const FEWEST: usize = 4;

/// The definition meant by `what`.
///
/// # Errors
/// The answer that says that there is none, or several.
pub(crate) fn find(program: &Program, graph: &Graph, what: &str) -> Result<Def, Answer> {
    let named: Vec<Def> = graph.named(what).collect();
    let found = if named.is_empty() { with_digits(program, what) } else { named };
    match found.as_slice() {
        [def] => Ok(*def),
        [] => Err(Answer::complaint(
            &alloc::format!("{} has no definition `{what}`", program.name),
            "`hash` lists all names and hashes",
        )),
        [first, ..] if same_hash(program, &found) => Ok(*first),
        several => {
            let labels: Vec<String> = several.iter().take(4).map(|&def| label(program, def)).collect();
            let message = alloc::format!("`{what}` may be {}", labels.join(", "));
            Err(Answer::complaint(&message, "give the name, or more digits of the hash"))
        }
    }
}

fn same_hash(program: &Program, found: &[Def]) -> bool {
    let hash = |def: &Def| program.identities.get(definition(program, *def));
    found.windows(2).all(|pair| hash(&pair[0]) == hash(&pair[1]))
}

fn with_digits(program: &Program, digits: &str) -> Vec<Def> {
    if digits.len() < FEWEST || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Vec::new();
    }
    let digits = digits.to_ascii_lowercase();
    let all = program.identities.iter().zip(0..);
    all.filter(|((_, hash), _)| alloc::format!("{hash}").starts_with(&digits)).map(|(_, number)| Def(number)).collect()
}

/// The definition of a number.
pub(crate) fn definition(program: &Program, def: Def) -> Definition {
    program.identities.numbering().definition(def.0)
}

/// Sort and name, or sort and number of what has no name.
pub(crate) fn label(program: &Program, def: Def) -> String {
    let definition = definition(program, def);
    let sort = definition.kind().name();
    match definition {
        Definition::Memory => sort.into(),
        _ => match definition.name(&program.module) {
            Some(name) => alloc::format!("{sort} {name}"),
            None => alloc::format!("{sort} number {}", index(definition)),
        },
    }
}

fn index(definition: Definition) -> u32 {
    match definition {
        Definition::Function(id) => id.0,
        Definition::Global(id) => id.0,
        Definition::Table(id) => id.0,
        Definition::Data(id) => id.0,
        Definition::Element(id) => id.0,
        Definition::Memory => 0,
    }
}

/// Sort, name and hash.
pub(crate) fn json(program: &Program, def: Def) -> Json {
    let definition = definition(program, def);
    let hash = program.identities.get(definition).map(|hash| alloc::format!("{hash}"));
    Json::Object(alloc::vec![
        ("kind", definition.kind().name().into()),
        ("name", definition.name(&program.module).into()),
        ("hash", hash.as_deref().into()),
    ])
}
