//! One small circuit of each claim, and changes that must be noticed. `cargo xtask check-circuits` checks all of them.
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use veilmark_circuits::claims::fingerprint::FingerprintClaim;
use veilmark_soundness::claims::{Setups, Subject};

#[test]
fn circuits_say_what_the_statement_says() {
    let mut setups = Setups::default();
    for subject in Subject::few() {
        let prepared = subject.prepare(&mut setups).expect("the keys are the circuit's");
        prepared.check(&prepared.laid).unwrap_or_else(|fault| panic!("{}: {fault}", subject.name));
    }
}

/// One change of each kind at a place where it matters, each refused.
#[test]
fn changes_are_noticed() {
    let prepared =
        Subject::picture::<FingerprintClaim>(5, 5).prepare(&mut Setups::default()).expect("the keys are the circuit's");
    let refused = |what: &str, change: &dyn Fn(&mut veilmark_soundness::Laid)| {
        let mut laid = prepared.laid.clone();
        change(&mut laid);
        assert!(prepared.check(&laid).is_err(), "{what} is not noticed");
    };
    refused("a lost copy", &|laid| {
        laid.copies.remove(0);
    });
    refused("a lost last copy", &|laid| {
        laid.copies.pop();
    });
    for gate in 0..prepared.laid.gates.len() {
        refused("a lost gate", &|laid| drop(laid.gates.remove(gate)));
    }
    for column in 0..prepared.laid.fixed.len() {
        refused("a lost fixed cell", &|laid| {
            let last = laid.fixed[column].iter().rposition(|value| *value != Fr::ZERO);
            laid.fixed[column][last.expect("no fixed column is empty")] = Fr::ZERO;
        });
    }
}
