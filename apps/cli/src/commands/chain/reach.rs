//! A chain of either kind with the contracts on it: what commands do is the same on both.

use crate::{
    commands::chain::connection::{ChainArguments, SigningArguments, ether, usage},
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui, hex0x},
};
use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use veilmark::{
    chain::{
        Chain, Nature, Receipt,
        client::RegistryClient,
        deployment::{self, Deployment, Manifest},
        embedded::EmbeddedChain,
        index::Index,
        practice,
        safe::{self, Transaction},
    },
    files::{self, Access, Existing},
};

/// A chain of either kind.
pub(crate) type AnyChain = Box<dyn Chain>;

/// The contracts on a chain, and who sends there.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) client: RegistryClient<AnyChain>,
    /// A block before the first event.
    pub(crate) first_block: u64,
    /// The manifest that says where the contracts are, and its file.
    pub(crate) manifest: Option<(PathBuf, Manifest)>,
    dry_run: bool,
    safe_json: Option<PathBuf>,
}

impl Reached {
    /// Connects to the node of `--rpc`, or opens the practice chain, whose folder the first transaction makes. Nothing is deployed.
    pub(crate) fn open(
        ui: &Ui,
        home: &Home,
        chain: &ChainArguments,
        signing: Option<&SigningArguments>,
    ) -> Result<Self, Failure> {
        let dry_run = signing.is_some_and(|signing| signing.dry_run);
        let safe_json = signing.and_then(|signing| signing.safe_json.clone());
        let Some(node) = chain.node(ui, signing)? else {
            let folder = chain.chain.as_deref().unwrap_or(home.chain_dir());
            let chain: AnyChain = Box::new(EmbeddedChain::open(folder)?);
            let client = RegistryClient::new(chain, practice::deployment());
            return Ok(Self { client, first_block: 0, manifest: None, dry_run, safe_json });
        };
        let chain_id = node.chain_id()?;
        let node: AnyChain = Box::new(node);
        if let Some(registry) = chain.registry {
            let (deployment, _) = deployment::of_registry(&*node, registry)?;
            let client = RegistryClient::new(node, deployment);
            return Ok(Self { client, first_block: 0, manifest: None, dry_run, safe_json });
        }
        let Some((path, manifest)) = manifest(home, chain, chain_id)? else {
            return Err(usage(
                format!("where the contracts are on chain {chain_id} is not known here"),
                "name the manifest with --contracts, or the content registry with --registry; veilmark contracts deploy makes \
                 them",
            ));
        };
        let client = RegistryClient::new(node, manifest.deployment());
        let first_block = manifest.first_block;
        Ok(Self { client, first_block, manifest: Some((path, manifest)), dry_run, safe_json })
    }

    /// The same for what is there already: a mistyped folder makes no chain.
    pub(crate) fn existing(
        ui: &Ui,
        home: &Home,
        chain: &ChainArguments,
        signing: Option<&SigningArguments>,
    ) -> Result<Self, Failure> {
        if chain.rpc.is_none() {
            let folder = chain.chain.as_deref().unwrap_or(home.chain_dir());
            if !folder.exists() {
                let message = format!("there is no chain in {}", folder.display());
                return Err(Failure::new(Kind::NotRegistered, message, "check --chain, or name a node with --rpc"));
            }
        }
        Self::open(ui, home, chain, signing)
    }

    /// The contracts of a registry on a node's chain, whoever vouches for it.
    pub(crate) fn registry(node: AnyChain, registry: Address) -> Result<Self, Failure> {
        let (deployment, _) = deployment::of_registry(&*node, registry)?;
        Ok(Self::of(node, deployment, 0))
    }

    /// The contracts of a deployment on a node's chain, to look at.
    pub(crate) fn of(node: AnyChain, deployment: Deployment, first_block: u64) -> Self {
        let client = RegistryClient::new(node, deployment);
        Self { client, first_block, manifest: None, dry_run: false, safe_json: None }
    }

    /// The chain.
    pub(crate) fn chain(&self) -> &dyn Chain {
        &**self.client.chain()
    }

    /// Whether the chain convinces nobody but its owner.
    pub(crate) fn is_practice(&self) -> bool {
        self.chain().nature() == Nature::Practice
    }

    /// The chain, as reports name it.
    pub(crate) fn name(&self) -> Value {
        json!(self.chain().name())
    }

    /// Whose key is here; nobody's on a practice chain, where everybody sends without one.
    pub(crate) fn signer(&self) -> Option<Address> {
        self.chain().signer()
    }

    /// Who pays for what anybody may send: the key that is here, or else `otherwise`.
    pub(crate) fn payer(&self, otherwise: Address) -> Address {
        self.signer().unwrap_or(otherwise)
    }

    /// Makes sure that a practice chain has its contracts.
    pub(crate) fn ensure_contracts(&self) -> Result<(), Failure> {
        if self.is_practice() {
            practice::ensure_contracts(&self.client)?;
        }
        Ok(self.client.require()?)
    }

    /// What is answered instead of sending, if nothing is to be sent; otherwise, that `from` can send here.
    pub(crate) fn instead<F: SolCall>(
        &self,
        what: &str,
        from: Address,
        to: Address,
        call: &F,
    ) -> Result<Option<Report>, Failure> {
        let transaction = Transaction { what: what.to_owned(), to, data: call.abi_encode() };
        self.instead_of(from, &[transaction])
    }

    /// The same for several transactions.
    pub(crate) fn instead_of(&self, from: Address, all: &[Transaction]) -> Result<Option<Report>, Failure> {
        if let Some(path) = &self.safe_json {
            return self.write_safe(path, from, all).map(Some);
        }
        if self.dry_run {
            return self.dry_run(from, all).map(Some);
        }
        self.chain().require_sender(from)?;
        Ok(None)
    }

    /// Whether nothing is to be sent.
    pub(crate) fn sends_nothing(&self) -> bool {
        self.dry_run || self.safe_json.is_some()
    }

    fn write_safe(&self, path: &Path, from: Address, all: &[Transaction]) -> Result<Report, Failure> {
        let chain_id = self.chain().chain_id()?;
        let text = safe::batch(chain_id, from, all, output::now());
        files::write_atomically(path, Existing::Keep, Access::Umask, |file| {
            std::io::Write::write_all(file, text.as_bytes())
        })?;
        let what: Vec<_> = all.iter().map(|one| one.what.as_str()).collect();
        let json = json!({
            "dry_run": true, "safe_json": output::json_path(path), "chain_id": chain_id, "from": output::account(from),
            "transactions": all.iter().map(transaction_json).collect::<Vec<_>>(),
        });
        let text = output::table(&[
            ("file", format!("{}: nothing was sent", path.display())),
            ("chain", chain_id.to_string()),
            ("from", from.to_string()),
            ("what", what.join("; ")),
        ]);
        Ok(Report::new(json, text))
    }

    /// What it would cost, and what would be sent.
    fn dry_run(&self, from: Address, all: &[Transaction]) -> Result<Report, Failure> {
        let chain_id = self.chain().chain_id()?;
        let (mut rows, mut entries) = (Vec::new(), Vec::new());
        for one in all {
            // what needs those before it cannot be estimated
            let quote = match self.chain().quote(from, one.to, &one.data) {
                Ok(quote) => Some(quote),
                Err(error) if all.len() == 1 => return Err(error.into()),
                Err(_) => None,
            };
            let mut entry = transaction_json(one);
            entry["gas_estimate"] = json!(quote.map(|quote| quote.gas));
            entry["max_fee_per_gas"] = json!(quote.map(|quote| quote.max_fee_per_gas.to_string()));
            entry["max_cost_wei"] = json!(quote.map(|quote| quote.cost().to_string()));
            let gas = quote.map_or_else(
                || "known when those before it are done".to_owned(),
                |quote| format!("{}, at most {} ETH now", quote.gas, ether(quote.cost())),
            );
            rows.extend([
                ("dry run", format!("{}: nothing was sent", one.what)),
                ("chain", chain_id.to_string()),
                ("from", from.to_string()),
                ("to", one.to.to_string()),
                ("gas", gas),
                ("data", hex0x(&one.data)),
            ]);
            entries.push(entry);
        }
        let mut json = json!({
            "dry_run": true, "chain_id": chain_id, "from": output::account(from), "value": "0x0", "transactions": entries,
        });
        // of one transaction everything stands on top as well
        if let ([entry], Some(json)) = (&entries[..], json.as_object_mut()) {
            entry.as_object().into_iter().flatten().for_each(|(key, value)| {
                json.insert(key.clone(), value.clone());
            });
        }
        Ok(Report::new(json, output::table(&rows)))
    }

    /// The index of the registry's records: read from disk and brought up to date, or read anew on a practice chain.
    pub(crate) fn index(&self, ui: &Ui, home: &Home, reread: bool) -> Result<Index, Failure> {
        if self.is_practice() {
            return Ok(self.client.index(0)?);
        }
        let (chain_id, registry) = (self.chain().chain_id()?, self.client.deployment().content());
        let path = home.index(chain_id, registry)?;
        let before = Index::read(&path, chain_id, registry);
        let mut index = if reread { Index::new(chain_id, registry) } else { before.clone() };
        let update = self.client.update(&mut index, self.first_block)?;
        if update.taken_back > 0 {
            ui.note(&format!("the chain was reorganised: {} records were taken back", update.taken_back));
        }
        if index != before {
            index.write(&path)?;
        }
        Ok(index)
    }

    /// Marks a report about a practice chain as what it is.
    pub(crate) fn marked(&self, mut report: Report) -> Report {
        report.json.insert("practice_chain".into(), json!(self.is_practice()));
        if self.is_practice() {
            let line = format!("note: {}", practice::NOTICE);
            report.text = if report.text.is_empty() { line } else { format!("{}\n{line}", report.text) };
        }
        report
    }
}

fn transaction_json(transaction: &Transaction) -> Value {
    json!({
        "what": transaction.what, "to": output::account(transaction.to), "data": hex0x(&transaction.data),
    })
}

/// The manifest of a chain that was named, or else the one at home; `None` where there is neither.
pub(crate) fn manifest(
    home: &Home,
    chain: &ChainArguments,
    chain_id: u64,
) -> Result<Option<(PathBuf, Manifest)>, Failure> {
    let path = chain.contracts.clone().unwrap_or_else(|| home.deployment(chain_id));
    if chain.contracts.is_none() && !path.exists() {
        return Ok(None);
    }
    let manifest = Manifest::read(&path, chain_id)?;
    Ok(Some((path, manifest)))
}

/// What a report says that gas was spent on; nothing where it was done already.
pub(crate) fn gas(receipt: Option<&Receipt>, already: &str) -> String {
    receipt.map_or_else(|| format!("none: {already}"), |receipt| receipt.gas_used.to_string())
}
