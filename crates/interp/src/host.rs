//! The way from a program to the world around it.

use crate::{HostError, Memory};
use velocity_nda::module::Value;

/// What a program may ask of the world around it.
pub trait Host {
    /// Carries out a call of a [host function](crate::Store::host_function).
    ///
    /// # Errors
    /// The program traps with what is given.
    fn call(&mut self, call: HostCall<'_>) -> Result<(), HostError>;
}

/// A call of a host function.
#[derive(Debug)]
pub struct HostCall<'a> {
    /// The number that the function was given when it was made.
    pub function: u32,
    /// As many values and of such types as the function has parameters.
    pub arguments: &'a [Value],
    /// As many values and of such types as the function has results, all zero. Setting one to another type is an error
    /// of the host and traps.
    pub results: &'a mut [Value],
    /// Fuel that the call costs beyond its node: zero, unless the host adds to it what a long piece of work takes. It is
    /// paid when the call is over.
    pub fuel: &'a mut u64,
    /// Set by the host if the call cannot be carried out yet: it has not happened then, the run's slice is over, and the next one begins with the
    /// same call.
    pub later: &'a mut bool,
    /// The memory of the instance that calls, if it has one.
    pub memory: Option<&'a mut Memory>,
}

/// A host that has no functions: for programs that need none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl Host for NoHost {
    fn call(&mut self, _: HostCall<'_>) -> Result<(), HostError> {
        Err(HostError("the host has no such function"))
    }
}
