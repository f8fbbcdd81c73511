//! `veilmark completions` and `veilmark man`: from the one definition of the command line.

use crate::{
    failure::{Failure, Kind},
    output::Report,
};
use clap::CommandFactory;
use clap_complete::Shell;

/// Print a script of completions for a shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Print a manual page: of the whole command, or of a subcommand, as `man contracts deploy`.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// A subcommand, and one of its own [default: the whole command].
    command: Vec<String>,
}

pub(crate) fn completions(arguments: &Completions) -> Result<Report, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut crate::args::Arguments::command(), "veilmark", &mut script);
    Ok(Report::text_only(String::from_utf8_lossy(&script).trim_end()))
}

pub(crate) fn man(arguments: &Man) -> Result<Report, Failure> {
    let mut whole = crate::args::Arguments::command();
    whole.build();
    let mut command = whole;
    for name in &arguments.command {
        command = command.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::new(Kind::Usage, format!("there is no command {name:?}"), "veilmark --help lists the commands")
        })?;
    }
    let mut page = Vec::new();
    let failed = |error| Failure::new(Kind::Bug, format!("no manual page: {error}"), "please report it");
    clap_mangen::Man::new(command).render(&mut page).map_err(failed)?;
    Ok(Report::text_only(String::from_utf8_lossy(&page).trim_end()))
}
