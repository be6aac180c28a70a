//! Costs, stacks and reach of modules built by hand.
