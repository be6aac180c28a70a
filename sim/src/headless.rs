//! A machine inside another program: for tests and tools.

use crate::drive::{End, Lines, drive};
use crate::error::SimError;
use crate::options::Options;
use crate::rig::Rig;
use crate::screenshot::Picture;
use crate::script;
use std::sync::atomic::AtomicBool;
use velocity_models::InputHandle;
use velocity_system::System;

/// A machine without a window, switched on and at its first prompt. The files named in its options are not written.
pub struct Session {
    rig: Rig,
    system: System,
    input: InputHandle,
}

impl Session {
    /// Switches a machine on. `options` say what it is made of; `script`, `transcript` and `screenshot` are not used.
    ///
    /// # Errors
    /// [`SimError`] when the disk cannot be opened.
    pub fn new(options: Options) -> Result<Self, SimError> {
        Self::on(Rig::new(options, true))
    }

    /// Switches on a machine of a rig. Its transcript is empty if the rig keeps none.
    ///
    /// # Errors
    /// [`SimError`] when the disk cannot be opened.
    pub fn on(rig: Rig) -> Result<Self, SimError> {
        let (system, input) = rig.start(None)?;
        Ok(Self { rig, system, input })
    }

    /// Types the commands of `script` one by one and answers with the transcript of everything since the machine was
    /// switched on. A command that never ends keeps this from returning.
    ///
    /// # Errors
    /// [`SimError`] when a `reboot` in the script finds that the disk can no longer be opened.
    pub fn run_script(&mut self, script: &str) -> Result<String, SimError> {
        let mut lines = Lines::Script(script::commands(script));
        while drive(&mut self.system, &mut lines, &self.input, &AtomicBool::new(false)) == End::Reboot {
            (self.system, self.input) = self.rig.start(None)?;
        }
        Ok(self.rig.transcript())
    }

    /// The system, to be stepped by hand.
    pub const fn system(&mut self) -> &mut System {
        &mut self.system
    }

    /// The way to type at it by hand.
    #[must_use]
    pub const fn input(&self) -> &InputHandle {
        &self.input
    }

    /// What was shown on text ports so far, from the first prompt on.
    #[must_use]
    pub fn transcript(&self) -> String {
        self.rig.transcript()
    }

    /// What the screen shows.
    #[must_use]
    pub fn picture(&self) -> Picture {
        self.rig.picture()
    }
}
