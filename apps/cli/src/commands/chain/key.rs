//! `veilmark key`.

use crate::{
    commands::chain::connection,
    failure::{Failure, Kind},
    output::{self, Report, Ui},
};
use rand_core::OsRng;
use serde_json::json;
use std::{io::Write, path::PathBuf};
use veilmark::{
    chain::keystore,
    files::{self, Access, Existing},
};

/// Make a key to sign with, in an encrypted file.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    New(New),
}

/// Make a new account's key and write it encrypted, as geth does (a keystore of version 3, scrypt).
///
/// Every wallet reads the file. Keep it and its password: without either the account, and what is registered in its name, is lost.
/// A file that is there is never replaced.
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// Where the keystore goes.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The password, in a file; without one it is asked for, twice.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

pub(crate) fn run(ui: &Ui, command: &Command) -> Result<Report, Failure> {
    let Command::New(arguments) = command;
    files::check_writable(&arguments.output, Existing::Keep)
        .map_err(|error| Failure { hint: "choose another name: no key is ever replaced".into(), ..error.into() })?;
    let password = connection::new_password(ui, arguments.password_file.as_deref())?;
    if password.is_empty() {
        return Err(Failure::new(Kind::Usage, "an empty password protects nothing", "choose one of some length"));
    }
    let (address, file) = keystore::create(password.as_bytes(), &mut OsRng)?;
    files::write_atomically(&arguments.output, Existing::Keep, Access::Owner, |out| out.write_all(file.as_bytes()))?;
    let json = json!({ "keystore": output::json_path(&arguments.output), "address": output::account(address) });
    let text = output::table(&[
        ("address", address.to_string()),
        ("keystore", format!("{} (keep it, and its password)", arguments.output.display())),
    ]);
    Ok(Report::new(json, text))
}
