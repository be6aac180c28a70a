//! Ports: the serial line and the PS/2 controller, their interrupts, and the queue that takes all input.

use super::clock::TscClock;
use super::firmware::Firmware;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use heapless::spsc::{Consumer, Producer, Queue};
use spin::{Mutex, Once};
use velocity_base::Instant;
use velocity_hal::{Clock, Input, InputEvent, PortIo, TextPort};
use velocity_pc::{COM1, I8042, Uart};
use x86_64::instructions::port::Port;

/// The processor's own port instructions.
#[derive(Clone, Copy)]
pub struct X86Ports;

impl PortIo for X86Ports {
    fn in8(&self, port: u16) -> u8 {
        // SAFETY: 1. drivers use ports of devices they own; 2. no port changes memory.
        unsafe { Port::new(port).read() }
    }
    fn in16(&self, port: u16) -> u16 {
        // SAFETY: 1. drivers use ports of devices they own; 2. no port changes memory.
        unsafe { Port::new(port).read() }
    }
    fn in32(&self, port: u16) -> u32 {
        // SAFETY: 1. drivers use ports of devices they own; 2. no port changes memory.
        unsafe { Port::new(port).read() }
    }
    fn out8(&self, port: u16, value: u8) {
        // SAFETY: 1. drivers use ports of devices they own; 2. no port changes memory.
        unsafe { Port::new(port).write(value) }
    }
    fn out16(&self, port: u16, value: u16) {
        // SAFETY: 1. drivers use ports of devices they own; 2. no port changes memory.
        unsafe { Port::new(port).write(value) }
    }
    fn out32(&self, port: u16, value: u32) {
        // SAFETY: 1. drivers use ports of devices they own; 2. no port changes memory.
        unsafe { Port::new(port).write(value) }
    }
}

/// Events that may wait; more are counted as lost.
const QUEUE: usize = 1024;

static X86: X86Ports = X86Ports;
static SERIAL: Once<Uart<'static>> = Once::new();
/// Locked by interrupt handlers of one core only, which do not nest.
static PS2: Mutex<Option<I8042<'static>>> = Mutex::new(None);
static PRODUCER: Mutex<Option<Producer<'static, InputEvent>>> = Mutex::new(None);
static CLOCK: Once<TscClock> = Once::new();
static LOST: AtomicU64 = AtomicU64::new(0);

/// The kernel's [`Input`].
pub struct QueueInput(Consumer<'static, InputEvent>);

impl Input for QueueInput {
    fn next(&mut self) -> Option<InputEvent> {
        self.0.dequeue()
    }
    fn is_waiting(&self) -> bool {
        self.0.ready()
    }
    fn lost(&self) -> u64 {
        LOST.load(Ordering::Relaxed)
    }
}

/// What the machine gets of the ports.
pub struct Ports {
    /// All input.
    pub input: QueueInput,
    /// Serial lines.
    pub text: Vec<Box<dyn TextPort>>,
    /// What did not work, for the log.
    pub troubles: Vec<String>,
}

/// Gives events from here on their time; to be called before interrupts are enabled.
pub fn set_clock(clock: TscClock) {
    CLOCK.call_once(|| clock);
}

/// Starts the serial line and the PS/2 controller; their interrupts must be routed afterwards.
#[must_use]
pub fn start(firmware: &Firmware) -> Ports {
    let queue = Box::leak(Box::new(Queue::<InputEvent, QUEUE>::new()));
    let (producer, consumer) = queue.split();
    *PRODUCER.lock() = Some(producer);
    let mut text: Vec<Box<dyn TextPort>> = Vec::new();
    let mut troubles = Vec::new();
    match Uart::start(&X86, COM1) {
        Ok(uart) => {
            let uart = SERIAL.call_once(|| uart);
            uart.enable_receive_interrupt();
            text.push(Box::new(uart));
        }
        Err(error) => troubles.push(error.to_string()),
    }
    if !firmware.no_i8042 {
        match I8042::start(&X86) {
            Ok(controller) => *PS2.lock() = Some(controller),
            Err(error) => troubles.push(error.to_string()),
        }
    }
    Ports { input: QueueInput(consumer), text, troubles }
}

fn push(event: InputEvent) {
    let mut producer = PRODUCER.lock();
    if producer.as_mut().is_none_or(|queue| queue.enqueue(event).is_err()) {
        LOST.fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes in what the serial line has received.
pub fn serial_interrupt() {
    if let Some(uart) = SERIAL.get() {
        uart.receive(&mut |byte| push(InputEvent::Byte { port: 0, byte }));
    }
}

/// Takes in what keyboard and mouse have sent.
pub fn ps2_interrupt() {
    let now = CLOCK.get().map_or(Instant::ZERO, Clock::now);
    if let Some(controller) = PS2.lock().as_mut() {
        controller.service(now, &mut push);
    }
}
