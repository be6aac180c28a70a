//! Updates from package to decision.

mod life;
mod power;
mod support;
mod swaps;

use crate as hotpatch;
use alloc::sync::Arc;
use alloc::vec;
use hotpatch::*;
use support::*;
use velocity_hal::Clock;
use velocity_jit::EngineKind;
use velocity_nda::module::Value;
use velocity_ota::*;
