//! The shell line: any bytes typed at the editor, and any bytes shown on the console.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity_canvas::Console;
use velocity_terminal::{MAX_LINE_BYTES, Transcript, split, type_at_shell};

fuzz_target!(|input: &[u8]| {
    let session = type_at_shell(input);
    for (line, words) in &session.lines {
        assert!(line.len() <= MAX_LINE_BYTES && !line.contains(['\r', '\n']), "{line:?}");
        assert_eq!(*words, split(line));
    }
    let mut transcript = Transcript::new();
    transcript.feed(&session.echo);
    assert!(transcript.prompts_seen() > session.lines.len(), "a line without its prompt");
    let mut console = Console::new(160, 64);
    console.write(&session.echo);
    console.write(input);
    assert_eq!(console.pixels().len(), 160 * 64);
    if let Some(damage) = console.take_damage() {
        assert!(damage.x + damage.width <= 160 && damage.y + damage.height <= 64, "{damage:?}");
    }
});
