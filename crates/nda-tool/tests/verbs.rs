//! The built binary over real files: answers, exit codes, JSON, standard input, bad input.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// How a call of the tool ended.
struct Done {
    code: i32,
    out: String,
    err: String,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/nda")
}

fn nda(arguments: &[&str], input: &[u8]) -> (i32, Vec<u8>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nda"));
    command.args(arguments).current_dir(fixtures()).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the tool starts");
    // It may end without reading.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the tool ends");
    (status.code().expect("it ends by itself"), stdout, String::from_utf8(stderr).expect("text"))
}

fn call(arguments: &[&str]) -> Done {
    call_with(arguments, b"")
}

fn call_with(arguments: &[&str], input: &[u8]) -> Done {
    let (code, out, err) = nda(arguments, input);
    Done { code, out: String::from_utf8(out).expect("text"), err }
}

fn json(arguments: &[&str], input: &[u8]) -> (i32, Value) {
    let (code, out, _) = nda(arguments, input);
    let out = String::from_utf8(out).expect("text");
    assert_eq!(out.lines().count(), 1, "{out}");
    (code, serde_json::from_str(&out).expect("JSON"))
}

/// A file of this test run.
fn temporary(name: &str, content: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("written");
    path.to_str().expect("text").to_owned()
}

const PROGRAM: &str =
    "use sys::print;\n\n/// Twice as much.\nfn twice(n: i32) -> i32 { n * 2 }\n\nfn main() { print(twice(21)); }\n";

#[test]
fn every_fixture_runs_as_expected() {
    let mut count = 0;
    for entry in fs::read_dir(fixtures()).expect("fixtures") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "nda") {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let done = call(&["run", name]);
        let expected = fs::read_to_string(path.with_extension("expected")).expect("expected output");
        assert_eq!(done.out.clone() + &done.err, expected, "{name}");
        let code = if expected.contains("trap: ") {
            4
        } else {
            i32::from(expected.contains("error: ") || expected.contains("error["))
        };
        assert_eq!(done.code, code, "{name}");
        count += 1;
    }
    assert!(count > 20, "{count} fixtures");
}

#[test]
fn standard_input_is_a_file() {
    for arguments in [&["run"][..], &["run", "-"]] {
        let done = call_with(arguments, PROGRAM.as_bytes());
        assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, "42\n", ""));
    }
    let (code, value) = json(&["run", "--json"], PROGRAM.as_bytes());
    assert_eq!((code, value["ok"].as_bool(), value["output"].as_str()), (0, Some(true), Some("42\n")));
    assert!(value["fuel"].as_u64() > Some(0));
}

#[test]
fn check_says_what_is_wrong() {
    let done = call(&["check", "hello.nda"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.contains("needs console"), "{}", done.out);
    let (code, value) = json(&["check", "--json", "bad-types.nda"], b"");
    let error = &value["errors"][0];
    assert_eq!((code, value["ok"].as_bool()), (1, Some(false)));
    assert!(error["line"].as_u64() > Some(0) && error["message"].as_str().is_some(), "{value}");
    let done = call_with(&["check"], b"use sys::in_u8;\nfn main() { let x = in_u8(96); }\n");
    assert_eq!(done.code, 1);
    assert!(done.err.contains("error[capability]"), "{}", done.err);
    let done = call_with(&["check", "--allow", "ports"], b"use sys::in_u8;\nfn main() { let x = in_u8(96); }\n");
    assert_eq!(done.code, 0, "{}", done.err);
}

#[test]
fn hashes_do_not_know_names() {
    let (_, one) = json(&["hash", "--json"], PROGRAM.as_bytes());
    let (_, other) = json(&["hash", "--json"], PROGRAM.replace("twice", "double").as_bytes());
    assert_eq!((one["root"].as_str().map(str::len), &one["root"]), (Some(64), &other["root"]));
    let text = call_with(&["hash"], PROGRAM.as_bytes()).out;
    assert!(text.starts_with(one["root"].as_str().expect("a root")) && text.contains(" function twice\n"), "{text}");
}

#[test]
fn questions_about_one_definition() {
    let ask = |arguments: &[&str]| call_with(arguments, PROGRAM.as_bytes());
    assert_eq!(ask(&["who-calls", "twice"]).out, "function main\n");
    assert_eq!(ask(&["needs", "main"]).out, "function twice\nfunction print\ncapability console\n");
    let shown = ask(&["show", "twice"]).out;
    assert!(
        shown.starts_with("/// Twice as much.\nfn twice(n: i32) -> i32 { n * 2 }\n")
            && shown.contains("used by      function main\n"),
        "{shown}"
    );
    let (_, hashes) = json(&["hash", "--json"], PROGRAM.as_bytes());
    let twice =
        hashes["definitions"].as_array().expect("a list").iter().find(|one| one["name"] == "twice").expect("it");
    let prefix = &twice["hash"].as_str().expect("a hash")[..10];
    assert_eq!(ask(&["show", prefix]).out, shown);
    let missing = ask(&["show", "thrice"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("no definition `thrice`"), "{}", missing.err);
}

#[test]
fn a_slice_checks_alone_with_the_same_hash() {
    let slice = call_with(&["slice", "main"], PROGRAM.as_bytes());
    assert_eq!(slice.code, 0, "{}", slice.err);
    assert!(
        slice.out.contains("/// Twice as much.\nimport \"") && slice.out.contains("fn twice(n: i32) -> i32;"),
        "{}",
        slice.out
    );
    let hash = |text: &str| {
        let (code, value) = json(&["hash", "--json"], text.as_bytes());
        assert_eq!(code, 0, "{text}");
        value["definitions"].as_array().expect("a list").iter().find(|one| one["name"] == "main").expect("it")["hash"]
            .clone()
    };
    assert_eq!(hash(&slice.out), hash(PROGRAM));
}

#[test]
fn formatting_is_checked_and_written() {
    let untidy = "fn  main( ) {let x=1;}";
    let done = call_with(&["fmt"], untidy.as_bytes());
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(call_with(&["fmt"], done.out.as_bytes()).out, done.out);
    let path = temporary("untidy.nda", untidy.as_bytes());
    let checked = call(&["fmt", "--check", &path]);
    assert_eq!((checked.code, checked.out.as_str()), (1, ""));
    assert_eq!(call(&["fmt", "--write", &path]).code, 0);
    assert_eq!(fs::read_to_string(&path).expect("text"), done.out);
    assert_eq!(call(&["fmt", "--check", &path]).code, 0);
    assert_eq!(call_with(&["fmt"], b"fn main( {").code, 1);
}

#[test]
fn differences_have_their_signs() {
    let old = temporary("old.nda", PROGRAM.as_bytes());
    let changed = PROGRAM.replace("n * 2", "n + n") + "fn more() {}\n";
    let done = call_with(&["diff", &old, "-"], changed.as_bytes());
    assert_eq!(
        (done.code, done.out.as_str()),
        (1, "+ function more\n~ function twice\n~ function main (through what it depends on)\n")
    );
    let done = call_with(&["diff", &old, "-"], PROGRAM.replace("twice", "double").as_bytes());
    assert_eq!((done.code, done.out.as_str()), (1, "= function twice is now function double\n"));
    assert_eq!(call(&["diff", &old, &old]).code, 0);
    assert_eq!(call(&["diff", "-", "-"]).code, 2);
}

#[test]
fn documents_go_wherever_text_goes() {
    let packed = temporary("packed.ndb", b"");
    let done = call_with(&["pack", "-o", &packed], PROGRAM.as_bytes());
    assert_eq!((done.code, done.out.as_str()), (0, ""), "{}", done.err);
    assert!(fs::read(&packed).expect("bytes").starts_with(b"NDA1"));
    assert_eq!(call(&["run", &packed]).out, "42\n");
    assert_eq!(
        call(&["hash", &packed]).out.lines().next(),
        call_with(&["hash"], PROGRAM.as_bytes()).out.lines().next()
    );
    let text = call(&["unpack", &packed]);
    assert_eq!(call_with(&["run"], text.out.as_bytes()).out, "42\n", "{}", text.err);
    let mut broken = fs::read(&packed).expect("bytes");
    let last = broken.len() - 1;
    broken[last] ^= 1;
    assert_eq!(call_with(&["run"], &broken).code, 1);
}

#[test]
fn webassembly_is_translated() {
    // (module (func (export "main") (result i32) i32.const 7))
    let wasm = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x07\x08\x01\x04main\0\0\x0a\x06\x01\x04\0\x41\x07\x0b";
    let done = call_with(&["run"], wasm);
    assert_eq!((done.code, done.out.as_str()), (0, "result: 7\n"), "{}", done.err);
    assert_eq!(call_with(&["hash"], &wasm[..20]).code, 1);
}

#[test]
fn webassembly_is_written() {
    let path = temporary("exported.wasm", b"");
    for name in ["hello.nda", "sha256.nda", "sieve.nda"] {
        let done = call(&["export", "--wasm", name, "-o", &path]);
        assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, "", ""), "{name}");
        assert!(fs::read(&path).expect("bytes").starts_with(b"\0asm\x01\0\0\0"));
        assert_eq!(call(&["run", &path]).out, call(&["run", name]).out, "{name}");
    }
    let (code, bytes, _) = nda(&["export", "--wasm"], PROGRAM.as_bytes());
    assert_eq!((code, nda(&["run"], &bytes).1), (0, b"42\n".to_vec()));
    let (code, value) = json(&["export", "--wasm", "--json", "-o", &path], PROGRAM.as_bytes());
    assert_eq!((code, value["form"].as_str(), value["out"].as_str()), (0, Some("text"), Some(path.as_str())));
    assert_eq!(value["bytes"].as_u64(), Some(bytes.len() as u64));
    let packed = nda(&["pack"], PROGRAM.as_bytes()).1;
    assert_eq!(nda(&["export", "--wasm"], &packed).1, bytes);
    let import = format!("import \"{}\" fn far() -> i32;\nfn main() -> i32 {{ far() }}", "ab".repeat(32));
    let refused = call_with(&["export", "--wasm"], import.as_bytes());
    assert!(refused.code == 1 && refused.out.is_empty() && refused.err.contains("`far`"), "{}", refused.err);
}

#[test]
fn every_engine_shows_the_same() {
    for entry in fs::read_dir(fixtures()).expect("the fixtures") {
        let path = entry.expect("an entry").path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".nda")) else {
            continue;
        };
        for json in [&[][..], &["--json"]] {
            let run = |engine| call(&[&["run", "--engine", engine], json, &[name]].concat());
            let one = run("interp");
            for engine in ["closure", "native", "auto"] {
                let other = run(engine);
                assert_eq!((one.code, &one.out, &one.err), (other.code, &other.out, &other.err), "{name}, {engine}");
            }
        }
    }
}

#[test]
fn a_run_is_the_start_function_and_then_main() {
    let started = "use sys::write;\nstatic text: [u8; 2] = \"ab\";\nfn first() { write(text, 1); }\nstart first;\n";
    assert_eq!(call_with(&["run"], started.as_bytes()).out, "a\n");
    let both = format!("{started}fn main() -> i32 {{ write(text, 2); 7 }}\n");
    let done = call_with(&["run"], both.as_bytes());
    assert_eq!((done.code, done.out.as_str()), (0, "aab\nresult: 7\n"), "{}", done.err);
    let fuel = |program: &str| json(&["run", "--json"], program.as_bytes()).1["fuel"].as_u64().expect("a number");
    assert!(fuel(&both) > fuel(started) && fuel(started) > 0);
    // The start function's fuel is part of the run's.
    let enough = fuel(&both).to_string();
    assert_eq!(call_with(&["run", "--fuel", &enough], both.as_bytes()).code, 0);
    let less = (fuel(&both) - 1).to_string();
    assert_eq!(call_with(&["run", "--fuel", &less], both.as_bytes()).code, 4);
    let exported = "fn first() -> i32 { 3 }\nexport \"_start\" = first;\n";
    assert_eq!(call_with(&["run"], exported.as_bytes()).out, "result: 3\n");
    let named = format!("{exported}fn main() -> i32 {{ 4 }}\n");
    assert_eq!(call_with(&["run"], named.as_bytes()).out, "result: 4\n");
    let missing = call_with(&["run"], b"fn other() {}");
    assert!(missing.code == 1 && missing.err.contains("no function `main`"), "{}", missing.err);
}

#[test]
fn complaints_show_no_secret() {
    // Put together here so that no scanner finds it in this file.
    let secret = ["shpat_", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"].concat();
    let unknown = format!("fn main() {{ let x: i32 = {secret}; }}");
    for arguments in [&["hash"][..], &["check"], &["run"], &["hash", "--json"], &["check", "--json"]] {
        let done = call_with(arguments, unknown.as_bytes());
        assert!(!done.out.contains(&secret[8..20]) && !done.err.contains(&secret[8..20]), "{arguments:?} {}", done.err);
    }
    let allowed = format!(
        "fn {secret}() {{ unreachable(); }} // gate: allow secret\nfn main() {{ {secret}(); }} // gate: allow secret\n"
    );
    for arguments in [&["run"][..], &["run", "--json"]] {
        let done = call_with(arguments, allowed.as_bytes());
        assert_eq!(done.code, 4, "{}", done.err);
        assert!(!done.out.contains(&secret[8..20]) && !done.err.contains(&secret[8..20]), "{} {}", done.out, done.err);
    }
}

#[test]
fn bad_input_has_its_exit_code() {
    let code = |arguments: &[&str], input: &[u8]| {
        let done = call_with(arguments, input);
        assert!(done.err.starts_with("error: "), "{arguments:?}: {}", done.err);
        done.code
    };
    assert_eq!(code(&[], b""), 2);
    assert_eq!(code(&["polish"], b""), 2);
    assert_eq!(code(&["run", "--polish"], b""), 2);
    assert_eq!(code(&["run", "--fuel", "much"], b""), 2);
    assert_eq!(code(&["run", "--engine", "steam"], b""), 2);
    assert_eq!(code(&["run", "--allow", "everything"], b""), 2);
    assert_eq!(code(&["run", "a", "b"], b""), 2);
    assert_eq!(code(&["export", "hello.nda"], b""), 2);
    assert_eq!(code(&["diff", "a"], b""), 2);
    assert_eq!(code(&["run", "no-such-file.nda"], b""), 3);
    assert_eq!(code(&["run", "."], b""), 3);
    assert_eq!(code(&["pack", "-o", "/no/such/folder/x", "hello.nda"], b""), 3);
    for verb in ["run", "fmt", "check", "hash", "pack", "unpack"] {
        assert_eq!(code(&[verb], b"\xff\xfe\0"), 1, "{verb}");
        assert_eq!(code(&[verb], b"fn main( {"), 1, "{verb}");
        assert_eq!(code(&[verb], b"NDA1 but nothing else"), 1, "{verb}");
    }
    assert_eq!(code(&["export", "--wasm"], b"fn main( {"), 1);
    let (code, value) = json(&["run", "--json", "no-such-file.nda"], b"");
    assert_eq!((code, value["ok"].as_bool(), value["failed"].as_str()), (3, Some(false), Some("file")));
}

#[test]
fn help_shows_an_example_of_every_verb() {
    let all = call(&["--help"]);
    assert_eq!(all.code, 0);
    for verb in
        ["run", "fmt", "check", "hash", "show", "slice", "who-calls", "needs", "diff", "pack", "unpack", "export"]
    {
        assert!(all.out.contains(&format!("\n  {verb} ")), "{verb}");
        let help = call(&[verb, "--help"]);
        assert!(help.code == 0 && help.out.matches(&format!("nda {verb}")).count() >= 2, "{}", help.out);
    }
}
