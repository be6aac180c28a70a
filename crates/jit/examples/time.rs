//! Times engines.
use std::time::Instant;
use velocity_gate::{admit,Candidate,Origin,Policy}; use velocity_interp::*;
fn main() {
    for file in std::env::args().skip(1) {
        let source = std::fs::read_to_string(&file).unwrap();
        let verdict = admit(Candidate::Text { name: "f", source: &source }, Origin::Person, &Policy::default());
        let program = verdict.program.unwrap_or_else(|| panic!("refused"));
        for which in std::env::var("W").map_or(0, |w| w.parse().unwrap())..2 {
            let mut all = vec![];
            for _ in 0..5 {
                let limits = Limits { fuel: u64::MAX, ..Limits::default() };
                let engine: Box<dyn engine::Engine> = if which == 0 { Box::new(engine::Reference) } else { Box::<velocity_jit::Closures>::default() };
                let start = Instant::now();
                let mut session = Session::new(&program, Store::with_engine(limits, engine)).unwrap();
                let mut out = String::new();
                session.resume(u64::MAX, &mut out);
                all.push(start.elapsed());
            }
            all.sort();
            println!("{file} {} min {:?} median {:?}", ["interp", "closures"][which], all[0], all[2]);
        }
    }
}
