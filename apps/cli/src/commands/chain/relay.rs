//! `veilmark register --signature`: for a registrant who signed, at the cost of whoever sends.

use crate::{
    commands::{
        chain::{reach::Reached, register, sign},
        image::checking,
    },
    failure::Failure,
    home::Home,
    output::{Report, Ui},
};
use alloy_primitives::Address;
use std::path::Path;
use veilmark::{
    bundle::Bundle,
    chain::{Chain, authorisation::Authorisation, authorised},
};

/// The signature, if it is this bundle's. Whether its time is over is asked later: what is registered already is.
fn read(bundle: &Bundle, path: &Path) -> Result<Authorisation, Failure> {
    let at = |error| Failure::from(error).at(path);
    let signed = Authorisation::read(path).map_err(at)?;
    signed.check(bundle.binding, &register::submission(bundle, signed.model_id)).map_err(at)?;
    Ok(signed)
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &register::Arguments, signature: &Path) -> Result<Report, Failure> {
    let bundle = checking::read_bundle(&arguments.bundle)?;
    let signed = read(&bundle, signature)?;
    let reached = Reached::open(ui, home, &arguments.chain, Some(&arguments.signing))?;
    let client = &reached.client;
    let content = client.deployment().content;
    register::require_binding(&bundle, client.chain().chain_id()?, content)?;
    if let Some(report) = register::already(client, &bundle, &reached.name)? {
        return Ok(report);
    }
    signed.check_time(sign::now()).map_err(|error| Failure::from(error).at(signature))?;
    let (srs, key, shape) = register::checked(ui, home, &bundle, arguments.model.as_deref())?;
    match reached.node() {
        Some(_) => register::require_key(client, bundle.vk_hash)?,
        None => register::pin(&home.registry(arguments.chain.chain.as_deref())?, &srs, &key, &shape)?,
    }
    let submission = register::submission(&bundle, signed.model_id);
    let payer = reached.payer(Address::from(bundle.binding.registrant));
    let call = authorised::call(&submission, signed.deadline, &signed.signature);
    if let Some(report) = reached.dry_run("register content for its registrant", payer, content, &call)? {
        return Ok(report);
    }
    let registration = client.register_for(&submission, signed.deadline, &signed.signature, payer)?;
    Ok(register::report(&bundle, registration, reached.name))
}
