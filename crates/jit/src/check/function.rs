//! One function: what it is called with, and the walk over its instructions.

use super::decode::Op;
use super::frame::Frame;
use super::scan::{Scanned, reject};
use super::walk::{Room, Walk};
use super::{Checkable, Extent, Rejected, Rule, SiteKind, place};

/// Checks a function that was scanned.
pub(super) fn check(unit: &Checkable<'_>, extent: Extent, scanned: &Scanned, room: &mut Room) -> Result<(), Rejected> {
    let Some(number) = extent.number else { return stub(extent, scanned, SiteKind::Last) };
    let callee = unit.around.entered(number).ok_or(place(extent.start, Rule::Extents))?;
    let Some(instance) = callee.instance else { return stub(extent, scanned, SiteKind::Exit) };
    let frame = Frame::of(scanned, callee.above)?;
    Walk::new(unit, extent, (scanned, room), frame, instance).run()
}

/// Code that only leaves.
fn stub(extent: Extent, scanned: &Scanned, kind: SiteKind) -> Result<(), Rejected> {
    let ([exit, back], [site]) = (scanned.instructions(), scanned.sites.as_slice()) else {
        return Err(place(extent.start, Rule::Extents));
    };
    if *site != kind {
        return reject(exit, Rule::Site);
    }
    if back.op() != Op::Retnq {
        return reject(back, Rule::Stack);
    }
    Ok(())
}
