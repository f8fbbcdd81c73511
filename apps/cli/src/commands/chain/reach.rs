//! A chain of either kind, for commands that do the same on both.

use crate::{
    commands::chain::connection::{self, ChainArguments, SigningArguments},
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolCall;
use serde_json::{Value, json};
use veilmark::chain::{
    CallResult, Chain, ChainError, ChainLog, LogFilter, Receipt,
    embedded::EmbeddedChain,
    registry::{Deployment, RegistryClient},
    rpc::RpcChain,
};

/// A chain behind a node, or an embedded one.
#[derive(Debug)]
pub(crate) enum AnyChain {
    Node(Box<RpcChain>),
    Embedded(EmbeddedChain),
}

impl AnyChain {
    fn chain(&self) -> &dyn Chain {
        match self {
            Self::Node(node) => node.as_ref(),
            Self::Embedded(chain) => chain,
        }
    }
}

impl Chain for AnyChain {
    fn chain_id(&self) -> Result<u64, ChainError> {
        self.chain().chain_id()
    }
    fn block_number(&self) -> Result<u64, ChainError> {
        self.chain().block_number()
    }
    fn block_hash(&self, number: u64) -> Result<Option<B256>, ChainError> {
        self.chain().block_hash(number)
    }
    fn code(&self, address: Address) -> Result<Bytes, ChainError> {
        self.chain().code(address)
    }
    fn call(&self, from: Address, to: Address, data: Vec<u8>) -> Result<CallResult, ChainError> {
        self.chain().call(from, to, data)
    }
    fn query(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Bytes, ChainError> {
        self.chain().query(from, to, data)
    }
    fn transact(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError> {
        self.chain().transact(from, to, data)
    }
    fn deploy(&self, from: Address, init_code: Vec<u8>) -> Result<Receipt, ChainError> {
        self.chain().deploy(from, init_code)
    }
    fn logs(&self, filter: &LogFilter) -> Result<Vec<ChainLog>, ChainError> {
        self.chain().logs(filter)
    }
}

/// Whether an embedded chain is made where there is none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Existence {
    Made,
    Required,
}

/// The contracts on a chain, and who sends there.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) client: RegistryClient<AnyChain>,
    /// The chain, as reports name it.
    pub(crate) name: Value,
    dry_run: bool,
}

impl Reached {
    /// Connects to the node of `--rpc`, or opens the embedded chain, which is made with its contracts if need be.
    pub(crate) fn open(
        ui: &Ui,
        home: &Home,
        chain: &ChainArguments,
        signing: Option<&SigningArguments>,
    ) -> Result<Self, Failure> {
        Self::connect(ui, home, chain, signing, Existence::Made)
    }

    fn connect(
        ui: &Ui,
        home: &Home,
        chain: &ChainArguments,
        signing: Option<&SigningArguments>,
        existence: Existence,
    ) -> Result<Self, Failure> {
        let dry_run = signing.is_some_and(|signing| signing.dry_run);
        if let Some(node) = chain.node(ui, signing)? {
            let (client, _) = chain.client(home, node)?;
            let name = json!(client.chain().endpoint());
            let deployment = *client.deployment();
            let client = RegistryClient::new(AnyChain::Node(Box::new(client.into_chain())), deployment);
            return Ok(Self { client, name, dry_run });
        }
        let embedded = home.registry(chain.chain.as_deref())?;
        if existence == Existence::Made {
            embedded.ensure_contracts()?;
        }
        let name = output::json_path(embedded.chain().folder());
        let client = RegistryClient::new(AnyChain::Embedded(embedded.into_chain()), Deployment::embedded());
        Ok(Self { client, name, dry_run })
    }

    /// The same for what is there already: a mistyped folder makes no chain, and nothing is deployed.
    pub(crate) fn existing(
        ui: &Ui,
        home: &Home,
        chain: &ChainArguments,
        signing: Option<&SigningArguments>,
    ) -> Result<Self, Failure> {
        if chain.rpc.is_none() && home.existing_registry(chain.chain.as_deref())?.is_none() {
            let folder = chain.chain.as_deref().unwrap_or(home.chain_dir());
            let message = format!("there is no chain in {}", folder.display());
            return Err(Failure::new(Kind::NotRegistered, message, "check --chain, or name a node with --rpc"));
        }
        Self::connect(ui, home, chain, signing, Existence::Required)
    }

    /// The node, where there is one.
    pub(crate) fn node(&self) -> Option<&RpcChain> {
        match self.client.chain() {
            AnyChain::Node(node) => Some(node),
            AnyChain::Embedded(_) => None,
        }
    }

    /// Whose key is here; nobody's on an embedded chain, where everybody sends without one.
    pub(crate) fn signer(&self) -> Option<Address> {
        self.node().and_then(RpcChain::signer)
    }

    /// Who pays for what anybody may send: the key that is here, or else `otherwise`.
    pub(crate) fn payer(&self, otherwise: Address) -> Address {
        self.signer().unwrap_or(otherwise)
    }

    /// What `--dry-run` answers, if it was asked for; otherwise, that `from` can send here.
    pub(crate) fn dry_run<F: SolCall>(
        &self,
        what: &str,
        from: Address,
        to: Address,
        call: &F,
    ) -> Result<Option<Report>, Failure> {
        let Some(node) = self.node() else { return Ok(None) };
        if self.dry_run {
            return connection::dry_run(node, what, from, to, &call.abi_encode()).map(Some);
        }
        connection::require_signer(node, from).map(|()| None)
    }
}

/// What a report says that gas was spent on; nothing where it was done already.
pub(crate) fn gas(receipt: Option<&Receipt>, already: &str) -> String {
    receipt.map_or_else(|| format!("none: {already}"), |receipt| receipt.gas_used.to_string())
}
