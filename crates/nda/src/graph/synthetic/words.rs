//! Words for names and doc comments.

pub(super) const VERBS: &[(&str, &str)] = &[
    ("count", "Counts"),
    ("scale", "Scales"),
    ("find", "Finds"),
    ("merge", "Merges"),
    ("clamp", "Limits"),
    ("mix", "Mixes"),
    ("sum", "Adds up"),
    ("check", "Checks"),
    ("fold", "Folds"),
    ("rank", "Ranks"),
    ("decode", "Decodes"),
    ("encode", "Encodes"),
    ("split", "Splits"),
    ("measure", "Measures"),
    ("predict", "Predicts"),
    ("balance", "Balances"),
];

pub(super) const NOUNS: &[&str] = &[
    "samples", "entries", "pixels", "packets", "sectors", "tokens", "weights", "orders", "keys", "frames", "scores",
    "blocks", "events", "pages", "nodes", "edges", "levels", "rows", "cells", "words",
];

pub(super) const PLACES: &[&str] = &[
    "window", "table", "ledger", "queue", "image", "tree", "cache", "log", "grid", "stream", "batch", "region",
    "buffer", "index", "path", "schedule",
];

pub(super) const CLAUSES: &[&str] = &[
    "What lies outside of the range is left alone.",
    "The result is exact as long as the inputs are small.",
    "Ties go to the earlier one, so that the order of the input does not matter.",
    "Called once for every step, so it must stay cheap.",
    "Negative inputs are taken as they are; the caller has looked at them.",
    "Wraps around at the end, as the format asks for.",
    "Zero means that nothing was found.",
    "See the table above for where the constants come from.",
];

pub(super) const VARIABLES: &[&str] = &[
    "total", "best", "next", "left", "rest", "step", "limit", "score", "low", "high", "state", "delta", "mean", "part",
];

pub(super) const PARAMETERS: &[&str] =
    &["value", "count", "from", "width", "depth", "seed", "offset", "rate", "bias", "size"];
