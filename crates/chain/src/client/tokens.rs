//! Tokens of generated pictures: ERC-721 and ERC-7007.

use super::{RegistryClient, not_registered, records::Submission, took_effect, unless};
use crate::{
    Chain, ChainError, Receipt,
    abi::{IAuthenticityToken, IERC721, IERC7007, IInherited::ERC721NonexistentToken},
    call::decode,
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue};

pub use IAuthenticityToken::Content;

/// A token that was minted, now or earlier.
#[derive(Clone, Debug)]
pub struct Minted {
    /// Identifies the token.
    pub token_id: U256,
    /// What the transaction did and cost; `None` where the token was there already and nothing was sent.
    pub receipt: Option<Receipt>,
}

/// What a token is to say.
#[derive(Clone, Debug)]
pub struct Minting<'p> {
    /// What is proved, by whom: the registrant is the creator, who mints.
    pub submission: Submission<'p>,
    /// Where the picture is published; may be empty.
    pub uri: &'p str,
    /// The creator's part of a sale, in hundredths of a percent; at most 1000.
    pub royalty_bps: u16,
}

impl Minting<'_> {
    fn prompt(&self) -> Bytes {
        Bytes::copy_from_slice(self.submission.record.statement.promptCommitment.as_slice())
    }

    /// The call of the tokens' contract that mints it.
    pub fn call(&self) -> IAuthenticityToken::mintCall {
        let request = IAuthenticityToken::Mint {
            prompt: self.prompt(),
            aigcData: self.aigc_data().into(),
            proof: self.submission.proof.to_vec().into(),
            uri: self.uri.to_owned(),
            royaltyBps: alloy_primitives::Uint::from(self.royalty_bps),
        };
        IAuthenticityToken::mintCall { request }
    }

    /// ERC-7007's `aigcData`.
    pub fn aigc_data(&self) -> Vec<u8> {
        self.submission.record.abi_encode()
    }

    /// The id that the token gets.
    pub fn token_id(&self) -> U256 {
        token_id(self.submission.record.statement.imageCommitment, self.submission.record.vkHash)
    }
}

/// The id of the token of a content under a verifying key, as the contract makes it.
pub fn token_id(image_commitment: B256, vk_hash: B256) -> U256 {
    U256::from_be_bytes(keccak256((image_commitment, vk_hash).abi_encode()).0)
}

impl<C: Chain> RegistryClient<C> {
    /// Mints the token of a content to its creator; finds it where it is there already.
    ///
    /// # Errors
    ///
    /// If token, registry, router or verifier refuses.
    pub fn mint(&self, minting: &Minting<'_>) -> Result<Minted, ChainError> {
        let token = self.deployment().token();
        let registrant = minting.submission.record.registrant;
        let named = |error: IAuthenticityToken::AlreadyMinted| error.tokenId;
        let (token_id, receipt) = self.once(registrant, token, &minting.call(), named)?;
        Ok(Minted { token_id, receipt })
    }

    /// Asks the token's contract for ERC-7007's `verify`, which runs the real verifier; returns the gas it takes.
    ///
    /// # Errors
    ///
    /// If token, router or verifier refuses.
    pub fn verify_token(&self, minting: &Minting<'_>) -> Result<u64, ChainError> {
        let call = IERC7007::verifyCall {
            prompt: minting.prompt(),
            aigcData: minting.aigc_data().into(),
            proof: minting.submission.proof.to_vec().into(),
        };
        self.require()?;
        let token = self.deployment().token();
        let answer = self.chain().call(minting.submission.record.registrant, token, call.abi_encode())?;
        let malformed = ChainError::Malformed { address: token, function: "verify" };
        match decode::<IERC7007::verifyCall>(token, &answer.output)? {
            true => Ok(answer.gas_used),
            false => Err(malformed),
        }
    }

    /// What a token says, and who owns it.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn token(&self, token_id: U256) -> Result<(Content, Address), ChainError> {
        let token = self.deployment().token();
        let missing = || not_registered(format!("token {token_id:#066x}"));
        let owner = self.ask(token, &IERC721::ownerOfCall { tokenId: token_id });
        let owner = unless::<ERC721NonexistentToken, _>(owner)?.ok_or_else(missing())?;
        let content = self.ask(token, &IAuthenticityToken::contentOfCall { tokenId: token_id });
        let content = unless::<ERC721NonexistentToken, _>(content)?.ok_or_else(missing())?;
        Ok((content, owner))
    }

    /// The newest token of a content; `None` where there is none.
    ///
    /// # Errors
    ///
    /// If the chain fails.
    pub fn token_of(&self, image_commitment: B256) -> Result<Option<U256>, ChainError> {
        let call = IAuthenticityToken::tokenOfCall { imageCommitment: image_commitment };
        let token: U256 = self.ask(self.deployment().token(), &call)?;
        Ok((!token.is_zero()).then_some(token))
    }

    /// A token's metadata, as a `data:` URI.
    ///
    /// # Errors
    ///
    /// [`ChainError::NotRegistered`] if there is none.
    pub fn token_uri(&self, token_id: U256) -> Result<String, ChainError> {
        let uri = self.ask(self.deployment().token(), &IERC721::tokenURICall { tokenId: token_id });
        unless::<ERC721NonexistentToken, _>(uri)?.ok_or_else(not_registered(format!("token {token_id:#066x}")))
    }

    /// Gives a token to somebody; `from` is its owner. A contract that does not say that it takes tokens gets none.
    ///
    /// # Errors
    ///
    /// If the token's contract refuses.
    pub fn transfer_token(&self, token_id: U256, from: Address, to: Address) -> Result<Receipt, ChainError> {
        let token = self.deployment().token();
        let receipt = self.send(from, token, &IERC721::safeTransferFromCall { from, to, tokenId: token_id })?;
        let owner: Address = self.ask(token, &IERC721::ownerOfCall { tokenId: token_id })?;
        took_effect(owner == to, "the token has another owner").map(|()| receipt)
    }
}
