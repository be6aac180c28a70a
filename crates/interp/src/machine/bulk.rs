//! Operations on ranges, whose operands are on the value stack.

use super::{Machine, Scene, Stop};
use crate::TrapKind;
use crate::bulk::{Bulk, Range};
use crate::store::State;
use velocity_nda::module::{Expr, ExprId};

impl Machine {
    /// The operands are on the value stack.
    #[inline(never)]
    pub(super) fn bulk(&mut self, scene: &Scene<'_>, state: &mut State, id: ExprId) -> Result<(), Stop> {
        self.range_of(scene, state, id).map_err(|kind| Stop::Fault(kind, id))
    }

    fn range_of(&mut self, scene: &Scene<'_>, state: &mut State, id: ExprId) -> Result<(), TrapKind> {
        let expr = scene.module.exprs[id];
        if let Expr::MemoryGrow(_) = expr {
            let pages = self.pop_u32();
            let old = self.operation(scene, state).grow(pages)?;
            self.values.push(old);
            return Ok(());
        }
        let (len, from, to) = (self.pop_u32(), self.pop_u32(), self.pop_u32());
        self.operation(scene, state).range(expr, Range { to, from, len })
    }

    fn operation<'a>(&'a mut self, scene: &Scene<'a>, state: &'a mut State) -> Bulk<'a> {
        Bulk { id: scene.id, instance: scene.instance, state, account: &mut self.account }
    }
}
