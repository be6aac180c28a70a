//! Times, medians, and the lines that are printed.

use crate::Failure;
use cpu_time::ThreadTime;
use std::hint::black_box;

/// What a peer has beside a figure: its name, its value, and how often ours goes into it.
pub type Beside<'a> = Option<(&'a str, f64, f64)>;

/// Microseconds of processor time of one call, and its value: other programs on the same cores do not count.
pub fn time<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<(f64, T), Failure> {
    let start = ThreadTime::now();
    let value = black_box(work()?);
    Ok((start.elapsed().as_secs_f64() * 1e6, value))
}

/// Does it twice and takes the second time: what others have pushed out of caches in their turns is not counted. A compiler
/// pushes out all there is, and most of what is timed here takes microseconds.
pub fn time_warm<T>(work: impl Fn() -> Result<T, Failure>) -> Result<(f64, T), Failure> {
    black_box(work()?);
    time(work)
}

/// The middle value; the mean of the two in the middle of an even number.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// The geometric mean.
pub fn geometric(values: &[f64]) -> f64 {
    (values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64).exp()
}

/// Prints a figure.
pub fn figure(case: &str, metric: &str, unit: &str, value: f64, peer: Beside<'_>) {
    let (peer, peer_value, ratio) = match peer {
        Some((peer, value, ratio)) => (format!("\"{peer}\""), value.to_string(), ratio.to_string()),
        None => ("null".to_owned(), "null".to_owned(), "null".to_owned()),
    };
    println!(
        "{{\"suite\":\"jit\",\"case\":\"{case}\",\"metric\":\"{metric}\",\"value\":{value},\"unit\":\"{unit}\",\
         \"peer\":{peer},\"peer_value\":{peer_value},\"ratio\":{ratio}}}"
    );
}

/// Times of several contestants, a column each, round after round.
pub struct Rounds {
    columns: Vec<Vec<f64>>,
}

impl Rounds {
    /// Takes every contestant's time in turn, in each round beginning with another one. The first round, which warms
    /// caches and predictors, does not count.
    pub fn take(
        contestants: usize,
        rounds: usize,
        mut time: impl FnMut(usize) -> Result<f64, Failure>,
    ) -> Result<Self, Failure> {
        let mut columns = vec![Vec::new(); contestants];
        for round in 0..=rounds {
            for turn in 0..contestants {
                let contestant = (round + turn) % contestants;
                let time = time(contestant)?;
                if round > 0 {
                    columns[contestant].push(time);
                }
            }
        }
        Ok(Self { columns })
    }

    /// The median of a contestant.
    pub fn median(&self, contestant: usize) -> f64 {
        median(self.columns[contestant].clone())
    }

    /// The median of the rounds' ratios: how many times as long `other` takes as `own`.
    pub fn ratio(&self, own: usize, other: usize) -> f64 {
        let pairs = self.columns[own].iter().zip(&self.columns[other]);
        median(pairs.map(|(own, other)| other / own).collect())
    }
}
