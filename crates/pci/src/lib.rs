//! Placeholder replaced by the first commit of this crate.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
