//! Checks every circuit.
use veilmark_soundness::claims::{Setups, Subject};
use std::time::Instant;
fn main() {
    let mut setups = Setups::default();
    for subject in Subject::all() {
        let start = Instant::now();
        let prepared = subject.prepare(&mut setups).unwrap();
        let laid = start.elapsed();
        match prepared.check(&prepared.laid) {
            Ok((_, said)) => println!("{}: ok ({:?} + {:?}) {said}", subject.name, laid, start.elapsed() - laid),
            Err(fault) => { println!("{}: FAULT {fault}", subject.name); }
        }
    }
}
