//! A scripted controller: a good one, and ones that are absent, stuck, silent or noisy.

use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;
use std::sync::Mutex;
use velocity_hal::{Key, KeyEvent, Modifiers, MouseEvent};

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Every status read yields this.
    Status(u8),
    /// Commands are taken and never answered.
    Silent,
    /// Never empties its input buffer from this many writes on.
    StuckAfter(usize),
}

struct Device {
    present: bool,
    wheel: bool,
    rates: Vec<u8>,
    expects_rate: bool,
    sending: bool,
}

impl Device {
    /// What it answers to `byte`.
    fn answer(&mut self, byte: u8) -> Vec<u8> {
        if !self.present {
            return vec![];
        }
        if std::mem::take(&mut self.expects_rate) {
            self.rates.push(byte);
            return vec![ACKNOWLEDGE];
        }
        match byte {
            SET_RATE => self.expects_rate = true,
            ENABLE => self.sending = true,
            SET_DEFAULTS => self.sending = false,
            GET_ID if self.wheel && self.rates.ends_with(&WHEEL_KNOCK) => return vec![ACKNOWLEDGE, WHEEL_ID],
            GET_ID => return vec![ACKNOWLEDGE, 0],
            _ => return vec![0xfe],
        }
        vec![ACKNOWLEDGE]
    }
}

struct State {
    fault: Fault,
    config: u8,
    two_ports: bool,
    keyboard: Device,
    mouse: Device,
    /// Where the next data byte goes after a command that takes one.
    command: Option<u8>,
    output: VecDeque<(u8, u8)>,
    writes: usize,
    accesses: usize,
}

struct Fake(Mutex<State>);

impl Fake {
    fn new(mouse: Option<bool>, fault: Fault) -> Self {
        let device = |present, wheel| Device { present, wheel, rates: vec![], expects_rate: false, sending: false };
        Self(Mutex::new(State {
            fault,
            config: KEYBOARD_INTERRUPT | MOUSE_INTERRUPT | 0b100,
            two_ports: true,
            keyboard: device(true, false),
            mouse: device(mouse.is_some(), mouse == Some(true)),
            command: None,
            output: VecDeque::new(),
            writes: 0,
            accesses: 0,
        }))
    }

    fn good() -> Self {
        Self::new(Some(true), Fault::None)
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    fn send(&self, source: u8, bytes: &[u8]) {
        self.with(|state| state.output.extend(bytes.iter().map(|byte| (source, *byte))));
    }
}

impl State {
    fn status(&self) -> u8 {
        match self.fault {
            Fault::Status(status) => status,
            Fault::StuckAfter(writes) if self.writes >= writes => INPUT_FULL,
            _ => self.output.front().map_or(0, |(source, _)| OUTPUT_FULL | source),
        }
    }

    fn write(&mut self, port: u16, byte: u8) {
        self.writes += 1;
        if self.fault == Fault::Silent {
            return;
        }
        if port == STATUS {
            match byte {
                READ_CONFIG => self.output.push_back((0, self.config)),
                DISABLE_KEYBOARD => self.config |= KEYBOARD_OFF,
                DISABLE_MOUSE if self.two_ports => self.config |= MOUSE_OFF,
                DISABLE_MOUSE => {}
                WRITE_CONFIG | TO_MOUSE => self.command = Some(byte),
                other => panic!("command {other:#x}"),
            }
            return;
        }
        let (device, source, off) = match self.command.take() {
            Some(WRITE_CONFIG) => {
                self.config = byte;
                return;
            }
            Some(_) => (&mut self.mouse, FROM_MOUSE, MOUSE_OFF),
            None => (&mut self.keyboard, 0, KEYBOARD_OFF),
        };
        let answer = device.answer(byte);
        assert!(self.config & off == 0, "asked a device whose port is off");
        self.output.extend(answer.into_iter().map(|byte| (source, byte)));
    }
}

impl PortIo for Fake {
    fn in8(&self, port: u16) -> u8 {
        self.with(|state| {
            state.accesses += 1;
            match port {
                STATUS => state.status(),
                DATA => state.output.pop_front().map_or(0, |(_, byte)| byte),
                other => panic!("port {other:#x}"),
            }
        })
    }
    fn out8(&self, port: u16, value: u8) {
        self.with(|state| {
            state.accesses += 1;
            state.write(port, value);
        });
    }
    fn in16(&self, _: u16) -> u16 {
        panic!("the controller has 8-bit ports");
    }
    fn in32(&self, _: u16) -> u32 {
        panic!("the controller has 8-bit ports");
    }
    fn out16(&self, _: u16, _: u16) {
        panic!("the controller has 8-bit ports");
    }
    fn out32(&self, _: u16, _: u32) {
        panic!("the controller has 8-bit ports");
    }
}

fn events(controller: &mut I8042<'_>) -> Vec<InputEvent> {
    let mut events = vec![];
    controller.service(Instant::ZERO, &mut |event| events.push(event));
    events
}

const KEY_A: InputEvent = InputEvent::Key(KeyEvent {
    key: Key::Char('a'),
    modifiers: Modifiers { shift: false, control: false, alt: false },
});

fn moved(dx: i16, wheel: i8) -> InputEvent {
    InputEvent::Mouse(MouseEvent { dx, dy: 0, wheel, buttons: 0 })
}

#[test]
fn keyboard_and_wheel_mouse_start_in_few_accesses() {
    let fake = Fake::good();
    fake.send(0, &[0x1e, 0x9e]);
    let mut controller = I8042::start(&fake).unwrap();
    let (config, accesses) = fake.with(|state| (state.config, state.accesses));
    assert_eq!(config, KEYBOARD_INTERRUPT | MOUSE_INTERRUPT | TRANSLATE | 0b100);
    assert!(accesses <= 95, "{accesses} accesses");
    assert!(fake.with(|state| state.mouse.sending && state.keyboard.sending));
    assert!(controller.mouse().unwrap().has_wheel());
    assert_eq!(events(&mut controller), [], "what was typed before is gone");
}

#[test]
fn both_devices_events_come_out_of_one_handler() {
    let fake = Fake::good();
    let mut controller = I8042::start(&fake).unwrap();
    fake.send(FROM_MOUSE, &[0x08, 1]);
    fake.send(0, &[0x1e, 0x9e]);
    fake.send(FROM_MOUSE, &[0, 0, 0x08, 2, 0, 1]);
    assert_eq!(events(&mut controller), [KEY_A, moved(1, 0), moved(2, -1)]);
    let before = fake.with(|state| state.accesses);
    assert_eq!(events(&mut controller), []);
    assert_eq!(fake.with(|state| state.accesses) - before, 1, "nothing waits: one look");
}

#[test]
fn damaged_bytes_are_dropped_and_break_no_later_packet() {
    let fake = Fake::good();
    let mut controller = I8042::start(&fake).unwrap();
    fake.send(FROM_MOUSE, &[0x08, 1]);
    fake.send(FROM_MOUSE | 0x40, &[0xfe]);
    fake.send(0x80, &[0x1e]);
    fake.send(FROM_MOUSE, &[0x08, 3, 0, 0]);
    assert_eq!(events(&mut controller), [moved(3, 0)]);
}

#[test]
fn a_mouse_without_a_wheel_sends_three_bytes() {
    let fake = Fake::new(Some(false), Fault::None);
    let mut controller = I8042::start(&fake).unwrap();
    fake.send(FROM_MOUSE, &[0x08, 1, 0, 0x08, 2, 0]);
    assert_eq!(events(&mut controller), [moved(1, 0), moved(2, 0)]);
}

#[test]
fn without_a_mouse_the_keyboard_works_and_the_port_stays_off() {
    for two_ports in [true, false] {
        let fake = Fake::new(None, Fault::None);
        fake.with(|state| state.two_ports = two_ports);
        let mut controller = I8042::start(&fake).unwrap();
        let off = if two_ports { MOUSE_OFF } else { 0 };
        let config = fake.with(|state| state.config);
        assert!(controller.mouse().is_none());
        assert_eq!(config & (MOUSE_INTERRUPT | KEYBOARD_OFF | KEYBOARD_INTERRUPT), KEYBOARD_INTERRUPT);
        assert!(config & off == off);
        fake.send(0, &[0x1e]);
        assert_eq!(events(&mut controller), [KEY_A]);
    }
}

#[test]
fn no_controller_is_noticed_at_the_first_look() {
    let fake = Fake::new(None, Fault::Status(0xff));
    assert_eq!(I8042::start(&fake).err(), Some(I8042Error::Absent));
    assert_eq!(fake.with(|state| state.accesses), 1);
}

#[test]
fn a_controller_that_never_takes_or_answers_is_given_up_in_bounded_time() {
    let attempt = |fault| {
        let fake = Fake::new(Some(true), fault);
        let error = I8042::start(&fake).err();
        (error, fake.with(|state| state.accesses))
    };
    let limit = CONTROLLER_POLLS as usize + 200;
    for fault in [Fault::Status(INPUT_FULL), Fault::StuckAfter(1), Fault::StuckAfter(2), Fault::StuckAfter(4)] {
        let (error, accesses) = attempt(fault);
        assert_eq!(error, Some(I8042Error::Stuck));
        assert!(accesses <= limit, "{accesses} accesses");
    }
    let (error, accesses) = attempt(Fault::Silent);
    assert_eq!(error, Some(I8042Error::Silent(READ_CONFIG)));
    assert!(accesses <= limit, "{accesses} accesses");
}

#[test]
fn a_controller_whose_output_never_empties_ends_the_handler() {
    let fake = Fake::good();
    let mut controller = I8042::start(&fake).unwrap();
    fake.with(|state| {
        state.fault = Fault::Status(OUTPUT_FULL);
        state.accesses = 0;
    });
    events(&mut controller);
    assert_eq!(fake.with(|state| state.accesses), 2 * SERVICE_LIMIT as usize);
}

proptest! {
    #[test]
    fn any_bytes_from_any_source_are_survived(
        bytes in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..300),
    ) {
        let fake = Fake::good();
        let mut controller = I8042::start(&fake).unwrap();
        for (source, byte) in &bytes {
            fake.send(*source & (FROM_MOUSE | BAD_BYTE), &[*byte]);
        }
        prop_assert!(events(&mut controller).len() <= bytes.len());
    }
}
