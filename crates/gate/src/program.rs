//! A module that was judged and may run.

use crate::measure::Measure;
use crate::{Capabilities, Cost};
use alloc::sync::Arc;
use velocity_nda::module::Module;

/// What may run. Only [`admit`](crate::admit()) makes one; a copy shares the module.
#[derive(Clone, Debug)]
pub struct Program {
    module: Arc<Module>,
    measure: Arc<Measure>,
    needs: Capabilities,
    cost: Cost,
    stack_bytes: u64,
}

impl Program {
    pub(crate) fn new(module: Module, needs: Capabilities, cost: Cost, stack_bytes: u64) -> Self {
        let measure = Arc::new(Measure::of(&module));
        Self { module: Arc::new(module), measure, needs, cost, stack_bytes }
    }

    /// The module, which is valid.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// What its functions are charged and take, and where its statics go.
    #[must_use]
    pub fn measure(&self) -> &Measure {
        &self.measure
    }

    /// The capabilities that its host items belong to; all of them were granted.
    #[must_use]
    pub const fn needs(&self) -> Capabilities {
        self.needs
    }

    /// The worst cost of calling any function where a run can begin.
    #[must_use]
    pub const fn cost(&self) -> Cost {
        self.cost
    }

    /// Bytes of stack for the deepest chain of calls, recursion counted once.
    #[must_use]
    pub const fn stack_bytes(&self) -> u64 {
        self.stack_bytes
    }
}
