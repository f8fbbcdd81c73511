//! How commands get at the master secret: where it is, and its password.

use crate::{
    commands::chain::connection,
    failure::{Failure, Kind},
    home::Home,
    output::Ui,
    secrets,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use veilmark::secrets::keeper::Keeper;
use zeroize::Zeroizing;

/// The environment variable of the master secret's password.
pub(crate) const PASSWORD_VARIABLE: &str = "VEILMARK_SECRET_PASSWORD";
/// The flag for it in commands about the secret, and in all others, which may have another password to ask for.
pub(crate) const PASSWORD_FILE: &str = "--password-file";
const SECRET_PASSWORD_FILE: &str = "--secret-password-file";

// Not a doc comment, which clap would take for the command's: where the master secret's password is.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct SecretArguments {
    /// The password of the master secret, in a file; without one it is taken from the variable VEILMARK_SECRET_PASSWORD, or
    /// asked for, where there is a sealed master secret.
    #[arg(long, value_name = "FILE")]
    secret_password_file: Option<PathBuf>,
}

/// The password in the environment.
pub(crate) fn from_environment() -> Option<Zeroizing<String>> {
    std::env::var(PASSWORD_VARIABLE).ok().filter(|password| !password.is_empty()).map(Zeroizing::new)
}

fn none() -> Failure {
    Failure::new(
        Kind::FileMissing,
        "there is no master secret in this home",
        "veilmark secret new makes one, veilmark secret restore brings one back from its words",
    )
}

/// The master secret, opened; `flag` is what names the password's file.
pub(crate) fn required(ui: &Ui, home: &Home, password_file: Option<&Path>, flag: &str) -> Result<Keeper, Failure> {
    let folder = home.secret();
    if !folder.exists() {
        return Err(none());
    }
    let password = match (folder.is_sealed()?, password_file) {
        (false, _) => None,
        (true, Some(file)) => Some(connection::password_of(ui, file)?),
        (true, None) => Some(match from_environment() {
            Some(password) => password,
            None => connection::prompt(
                "password of the master secret (not shown): ",
                &format!("{flag} FILE, or set {PASSWORD_VARIABLE}"),
            )?,
        }),
    };
    let keeper = secrets::keeper(ui, &folder, password.as_deref().map(String::as_str))?;
    if keeper.is_new_name() {
        ui.warn(&format!(
            "what this machine remembered of the master secret is gone: it is called {} from now on, write that down beside the words",
            keeper.machine()
        ));
    }
    Ok(keeper)
}

impl SecretArguments {
    /// The master secret, where there is one.
    pub(crate) fn keeper(&self, ui: &Ui, home: &Home) -> Result<Option<Arc<Keeper>>, Failure> {
        if home.secret().exists() { self.required(ui, home).map(Some) } else { Ok(None) }
    }

    /// The master secret, which has to be there.
    pub(crate) fn required(&self, ui: &Ui, home: &Home) -> Result<Arc<Keeper>, Failure> {
        required(ui, home, self.secret_password_file.as_deref(), SECRET_PASSWORD_FILE).map(Arc::new)
    }
}

/// Says once that a new secret file follows from nothing.
pub(crate) fn say_random(ui: &Ui, what: &str) {
    ui.note(&format!("no master secret here: {what} that is lost cannot be made again (veilmark secret new)"));
}

/// Where salts stand, for people.
pub(crate) fn told(machine: &str, number: u32) -> String {
    format!("number {number} of machine {machine}, from the master secret")
}
