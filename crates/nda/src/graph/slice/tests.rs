//! Slices of real programs.
