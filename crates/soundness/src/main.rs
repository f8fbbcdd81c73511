//! `cargo xtask check-circuits`: checks every circuit, and tries the checker on changed ones.
//!
//! Prints a line a circuit. Ends with 1 at the first circuit that does not say what the statement says, and where a changed circuit
//! passes without an explanation.
use clap::Parser;
use rand::{SeedableRng, rngs::StdRng};
use std::{collections::BTreeMap, process::ExitCode, time::Instant};
use veilmark_soundness::{
    Fault,
    claims::{Setups, Subject},
    explain,
    mutate::mutate,
};

/// Check that circuits say what the statement says, coefficient by coefficient.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask check-circuits")]
struct Arguments {
    /// Change circuits at random so many times in all, and see whether each change is noticed, or explained.
    #[arg(long, default_value_t = 0)]
    mutate: usize,
    /// Of the random changes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only circuits whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err((name, fault)) => {
            eprintln!("{name}: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, (String, Fault)> {
    let mut setups = Setups::default();
    let wanted = |subject: &Subject| subject.name.contains(&arguments.only);
    if arguments.mutate > 0 {
        let subjects: Vec<Subject> = Subject::few().into_iter().filter(wanted).collect();
        return mutations(arguments, &subjects, &mut setups);
    }
    for subject in Subject::all().into_iter().filter(wanted) {
        let start = Instant::now();
        let named = |fault| (subject.name.clone(), fault);
        let prepared = subject.prepare(&mut setups).map_err(named)?;
        let laid = start.elapsed().as_secs_f64();
        let (_, said) = prepared.check(&prepared.laid).map_err(named)?;
        let checked = start.elapsed().as_secs_f64() - laid;
        println!("{}: ok, laid in {laid:.1} s, checked in {checked:.1} s: {said}", subject.name);
    }
    Ok(true)
}

/// Whether every changed circuit is refused, or explained.
fn mutations(arguments: &Arguments, subjects: &[Subject], setups: &mut Setups) -> Result<bool, (String, Fault)> {
    let mut rng = StdRng::seed_from_u64(arguments.seed);
    let (mut noticed, mut unexplained, mut explained) = (0, 0, BTreeMap::new());
    for (at, subject) in subjects.iter().enumerate() {
        let named = |fault| (subject.name.clone(), fault);
        let prepared = subject.prepare(setups).map_err(named)?;
        let (original, _) = prepared.check(&prepared.laid).map_err(named)?;
        let share = (arguments.mutate + at) / subjects.len();
        for _ in 0..share {
            let mutant = mutate(&prepared.laid, &mut rng);
            let Ok((changed, _)) = prepared.check(&mutant.laid) else {
                noticed += 1;
                continue;
            };
            match explain(&prepared, &original, &changed) {
                Some(explanation) => {
                    println!("{}: survives: {}: {explanation}", subject.name, mutant.change);
                    *explained.entry(explanation).or_insert(0) += 1;
                }
                None => {
                    println!("{}: UNEXPLAINED: {}", subject.name, mutant.change);
                    unexplained += 1;
                }
            }
        }
        println!("{}: {share} changes", subject.name);
    }
    println!("{noticed} noticed, {explained:?} explained, {unexplained} unexplained");
    Ok(unexplained == 0)
}
