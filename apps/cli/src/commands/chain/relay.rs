//! `veilmark register --signature`: for a registrant who signed, at the cost of whoever sends.

use crate::{
    commands::{
        chain::{reach::Reached, register},
        image::checking,
    },
    failure::Failure,
    home::Home,
    output::{self, Report, Ui},
};
use alloy_primitives::Address;
use std::path::Path;
use veilmark::{
    bundle::Bundle,
    chain::{authorization::Authorization, client::authorized},
    registrar,
};

/// The signature, if it is this bundle's. Whether its time is over is asked later: what is registered already is.
fn read(bundle: &Bundle, path: &Path) -> Result<Authorization, Failure> {
    let at = |error| Failure::from(error).at(path);
    let signed = Authorization::read(path).map_err(at)?;
    signed.check(bundle.binding, &registrar::submission(bundle, signed.model_id)).map_err(at)?;
    Ok(signed)
}

pub(crate) fn run(ui: &Ui, home: &Home, arguments: &register::Arguments, signature: &Path) -> Result<Report, Failure> {
    let bundle = checking::read_bundle(&arguments.bundle)?;
    let signed = read(&bundle, signature)?;
    let reached = Reached::open(ui, home, &arguments.chain, Some(&arguments.signing))?;
    register::registrar(&reached).require_bound(bundle.binding)?;
    if let Some(report) = register::already(&reached, &bundle)? {
        return Ok(report);
    }
    signed.check_time(output::now()).map_err(|error| Failure::from(error).at(signature))?;
    let (srs, key, shape) = register::checked(ui, home, &bundle, arguments.model.model.as_deref())?;
    register::ensure_key(&reached, &srs, &key, &shape)?;
    let submission = registrar::submission(&bundle, signed.model_id);
    let payer = reached.payer(Address::from(bundle.binding.registrant));
    let call = authorized::call(&submission, signed.deadline, &signed.signature);
    let content = reached.client.deployment().content();
    if let Some(report) = reached.instead("register content for its registrant", payer, content, &call)? {
        return Ok(report);
    }
    let registration = reached.client.register_for(&submission, signed.deadline, &signed.signature, payer)?;
    Ok(register::report(&reached, &bundle, &registration, None))
}
