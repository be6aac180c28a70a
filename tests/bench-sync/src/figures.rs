//! Times in turn, medians, and the lines that are printed.

use std::time::Instant;

/// Something that is timed: its name, and what does it so many times.
pub struct Contestant {
    pub name: &'static str,
    pub work: Box<dyn FnMut(u64)>,
}

/// Someone who does something so many times.
pub fn contestant(name: &'static str, work: impl FnMut(u64) + 'static) -> Contestant {
    Contestant { name, work: Box::new(work) }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Times all in turn, each round beginning with another, and prints how the first `own` of them stand beside each of the others. What counts is
/// nanoseconds for each of `count` times. A round that warms everything up does not count.
pub fn compare(
    (suite, case, metric): (&str, &str, &str),
    mut all: Vec<Contestant>,
    own: usize,
    (rounds, count): (usize, u64),
) {
    let mut times = vec![Vec::new(); all.len()];
    for round in 0..=rounds {
        for turn in 0..all.len() {
            let at = (round + turn) % all.len();
            let start = Instant::now();
            (all[at].work)(count);
            let each = start.elapsed().as_secs_f64() * 1e9 / count as f64;
            if round > 0 {
                times[at].push(each);
            }
        }
    }
    for at in 0..own {
        for peer in own..all.len() {
            let ratio = median(times[at].iter().zip(&times[peer]).map(|(own, other)| other / own).collect());
            println!(
                "{{\"suite\":\"{suite}\",\"case\":\"{case}\",\"metric\":\"{} {metric}\",\"value\":{},\"unit\":\"ns\",\
                 \"peer\":\"{}\",\"peer_value\":{},\"ratio\":{ratio}}}",
                all[at].name,
                median(times[at].clone()),
                all[peer].name,
                median(times[peer].clone()),
            );
        }
    }
}
