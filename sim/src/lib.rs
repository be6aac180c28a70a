//! The simulator: VELOCITY-OS as a program of the host.
//!
//! Builds a `Machine` out of device models ([`rig`]), gives it a window and the host's terminal, and runs the same
//! `velocity_system::System` as the kernel does. [`headless::Session`] is the same machine inside another program.
//! Tier 5. Invariant: unsafe code is in `port` only; whatever the machine does, the host's terminal is left as it was.

pub mod bench;
pub mod disk;
pub mod drive;
mod error;
pub mod headless;
mod help;
mod host_terminal;
pub mod options;
mod plug;
pub mod port;
pub mod rig;
mod run;
pub mod screenshot;
pub mod script;
mod window;

pub use error::SimError;
pub use help::HELP;
pub use options::{Invocation, OptionError, Options};
pub use run::run;
