//! A scripted UART: a good one, and ones that are absent, stuck or noisy.

use super::*;
use std::collections::VecDeque;
use std::sync::Mutex;

struct State {
    registers: [u8; 8],
    divisor: [u8; 2],
    has_fifo: bool,
    present: bool,
    /// Transmitter stuck.
    stuck: bool,
    /// Bytes waiting, with the error bits they arrived with.
    input: VecDeque<(u8, u8)>,
    output: Vec<u8>,
    /// Bytes in the transmitter since the status last said it was empty.
    queued: usize,
    interrupt_writes: Vec<u8>,
    accesses: usize,
}

struct Fake(Mutex<State>);

impl Fake {
    fn new() -> Self {
        Self(Mutex::new(State {
            registers: [0; 8],
            divisor: [0; 2],
            has_fifo: true,
            present: true,
            stuck: false,
            input: VecDeque::new(),
            output: vec![],
            queued: 0,
            interrupt_writes: vec![],
            accesses: 0,
        }))
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    fn receive(&self, status: u8, bytes: &[u8]) {
        self.with(|state| state.input.extend(bytes.iter().map(|byte| (status, *byte))));
    }
}

impl State {
    fn latched(&self) -> bool {
        self.registers[LINE_CONTROL as usize] & DIVISOR_LATCH != 0
    }

    fn line_status(&mut self) -> u8 {
        let room = if self.stuck {
            0
        } else {
            self.queued = 0;
            TRANSMITTER_EMPTY
        };
        self.input.front().map_or(0, |(status, _)| DATA_READY | status) | room
    }

    fn read(&mut self, register: u16) -> u8 {
        match register {
            DATA => self.input.pop_front().map_or(0, |(_, byte)| byte),
            FIFO if self.has_fifo => self.registers[FIFO as usize] << 7 | (self.registers[FIFO as usize] & 1) << 6 | 1,
            FIFO => 1,
            LINE_STATUS => self.line_status(),
            other => self.registers[other as usize],
        }
    }

    fn write(&mut self, register: u16, value: u8) {
        match register {
            DATA | INTERRUPT_ENABLE if self.latched() => self.divisor[register as usize] = value,
            DATA => {
                self.queued += 1;
                assert!(self.queued <= if self.has_fifo { 16 } else { 1 }, "the transmitter overran");
                self.output.push(value);
            }
            INTERRUPT_ENABLE => {
                self.interrupt_writes.push(value);
                self.registers[INTERRUPT_ENABLE as usize] = value;
            }
            other => self.registers[other as usize] = value,
        }
    }
}

impl PortIo for Fake {
    fn in8(&self, port: u16) -> u8 {
        self.with(|state| {
            state.accesses += 1;
            if state.present { state.read(port - COM1) } else { 0xff }
        })
    }
    fn out8(&self, port: u16, value: u8) {
        self.with(|state| {
            state.accesses += 1;
            if state.present {
                state.write(port - COM1, value);
            }
        });
    }
    fn in16(&self, _: u16) -> u16 {
        panic!("the UART has 8-bit ports");
    }
    fn in32(&self, _: u16) -> u32 {
        panic!("the UART has 8-bit ports");
    }
    fn out16(&self, _: u16, _: u16) {
        panic!("the UART has 8-bit ports");
    }
    fn out32(&self, _: u16, _: u32) {
        panic!("the UART has 8-bit ports");
    }
}

#[test]
fn start_sets_the_line_up_with_interrupts_off() {
    let fake = Fake::new();
    fake.with(|state| state.registers[INTERRUPT_ENABLE as usize] = 0xf);
    let uart = Uart::start(&fake, COM1).unwrap();
    fake.with(|state| {
        assert_eq!(state.divisor, [1, 0]);
        assert_eq!(state.registers[LINE_CONTROL as usize], EIGHT_BITS);
        assert_eq!(state.registers[MODEM_CONTROL as usize], MODEM_READY);
        assert_eq!(state.registers[INTERRUPT_ENABLE as usize], 0);
        assert!(state.accesses <= 14, "{} accesses", state.accesses);
    });
    uart.enable_receive_interrupt();
    assert_eq!(fake.with(|state| state.registers[INTERRUPT_ENABLE as usize]), RECEIVE_INTERRUPT);
}

#[test]
fn an_absent_port_is_noticed_in_two_accesses() {
    let fake = Fake::new();
    fake.with(|state| state.present = false);
    assert_eq!(Uart::start(&fake, COM1).err(), Some(UartError::Absent(COM1)));
    assert_eq!(fake.with(|state| state.accesses), 2);
}

#[test]
fn sixteen_bytes_go_out_per_look_at_the_status() {
    let text: Vec<u8> = (0..100).collect();
    for (has_fifo, looks) in [(true, 7), (false, 100)] {
        let fake = Fake::new();
        fake.with(|state| state.has_fifo = has_fifo);
        let mut uart = &Uart::start(&fake, COM1).unwrap();
        let before = fake.with(|state| state.accesses);
        TextPort::write(&mut uart, &text);
        assert_eq!(fake.with(|state| state.output.clone()), text);
        assert_eq!(fake.with(|state| state.accesses) - before, 100 + looks);
    }
}

#[test]
fn a_stuck_transmitter_costs_one_wait_and_may_recover() {
    let fake = Fake::new();
    let uart = Uart::start(&fake, COM1).unwrap();
    fake.with(|state| (state.stuck, state.accesses) = (true, 0));
    assert_eq!(uart.send(&[1; 100]), 0);
    assert_eq!(fake.with(|state| state.accesses), TRANSMIT_POLLS as usize);
    assert_eq!(uart.send(&[2; 100]), 0);
    assert_eq!(fake.with(|state| state.accesses), TRANSMIT_POLLS as usize + 1, "no second wait");
    fake.with(|state| state.stuck = false);
    assert_eq!(uart.send(&[3; 20]), 20);
    fake.with(|state| (state.present, state.accesses) = (false, 0));
    assert_eq!((uart.send(&[4; 100]), fake.with(|state| state.accesses)), (0, 1), "a port that is gone");
}

#[test]
fn bytes_arrive_in_order_and_damaged_ones_are_counted() {
    let fake = Fake::new();
    let uart = Uart::start(&fake, COM1).unwrap();
    fake.receive(0, b"ab");
    fake.receive(1 << 3, b"x");
    fake.receive(OVERRUN, b"c");
    let received: Vec<u8> = std::iter::from_fn(|| uart.try_read()).collect();
    assert_eq!((received.as_slice(), uart.lost()), (b"abc".as_slice(), 2));
    fake.with(|state| state.present = false);
    assert_eq!(uart.try_read(), None);
}

#[test]
fn the_handler_is_bounded_and_asks_for_another_interrupt() {
    let fake = Fake::new();
    let uart = Uart::start(&fake, COM1).unwrap();
    uart.enable_receive_interrupt();
    fake.receive(0, &[7; 100]);
    fake.with(|state| state.interrupt_writes.clear());
    let mut received = 0;
    uart.receive(&mut |_| received += 1);
    assert_eq!(received, RECEIVE_LIMIT);
    assert_eq!(fake.with(|state| state.interrupt_writes.clone()), [0, RECEIVE_INTERRUPT]);
    uart.receive(&mut |_| received += 1);
    assert_eq!((received, fake.with(|state| state.interrupt_writes.len())), (100, 2));
    fake.receive(1 << 4, &[0; 1000]);
    fake.with(|state| state.accesses = 0);
    uart.receive(&mut |_| received += 1);
    assert_eq!(received, 100);
    assert_eq!(fake.with(|state| state.accesses), 2 * RECEIVE_LIMIT as usize + 2, "noise does not hold the handler");
    assert_eq!(fake.with(|state| state.interrupt_writes.len()), 4, "nor is what comes after it forgotten");
}
