//! How code pays for what it runs: from `r13`, and only ever more.

use super::decode::{Instruction, Op};
use super::operand::{R13, RESERVED};
use super::scan::reject;
use super::sequence::branch;
use super::walk::Walk;
use super::{Rejected, Rule, SiteKind};

const GREATER: u8 = 15;

/// A branch to an exit that comes back to the branch's end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check {
    exit: u32,
    back: u32,
    /// How much fuel was taken right before it.
    taken: u32,
}

/// How much an instruction takes from the fuel, if it takes any.
fn charge(instruction: &Instruction) -> Option<u32> {
    let is_charge = matches!(instruction.op(), Op::SubRm64Imm8 | Op::SubRm64Imm32) && instruction.first() == Some(R13);
    instruction.immediate().filter(|_| is_charge).and_then(|fuel| u32::try_from(fuel).ok())
}

/// Allows an instruction that changes `r13` if it pays a charge.
pub(super) fn pay(instruction: &Instruction) -> Result<(), Rejected> {
    match instruction.op() {
        _ if charge(instruction).is_some() => Ok(()),
        Op::SubRm64Imm8 | Op::SubRm64Imm32 | Op::AddRm64Imm8 | Op::AddRm64Imm32 => reject(instruction, Rule::Fuel),
        _ => reject(instruction, Rule::Register),
    }
}

impl Walk<'_> {
    /// A branch to an exit that asks for fuel, right after some was taken: what is behind the branch runs after it as well as after the
    /// exit.
    pub(super) fn check(&mut self, branch: &Instruction) -> Result<(), Rejected> {
        self.needs_own()?;
        let before = self.at.checked_sub(1).and_then(|before| self.scanned.straight::<2>(before));
        let Some(taken) = before.and_then(|[take, _]| charge(take)) else { return reject(branch, Rule::Fuel) };
        self.checks.push(Check { exit: branch.target(), back: branch.end(), taken });
        self.state.forget(u16::MAX);
        Ok(())
    }

    /// The exit of such a branch, to which nothing else leads. These come in the opposite order of their branches.
    pub(super) fn come_back(&mut self) -> Result<(), Rejected> {
        let instruction = self.instruction();
        let (check, site) = (self.checks.pop(), self.next_site());
        let is_its = check.zip(site).is_some_and(|(check, site)| match site {
            SiteKind::Check { back, fuel } => {
                (check.exit, check.back) == (instruction.offset, back) && fuel <= check.taken
            }
            _ => false,
        });
        if self.live || !is_its {
            return reject(instruction, Rule::Fuel);
        }
        self.at += 1;
        Ok(())
    }

    /// Pays for a loop at once, if there is as much fuel.
    pub(super) fn counted(&mut self) -> Result<(), Rejected> {
        let found = self.scanned.straight::<3>(self.at).and_then(|[compare, dear, pay]| {
            let fuel = compare.first().filter(|fuel| RESERVED >> fuel & 1 == 0)?;
            let is_paid = pay.op() == Op::SubR64Rm64 && pay.first() == Some(R13) && pay.second() == Some(fuel);
            let target = branch(dear, GREATER)?;
            is_paid.then_some(target)
        });
        let Some(target) = found else { return self.reject(Rule::Fuel) };
        self.branch_to(target)?;
        self.at += 3;
        Ok(())
    }
}
