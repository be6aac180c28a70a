//! Where window and terminal plug in: it outlives the machine, which a reboot replaces.

use std::sync::{Arc, Mutex, PoisonError};
use velocity_hal::{InputEvent, MouseEvent};
use velocity_models::InputHandle;

/// The input queue of the machine that runs now; without one, what is pushed is lost. Clones are the same plug.
#[derive(Clone, Default)]
pub struct Plug(Arc<Mutex<Option<InputHandle>>>);

impl Plug {
    /// Connects the machine that reads from `input`.
    pub fn connect(&self, input: InputHandle) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(input);
    }

    /// Hands `event` to the machine; false when it is lost.
    pub fn push(&self, event: InputEvent) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|input| input.push(event))
    }

    /// Ends the machine's sleep, now or right after it falls asleep: a mouse that did not move.
    pub fn nudge(&self) {
        self.push(InputEvent::Mouse(MouseEvent::default()));
    }
}
