//! `veilmark reserve`.

use crate::{
    commands::{
        chain::{
            address,
            connection::{ChainArguments, SigningArguments},
            reach::{self, Reached},
            register,
        },
        image::{checking, picture},
        secret::keeping::{self, SecretArguments},
    },
    failure::{Failure, Kind},
    home::Home,
    output::{self, Report, Ui},
    secrets,
};
use alloy_primitives::{Address, B256};
use serde_json::json;
use std::{
    io::Read,
    path::{Path, PathBuf},
};
use veilmark::{
    chain::{
        practice,
        seal::{Covered, Seal},
    },
    files::{self, Existing, hex0x},
    opening,
    secrets::master::{Purpose, Subject},
};
use veilmark_contract_bindings::interfaces::IContentRegistry;

/// Reserve a commitment before it is registered, so that nobody who sees the registration coming is earlier.
///
/// What goes on chain is a seal, which says nothing: the hash of commitment, registrant and a random salt. The salt's file
/// is written first, and is needed later: register, then veilmark reveal X.seal. Anyone's key may pay. Running it again
/// with the same file finds the reservation that is there.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The opening that veilmark commit wrote, or 64 hex digits of its commitment, or a bundle.
    #[arg(value_name = "OPENING|COMMITMENT|BUNDLE")]
    what: String,
    /// The account that will register [default: the bundle's; whoever signs; on a practice chain the account that those
    /// register with].
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    registrant: Option<Address>,
    /// Where the seal with its salt goes, a secret file. With --dry-run too: the calldata is good for nothing without it.
    #[arg(short, long, value_name = "X.seal")]
    output: PathBuf,
    #[command(flatten)]
    chain: ChainArguments,
    #[command(flatten)]
    signing: SigningArguments,
    #[command(flatten)]
    secret: SecretArguments,
}

/// What is to be reserved.
struct Wanted {
    image_commitment: B256,
    /// A bundle names its registrant, and what it is bound to.
    binding: Option<veilmark::statement::public::Binding>,
}

fn wanted(ui: &Ui, what: &str) -> Result<Wanted, Failure> {
    let path = Path::new(what);
    if let (Ok(image_commitment), false) = (what.parse::<B256>(), path.exists()) {
        return Ok(Wanted { image_commitment, binding: None });
    }
    let mut start = Vec::new();
    let failed = |source| Failure::from(files::FileError::Io { doing: "read", path: path.into(), source });
    files::open(path)?.take(4096).read_to_end(&mut start).map_err(failed)?;
    if String::from_utf8_lossy(&start).contains(opening::FORMAT) {
        let opening = secrets::opening(ui, path)?;
        return Ok(Wanted { image_commitment: opening.image_commitment.into(), binding: None });
    }
    let bundle = checking::read_bundle(path)?;
    Ok(Wanted { image_commitment: bundle.image_commitment().into(), binding: Some(bundle.binding) })
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &Arguments) -> Result<Report, Failure> {
    let wanted = wanted(ui, &arguments.what)?;
    let reached = Reached::open(ui, home, &arguments.chain, Some(&arguments.signing))?;
    reserve(ui, home, arguments, &reached, wanted)
}

fn reserve(
    ui: &Ui,
    home: &Home,
    arguments: &Arguments,
    reached: &Reached,
    Wanted { image_commitment, binding }: Wanted,
) -> Result<Report, Failure> {
    let client = &reached.client;
    let (chain_id, registry) = (reached.chain().chain_id()?, client.deployment().content());
    reached.ensure_contracts()?;
    let bound = binding.map(|binding| Address::from(binding.registrant));
    if let Some(binding) = binding {
        register::registrar(reached).require_bound(binding)?;
    }
    if let (Some(named), Some(bound)) =
        (arguments.registrant, bound.filter(|bound| Some(*bound) != arguments.registrant))
    {
        let message = format!("the proof is for registrant {bound}, not for {named}");
        return Err(Failure::new(Kind::Mismatch, message, "leave --registrant out, or prove for that account"));
    }
    let embedded = reached.is_practice().then(practice::default_registrant);
    let registrant = arguments.registrant.or(bound).or(reached.signer()).or(embedded).ok_or_else(|| {
        Failure::new(Kind::Usage, "nobody is named who will register", "name the account with --registrant")
    })?;
    let covered = Covered { chain_id, registry, image_commitment, registrant };
    let seal = kept(ui, home, arguments, covered)?;
    let hash = seal.hash();
    let payer = reached.payer(registrant);
    let before = client.reserved_at(hash)?;
    if before.is_none() {
        // by an index, so that the node does not learn the commitment before it is registered
        let known = reached.index(ui, home, false)?;
        if known.entries().iter().any(|entry| entry.commitment == image_commitment) {
            ui.warn("there is a record of this commitment already: a reservation counts for later ones only");
        }
        let call = IContentRegistry::reserveCall { seal: hash };
        if let Some(report) = reached.instead("reserve the seal", payer, registry, &call)? {
            return Ok(report);
        }
    }
    let (time, receipt) = client.reserve(hash, payer)?;
    let json = json!({
        "seal": hash, "file": output::json_path(&arguments.output), "image_commitment": image_commitment,
        "registrant": output::account(registrant), "registry": output::account(registry), "chain_id": chain_id,
        "chain": reached.name(),
        "reserved_at": time, "reserved_time": output::utc(time), "already_done": receipt.is_none(),
        "gas_used": receipt.as_ref().map(|receipt| receipt.gas_used),
    });
    let text = output::table(&[
        ("seal", hash.to_string()),
        ("file", format!("{} (keep it, and keep it secret: veilmark reveal needs it)", arguments.output.display())),
        ("commitment", hex0x(image_commitment.as_slice())),
        ("registrant", registrant.to_string()),
        ("reserved", output::utc(time)),
        ("gas", reach::gas(receipt.as_ref(), "it was reserved already")),
    ]);
    Ok(reached.marked(Report::new(json, text)))
}

/// The seal of the file, which is made where it is missing: durable before anything is sent. Under a master secret it is the same one again.
fn kept(ui: &Ui, home: &Home, arguments: &Arguments, covered: Covered) -> Result<Seal, Failure> {
    let path = arguments.output.as_path();
    let at = |error| Failure::from(error).at(path);
    if path.exists() {
        let seal = secrets::seal(ui, path)?;
        seal.check(&covered).map_err(at)?;
        return Ok(seal);
    }
    picture::check_output(path, Existing::Keep, &[], picture::MayReplace::Nothing)?;
    let seal = match arguments.secret.keeper(ui, home)? {
        Some(keeper) => {
            let subject = Subject { digest: covered.digest(), setup: [0; 32], k: 0 };
            Seal::with_salt(covered, keeper.only(Purpose::Seal, &subject, 0))
        }
        None => {
            keeping::say_random(ui, "a seal");
            Seal::new(covered)
        }
    };
    seal.write(path, Existing::Keep).map_err(at)?;
    Ok(seal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::chain::reach::AnyChain;
    use alloy_primitives::Bytes;
    use alloy_sol_types::SolCall;
    use std::{cell::RefCell, rc::Rc};
    use veilmark::chain::{
        CallResult, Chain, ChainError, ChainLog, LogFilter, Nature, Quote, Receipt, client::RegistryClient,
        embedded::EmbeddedChain,
    };

    /// A node's chain that writes down whatever it is told.
    #[derive(Debug)]
    struct Listening {
        chain: EmbeddedChain,
        heard: Rc<RefCell<Vec<Vec<u8>>>>,
    }

    impl Chain for Listening {
        fn nature(&self) -> Nature {
            Nature::Node
        }
        fn name(&self) -> String {
            "a node".to_owned()
        }
        fn chain_id(&self) -> Result<u64, ChainError> {
            Chain::chain_id(&self.chain)
        }
        fn block_number(&self) -> Result<u64, ChainError> {
            self.chain.block_number()
        }
        fn block_hash(&self, number: u64) -> Result<Option<B256>, ChainError> {
            self.chain.block_hash(number)
        }
        fn code(&self, address: Address) -> Result<Bytes, ChainError> {
            self.chain.code(address)
        }
        fn call(&self, from: Address, to: Address, data: Vec<u8>) -> Result<CallResult, ChainError> {
            self.heard.borrow_mut().push(data.clone());
            self.chain.call(from, to, data)
        }
        fn signer(&self) -> Option<Address> {
            None
        }
        fn require_sender(&self, _: Address) -> Result<(), ChainError> {
            Ok(())
        }
        fn quote(&self, from: Address, to: Address, data: &[u8]) -> Result<Quote, ChainError> {
            self.heard.borrow_mut().push(data.to_vec());
            self.chain.quote(from, to, data)
        }
        fn transact(&self, from: Address, to: Address, data: Vec<u8>) -> Result<Receipt, ChainError> {
            self.heard.borrow_mut().push(data.clone());
            self.chain.transact(from, to, data)
        }
        fn deploy(&self, from: Address, init_code: Vec<u8>) -> Result<Receipt, ChainError> {
            self.heard.borrow_mut().push(init_code.clone());
            Chain::deploy(&self.chain, from, init_code)
        }
        fn logs(&self, filter: &LogFilter) -> Result<Vec<ChainLog>, ChainError> {
            self.heard.borrow_mut().extend(filter.topics.iter().flatten().map(|topic| topic.to_vec()));
            Chain::logs(&self.chain, filter)
        }
    }

    /// Whoever runs the node could otherwise reserve the commitment first.
    #[test]
    fn the_node_hears_of_the_seal_and_never_of_the_commitment() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (home, ui) = (Home::at(&at("home")), Ui::new(true));
        let chain = EmbeddedChain::open(&at("chain")).unwrap();
        let client = RegistryClient::new(chain, practice::deployment());
        practice::ensure_contracts(&client).unwrap();
        let heard = Rc::new(RefCell::new(Vec::new()));
        let chain = EmbeddedChain::open(&at("chain")).unwrap();
        let node: AnyChain = Box::new(Listening { chain, heard: Rc::clone(&heard) });
        let reached = Reached::of(node, practice::deployment(), 0);

        let image_commitment = B256::repeat_byte(0xc7);
        let arguments = Arguments {
            what: image_commitment.to_string(),
            registrant: Some(Address::repeat_byte(9)),
            output: at("x.seal"),
            chain: ChainArguments::default(),
            signing: SigningArguments::default(),
            secret: SecretArguments::default(),
        };
        let wanted = wanted(&ui, &arguments.what).unwrap();
        reserve(&ui, &home, &arguments, &reached, wanted).unwrap();

        let seal = secrets::seal(&ui, &arguments.output).unwrap().hash();
        assert!(client.reserved_at(seal).unwrap().is_some());
        let sent = IContentRegistry::reserveCall { seal }.abi_encode();
        let heard = heard.borrow();
        assert!(heard.contains(&sent), "the seal is heard of");
        for data in heard.iter() {
            assert!(!data.windows(32).any(|word| word == image_commitment.as_slice()), "{}", hex0x(data));
        }
    }
}
