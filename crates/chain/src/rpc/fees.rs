//! What gas costs, as far as a node may say.
//!
//! Base fee and tip are the node's word. The base fee cannot make a transaction dearer than the block it comes into, for
//! the protocol sets it; the tip goes to whoever makes the block, and is what a lying node would ask for. So the tip is at
//! most [`LEAST_TIP_BOUND`] or the base fee, whichever is more, and all of it is at most what the user allowed.

use super::{
    RpcChain,
    parse::{Block, FeeHistory, Quantity},
    transport::Trouble,
};
use crate::ChainError;
use serde_json::json;

/// A tip of this many wei is accepted even where the base fee is less.
const LEAST_TIP_BOUND: u128 = 3_000_000_000;
/// The tip where a node names none.
const USUAL_TIP: u128 = 1_000_000_000;
/// How many blocks the base fee is compared with.
const HISTORY: u64 = 4;

/// What a transaction offers for each unit of gas, in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// The most in all.
    pub max_fee_per_gas: u128,
    /// The part that goes to whoever makes the block.
    pub tip: u128,
}

/// Fees for a base fee and the tip that a node proposes; `None` where even the base fee is beyond `most`.
fn offer(base: u128, proposed_tip: u128, most: u128) -> Option<Fees> {
    let tip = proposed_tip.min(base.max(LEAST_TIP_BOUND));
    // twice the base fee lasts for six full blocks
    let wanted = base.saturating_mul(2).saturating_add(tip);
    let least = base.saturating_add(tip);
    (least <= most).then(|| Fees { max_fee_per_gas: wanted.min(most), tip })
}

impl RpcChain {
    /// The fees that a transaction would offer now.
    ///
    /// # Errors
    ///
    /// If the chain cannot be asked, has no such fees, contradicts itself, or asks for more than
    /// [`super::Settings::max_fee_per_gas`].
    pub fn fees(&self) -> Result<Fees, ChainError> {
        let block: Block = self.read("eth_getBlockByNumber", json!(["latest", false]))?;
        let base = block
            .base_fee_per_gas
            .ok_or_else(|| self.garbage("eth_getBlockByNumber", "the last block has no base fee (EIP-1559)"))?;
        let base = self.base_fee_of_history(u128::from(base.0))?;
        let tip = match self.ask::<Quantity>("eth_maxPriorityFeePerGas", json!([])) {
            Ok(tip) => u128::from(tip.0),
            Err(Trouble::Node { .. }) => USUAL_TIP,
            Err(trouble) => return Err(self.failed("eth_maxPriorityFeePerGas", trouble)),
        };
        let most = self.settings.max_fee_per_gas;
        let too_high = ChainError::FeeTooHigh { got: base.saturating_add(tip), most };
        offer(base, tip, most).ok_or(too_high)
    }

    /// Compares the last block's base fee with those before it, and returns the next block's. A block changes it by an eighth
    /// at the most; a block more or less may have come between the questions.
    fn base_fee_of_history(&self, last: u128) -> Result<u128, ChainError> {
        const METHOD: &str = "eth_feeHistory";
        let question = json!([super::parse::quantity_json(HISTORY), "latest", []]);
        let history = match self.ask::<FeeHistory>(METHOD, question) {
            Ok(history) => history.base_fee_per_gas,
            // not every node keeps one
            Err(Trouble::Node { .. }) => return Ok(last),
            Err(trouble) => return Err(self.failed(METHOD, trouble)),
        };
        let Some(next) = history.last().map(|fee| u128::from(fee.0)) else { return Ok(last) };
        let (low, high) = (last.min(next), last.max(next));
        match high.saturating_mul(3) <= low.saturating_mul(4).saturating_add(64) {
            true => Ok(high),
            false => Err(self.garbage(METHOD, "the base fee is another than the last block's")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GWEI: u128 = 1_000_000_000;

    #[test]
    fn a_tip_is_bounded_by_the_base_fee() {
        let fees = |base: u128, tip: u128| offer(base, tip, 100 * GWEI).map(|fees| (fees.max_fee_per_gas, fees.tip));
        assert_eq!(fees(10 * GWEI, GWEI), Some((21 * GWEI, GWEI)));
        // the audit's node: hardly any base fee, and a tip of two thousand gwei
        assert_eq!(fees(1, 1999 * GWEI), Some((3 * GWEI + 2, 3 * GWEI)));
        assert_eq!(fees(60 * GWEI, 2 * GWEI), Some((100 * GWEI, 2 * GWEI)), "twice the base fee is only wished for");
        assert_eq!(fees(98 * GWEI, 2 * GWEI), Some((100 * GWEI, 2 * GWEI)));
        assert_eq!(fees(99 * GWEI, 2 * GWEI), None);
        assert_eq!(fees(u128::MAX, u128::MAX), None);
    }
}
