//! The verbs: what each takes, what its help says, and what it does.

use crate::cli::{DONE, Failure, Options, REFUSED};
use crate::input::Input;
use crate::output;
use crate::run::{self, policy};
use std::ffi::OsStr;
use std::fs;
use velocity_gate::Origin;
use velocity_nda::document;
use velocity_workbench::{Answer, Json, Program, Status, diff, fmt, hash, needs, show, slice, who_calls};

/// A verb.
pub struct Verb {
    pub name: &'static str,
    pub summary: &'static str,
    /// How it is used, and an example.
    usage: &'static str,
    /// What it does, in a few lines.
    about: &'static str,
    /// Options beside `--json` and `--help`.
    pub options: &'static [&'static str],
    /// The fewest and most words it takes.
    pub words: (usize, usize),
    /// The words in words.
    pub takes: &'static str,
    pub run: fn(&Options) -> Result<u8, Failure>,
}

impl Verb {
    pub fn help(&self) -> String {
        format!("{}\n\n{}\n", self.usage, self.about)
    }
}

/// All verbs, in the order of the list.
pub const VERBS: &[Verb] = &[
    Verb {
        name: "run",
        summary: "run a program",
        usage: "nda run [--engine NAME] [--fuel N] [--origin WHO] [--allow CAPABILITY] [--json] [FILE]\n\n    nda run fixtures/nda/hello.nda",
        about: "Takes the program through the gate and runs its function `main`. What it prints goes to standard output.\n\
                --engine E   interp, the reference interpreter; closure or native, which compile and are faster, native the\n\
                \x20            fastest; auto, which begins as closure and goes on as native with what takes long; they show\n\
                \x20            the same (auto)\n\
                --fuel N     how many nodes it may evaluate (20,000,000)\n\
                --origin WHO person, model, network or translated: whose program it is (person)\n\
                --allow C    grants a capability to that origin: console, ports or physical-memory; may be repeated.\n\
                \x20            On a host only the console is there, whatever is granted",
        options: &["engine", "fuel", "origin", "allow"],
        words: (0, 1),
        takes: "one FILE",
        run: run::run,
    },
    Verb {
        name: "fmt",
        summary: "lay out a program's text",
        usage: "nda fmt [--check | --write] [--json] [FILE...]\n\n    nda fmt --write fixtures/nda/hello.nda",
        about: "Prints the text in its one layout; no comment is lost, and no hash changes.\n\
                --check      prints nothing; exit code 1 and the names of files that are laid out differently\n\
                --write, -w  puts the files into that layout",
        options: &["check", "write", "w"],
        words: (0, usize::MAX),
        takes: "files",
        run: format,
    },
    Verb {
        name: "check",
        summary: "judge a program as the gate does, without running it",
        usage: "nda check [--origin WHO] [--allow CAPABILITY] [--json] [FILE]\n\n    nda check fixtures/nda/hello.nda",
        about: "Prints errors with their places and what to do about them, or what the program needs and may cost.\n\
                --origin and --allow are as for `run`",
        options: &["origin", "allow"],
        words: (0, 1),
        takes: "one FILE",
        run: check_file,
    },
    Verb {
        name: "hash",
        summary: "print the hash of a program and of each definition",
        usage: "nda hash [--json] [FILE]\n\n    nda hash fixtures/nda/hello.nda",
        about: "The first line is the root, which covers all of the program; then one line for each definition.\n\
                Names, comments, layout and order change no hash.",
        options: &[],
        words: (0, 1),
        takes: "one FILE",
        run: |options| about(options, "hash", 0, |program, _| hash(program)),
    },
    Verb {
        name: "show",
        summary: "print one definition and what is known about it",
        usage: "nda show [--json] NAME|HASH [FILE]\n\n    nda show main fixtures/nda/hello.nda",
        about: "Its text, type, hash, users, needs, capabilities, cost. HASH is four or more digits of its hash.",
        options: &[],
        words: (1, 2),
        takes: "a NAME and one FILE",
        run: |options| about(options, "show", 1, |program, words| show(program, &words[0])),
    },
    Verb {
        name: "slice",
        summary: "print the smallest closed piece of a program around one definition",
        usage: "nda slice [--json] NAME|HASH [FILE]\n\n    nda slice main fixtures/nda/primes.nda",
        about: "The definition, and a declaration by hash for each it refers to. It checks alone, and the definition has\n\
                the same hash in it.",
        options: &[],
        words: (1, 2),
        takes: "a NAME and one FILE",
        run: |options| about(options, "slice", 1, |program, words| slice(program, &words[0])),
    },
    Verb {
        name: "who-calls",
        summary: "list who calls or uses a definition",
        usage: "nda who-calls [--json] NAME|HASH [FILE]\n\n    nda who-calls is_prime fixtures/nda/primes.nda",
        about: "Direct users only, one a line.",
        options: &[],
        words: (1, 2),
        takes: "a NAME and one FILE",
        run: |options| about(options, "who-calls", 1, |program, words| who_calls(program, &words[0])),
    },
    Verb {
        name: "needs",
        summary: "list what a definition needs to run",
        usage: "nda needs [--json] NAME|HASH [FILE]\n\n    nda needs main fixtures/nda/primes.nda",
        about: "What it calls and uses, directly and through others, and the capabilities; one a line.",
        options: &[],
        words: (1, 2),
        takes: "a NAME and one FILE",
        run: |options| about(options, "needs", 1, |program, words| needs(program, &words[0])),
    },
    Verb {
        name: "diff",
        summary: "compare two programs by their definitions",
        usage: "nda diff [--json] OLD NEW\n\n    nda diff old.nda new.nda",
        about: "`-` removed, `+` added, `=` renamed, `~` changed. Exit code 1 if they differ. One of them may be `-`.",
        options: &[],
        words: (2, 2),
        takes: "two files",
        run: compare,
    },
    Verb {
        name: "pack",
        summary: "write a program as a binary document",
        usage: "nda pack [-o OUT] [--json] [FILE]\n\n    nda pack fixtures/nda/hello.nda -o hello.ndb",
        about: "Text or a WebAssembly module becomes a document, which begins with `NDA1`. By custom text is called `.nda`\n\
                and a document `.ndb`; the verbs go by the first bytes. Without -o it goes to standard output.\n\
                -o, --out OUT  the file to write",
        options: &["o", "out"],
        words: (0, 1),
        takes: "one FILE",
        run: pack,
    },
    Verb {
        name: "unpack",
        summary: "write a program as text",
        usage: "nda unpack [-o OUT] [--json] [FILE]\n\n    nda unpack hello.ndb",
        about: "A document or a WebAssembly module becomes text with the same hashes; text is printed as it is.\n\
                -o, --out OUT  the file to write",
        options: &["o", "out"],
        words: (0, 1),
        takes: "one FILE",
        run: unpack,
    },
    Verb {
        name: "export",
        summary: "write a program as a WebAssembly module",
        usage: "nda export --wasm [-o OUT] [--json] [FILE]\n\n    nda export --wasm fixtures/nda/hello.nda -o hello.wasm",
        about: "The module means the same to any engine that has version 2 of WebAssembly. `main` is exported by its name,\n\
                what `use sys::...` names is imported, and the memory exported for it. Without -o it goes to standard output.\n\
                --wasm         the form to write, the only one so far\n\
                -o, --out OUT  the file to write",
        options: &["wasm", "o", "out"],
        words: (0, 1),
        takes: "one FILE",
        run: export,
    },
];

/// A verb about one program, whose file stands behind `before` other words.
fn about(options: &Options, verb: &str, before: usize, ask: fn(&Program, &[String]) -> Answer) -> Result<u8, Failure> {
    let input = Input::read(options.words.get(before).map(|word| word.as_os_str()))?;
    let words: Vec<String> =
        options.words.iter().take(before).map(|word| word.to_string_lossy().into_owned()).collect();
    let answer = input.program().map_or_else(|refused| refused, |program| ask(&program, &words));
    output::answer(verb, &input.name, &answer, options)
}

fn check_file(options: &Options) -> Result<u8, Failure> {
    let input = Input::read(options.words.first().map(|word| word.as_os_str()))?;
    let (origin, policy) = (options.origin.unwrap_or(Origin::Person), policy(options)?);
    let answer = input.judged(origin, &policy).map_or_else(|refused| refused, |judged| judged.answer());
    output::answer("check", &input.name, &answer, options)
}

fn format(options: &Options) -> Result<u8, Failure> {
    if options.check && options.write {
        return Err(Failure::usage("`--check` and `--write` exclude each other"));
    }
    let none = [OsStr::new("-").to_owned()];
    let words = if options.words.is_empty() { &none[..] } else { &options.words };
    let mut worst = DONE;
    for word in words {
        worst = worst.max(format_one(word, options)?);
    }
    Ok(worst)
}

fn format_one(word: &OsStr, options: &Options) -> Result<u8, Failure> {
    let input = Input::read(Some(word))?;
    let mut answer = fmt(&input.name, &input.bytes);
    let changed = answer.status == Status::Done && answer.text.as_bytes() != input.bytes;
    if options.check && changed {
        answer.status = Status::Refused;
        answer.complaint = format!("{} is laid out differently\n  help: nda fmt --write {0}\n", input.name);
    }
    if options.write && changed && word != "-" {
        fs::write(word, &answer.text).map_err(|error| Failure::io("write", &input.name, &error))?;
    }
    if options.check || options.write && word != "-" {
        answer.text.clear();
    }
    output::answer("fmt", &input.name, &answer, options)
}

fn compare(options: &Options) -> Result<u8, Failure> {
    if options.words.iter().all(|word| word == "-") {
        return Err(Failure::usage("only one of the two programs can be standard input"));
    }
    let (old, new) = (Input::read(Some(&options.words[0]))?, Input::read(Some(&options.words[1]))?);
    let answer = match (old.program(), new.program()) {
        (Ok(old), Ok(new)) => diff(&old, &new),
        (Err(refused), _) | (_, Err(refused)) => refused,
    };
    output::answer("diff", &new.name, &answer, options)
}

fn pack(options: &Options) -> Result<u8, Failure> {
    let input = Input::read(options.words.first().map(|word| word.as_os_str()))?;
    match input.program() {
        Ok(program) => {
            let bytes = document::pack(&program.module);
            put("pack", &input, &program, &bytes, options)
        }
        Err(refused) => output::answer("pack", &input.name, &refused, options),
    }
}

fn unpack(options: &Options) -> Result<u8, Failure> {
    let input = Input::read(options.words.first().map(|word| word.as_os_str()))?;
    match input.program() {
        Ok(program) => put("unpack", &input, &program, program.source.as_bytes(), options),
        Err(refused) => output::answer("unpack", &input.name, &refused, options),
    }
}

fn export(options: &Options) -> Result<u8, Failure> {
    if !options.wasm {
        return Err(Failure::usage("`nda export` takes the form to write: `--wasm`; see `nda export --help`"));
    }
    let input = Input::read(options.words.first().map(|word| word.as_os_str()))?;
    let program = match input.program() {
        Ok(program) => program,
        Err(refused) => return output::answer("export", &input.name, &refused, options),
    };
    match velocity_translate::export(&program.module) {
        Ok(bytes) => put("export", &input, &program, &bytes, options),
        Err(error) => {
            let refused = Answer::complaint(&format!("{}: {error}", input.name), "");
            output::answer("export", &input.name, &refused, options)
        }
    }
}

/// Writes what a program was turned into. With `--json` and without a file, only what it is.
fn put(verb: &str, input: &Input, program: &Program, bytes: &[u8], options: &Options) -> Result<u8, Failure> {
    if let Some(out) = &options.out {
        fs::write(out, bytes).map_err(|error| Failure::io("write", &out.to_string_lossy(), &error))?;
    } else if !options.json {
        output::bytes(bytes)?;
        return Ok(DONE);
    }
    let out = options.out.as_ref().map(|out| out.to_string_lossy().into_owned());
    let json = vec![
        ("form", program.form.name().into()),
        ("root", program.identities.root.to_string().into()),
        ("bytes", Json::Number(bytes.len() as u64)),
        ("out", out.as_deref().into()),
    ];
    let code = output::answer(verb, &input.name, &Answer::done(String::new(), json), options)?;
    debug_assert!(code != REFUSED, "an answer without complaint");
    Ok(code)
}
