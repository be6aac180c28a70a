//! A module that was judged and may run.

use crate::Capabilities;
use alloc::sync::Arc;
use velocity_nda::module::Module;

/// What may run. Only [`admit`](crate::admit()) makes one; a copy shares the module.
#[derive(Clone, Debug)]
pub struct Program {
    module: Arc<Module>,
    needs: Capabilities,
}

impl Program {
    pub(crate) fn new(module: Module, needs: Capabilities) -> Self {
        Self { module: Arc::new(module), needs }
    }

    /// The module, which is valid.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The capabilities that its reachable host items belong to; all of them were granted.
    #[must_use]
    pub const fn needs(&self) -> Capabilities {
        self.needs
    }
}
