//! No fingerprint is claimed: the first public input is zero, in the claim that has none.
use super::{Clause, Reading};
use crate::{Fault, lookups::Form};
use halo2_proofs::halo2curves::bn256::Fr;
use veilmark_statement::claim::Claim;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct NoFingerprint {
    /// The claim: a proof in which this input is not zero is of its impossible statement.
    pub claim: Claim,
}

impl Clause for NoFingerprint {
    fn take(&self, reading: &mut Reading<'_>) -> Result<String, Fault> {
        let low = reading.solved.cells.instance(0, self.claim.impossible.input);
        let equation = reading.only_equation(low, "the first public input")?;
        let says_zero = |form: &Form, is: &dyn Fn(u32) -> bool| match form[..] {
            [(mono, value)] => value != Fr::from(0) && mono.single().is_some_and(is),
            _ => false,
        };
        if !says_zero(reading.form(equation), &|cell| cell == low) {
            return Err(reading.fault(equation, "the first public input is not said to be zero"));
        }
        reading.take_padding(equation)?;
        // a verifier puts zeros after the public inputs
        let cells = reading.solved.cells;
        let after = |cell| cells.is_instance(cell) && cells.place(cell).1 >= self.claim.inputs.len();
        for equation in reading.left() {
            if says_zero(reading.form(equation), &after) {
                reading.take_padding(equation)?;
            }
        }
        Ok("no fingerprint is claimed".into())
    }
}
