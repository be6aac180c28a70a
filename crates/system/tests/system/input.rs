//! Keys from everywhere, typed ahead, unfinished, and too many.

use crate::machine::Bench;
use velocity_hal::{InputEvent, Key, MouseEvent};
use velocity_system::Next;

#[test]
fn the_local_keyboard_and_the_text_port_type_on_the_same_line() {
    let mut bench = Bench::with_files(&[]);
    bench.press(Key::Char('v'), false);
    bench.type_text("ersio");
    bench.input.push(InputEvent::Mouse(MouseEvent { dx: 3, ..MouseEvent::default() }));
    bench.press(Key::Char('n'), false);
    bench.press(Key::Enter, false);
    bench.settle();
    assert!(bench.transcript().starts_with("velocity> version\nVELOCITY-OS "), "{}", bench.transcript());
}

#[test]
fn what_is_typed_ahead_waits_for_the_command_to_end() {
    let mut bench = Bench::with_files(&[("a", b"1\n"), ("b", b"2\n")]);
    bench.type_text("cat a\rcat b\rcat a\r");
    bench.settle();
    let expected = "velocity> cat a\n1\nvelocity> cat b\n2\nvelocity> cat a\n1\n";
    assert_eq!(bench.transcript(), expected);
}

#[test]
fn an_idle_system_asks_to_be_called_again_for_a_lone_escape() {
    let mut bench = Bench::with_files(&[]);
    bench.type_text("x\x1b");
    bench.system.step();
    let Next::WaitUntil(until) = bench.system.step() else { panic!("not idle") };
    let wait = until.since(velocity_hal::Clock::now(&bench.clock));
    assert!(wait <= velocity_terminal::ESCAPE_TIMEOUT, "{wait:?}");
    bench.clock.advance_to(until);
    bench.system.step();
    let Next::WaitUntil(later) = bench.system.step() else { panic!("not idle") };
    assert!(later.since(until) > velocity_terminal::ESCAPE_TIMEOUT);
}

#[test]
fn end_of_input_and_interrupt_at_the_prompt_lead_to_a_fresh_prompt() {
    let mut bench = Bench::with_files(&[]);
    bench.type_text("half a line\x03\x04version\r");
    bench.settle();
    let expected = "velocity> half a line^C\nvelocity> \n`poweroff` switches the machine off.\nvelocity> version\n";
    assert!(bench.transcript().starts_with(expected), "{}", bench.transcript());
}

#[test]
fn lost_input_is_noted_in_the_log() {
    let mut bench = Bench::with_files(&[("loop.nda", b"fn main() { while 1 { } }")]);
    bench.type_text("run loop.nda\r");
    bench.system.step();
    bench.type_text(&"x".repeat(10_000));
    for _ in 0..20 {
        bench.system.step();
    }
    bench.type_text("\x03");
    bench.settle();
    assert!(bench.log().contains("warn input: "), "{}", bench.log());
}
