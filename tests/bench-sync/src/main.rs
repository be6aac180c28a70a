//! Rings, replaced values and turns of agents against peers, in one run.
//!
//! ```text
//! cargo run --release --manifest-path tests/bench-sync/Cargo.toml -- rings|rcu|switch [ROUNDS]
//! ```
//! Prints one JSON object a line; `ratio` > 1 means that ours is faster. All do their work in turn, round after round; each figure is the median over
//! the rounds, `ratio` that of the rounds' own ratios.

mod figures;
mod rcu;
mod rings;
mod switch;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let suite = arguments.next().unwrap_or_default();
    let rounds = arguments.next().map_or(Ok(21), |rounds| rounds.parse())?;
    match suite.as_str() {
        "rings" => rings::measure(rounds),
        "rcu" => rcu::measure(rounds),
        "switch" => switch::measure(rounds),
        _ => return Err("name a suite: rings, rcu or switch".into()),
    }
    Ok(())
}
