//! All input as one stream of keys.
//!
//! Bytes of text ports are decoded one decoder a port; keys of the local keyboard come as they are; the mouse has
//! nothing to point at yet. Invariant: keys typed ahead are bounded by [`MAX_AHEAD`]; what comes on top is dropped and
//! counted, but Ctrl-C always gets through.

use alloc::{boxed::Box, collections::VecDeque, vec::Vec};
use velocity_base::Instant;
use velocity_hal::{Input, InputEvent, KeyEvent};
use velocity_terminal::{KeyDecoder, is_interrupt};

/// Keys kept while a command runs: more than a full command line.
const MAX_AHEAD: usize = 8192;

/// Events taken from the machine a step.
const EVENTS_A_STEP: usize = 1024;

/// The keys of a machine.
pub(crate) struct Keyboard {
    input: Box<dyn Input>,
    decoders: Vec<KeyDecoder>,
    ahead: VecDeque<KeyEvent>,
    dropped: u64,
}

impl Keyboard {
    /// The keys of `input`, which numbers its text ports below `ports`.
    pub(crate) fn new(input: Box<dyn Input>, ports: usize) -> Self {
        let decoders = (0..ports).map(|_| KeyDecoder::new()).collect();
        Self { input, decoders, ahead: VecDeque::new(), dropped: 0 }
    }

    /// Takes in what has arrived by `now`, a bounded number of events.
    pub(crate) fn pump(&mut self, now: Instant) {
        for _ in 0..EVENTS_A_STEP {
            match self.input.next() {
                Some(event) => self.take(event, now),
                None => return self.poll_decoders(now),
            }
        }
    }

    /// The oldest key.
    pub(crate) fn next(&mut self) -> Option<KeyEvent> {
        self.ahead.pop_front()
    }

    /// Whether Ctrl-C was typed; forgets it and everything typed before it.
    pub(crate) fn take_interrupt(&mut self) -> bool {
        let last = self.ahead.iter().rposition(is_interrupt);
        if let Some(last) = last {
            self.ahead.drain(..=last);
        }
        last.is_some()
    }

    /// Whether a key or an event waits.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.ahead.is_empty() || self.input.is_waiting()
    }

    /// When an unfinished escape sequence has to be looked at again.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.decoders.iter().filter_map(KeyDecoder::deadline).min()
    }

    /// Events lost so far, in the machine's queue or here.
    pub(crate) fn lost(&self) -> u64 {
        self.input.lost() + self.dropped
    }

    fn take(&mut self, event: InputEvent, now: Instant) {
        match event {
            InputEvent::Key(key) => self.push(key),
            InputEvent::Byte { port, byte } => {
                let Some(decoder) = self.decoders.get_mut(usize::from(port)) else { return };
                let keys = decoder.feed(byte, now);
                keys.for_each(|key| self.push(key));
            }
            InputEvent::Mouse(_) => {}
        }
    }

    fn push(&mut self, key: KeyEvent) {
        if self.ahead.len() < MAX_AHEAD || is_interrupt(&key) && self.ahead.pop_back().is_some() {
            self.ahead.push_back(key);
        } else {
            self.dropped += 1;
        }
    }

    fn poll_decoders(&mut self, now: Instant) {
        for port in 0..self.decoders.len() {
            if let Some(key) = self.decoders[port].poll(now) {
                self.push(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::sync::Arc;
    use spin::Mutex;

    #[derive(Clone, Default)]
    struct Queue(Arc<Mutex<VecDeque<InputEvent>>>);

    impl Input for Queue {
        fn next(&mut self) -> Option<InputEvent> {
            self.0.lock().pop_front()
        }
        fn is_waiting(&self) -> bool {
            !self.0.lock().is_empty()
        }
        fn lost(&self) -> u64 {
            3
        }
    }

    fn typed(text: &[u8], port: u8) -> impl Iterator<Item = InputEvent> {
        text.iter().map(move |&byte| InputEvent::Byte { port, byte })
    }

    #[test]
    fn an_interrupt_gets_through_a_full_queue_and_clears_it() {
        let queue = Queue::default();
        let mut keyboard = Keyboard::new(Box::new(queue.clone()), 1);
        queue.0.lock().extend(typed(&[b'x'; MAX_AHEAD + 5], 0).chain(typed(b"\x03after", 0)));
        while keyboard.input.is_waiting() {
            keyboard.pump(Instant::ZERO);
        }
        assert_eq!(keyboard.lost(), 3 + 5 + 5);
        assert!(keyboard.take_interrupt());
        assert!(!keyboard.take_interrupt() && !keyboard.is_waiting());
    }

    #[test]
    fn ports_are_decoded_apart_and_unknown_ports_are_ignored() {
        let queue = Queue::default();
        let mut keyboard = Keyboard::new(Box::new(queue.clone()), 2);
        queue.0.lock().extend(typed(b"\x1b", 0).chain(typed(b"[A", 1)).chain(typed(b"z", 9)).chain(typed(b"[B", 0)));
        keyboard.pump(Instant::ZERO);
        let keys: Vec<_> = core::iter::from_fn(|| keyboard.next().map(|event| event.key)).collect();
        use velocity_hal::Key::{Char, Down};
        assert_eq!(keys, [Char('['), Char('A'), Down]);
    }
}
