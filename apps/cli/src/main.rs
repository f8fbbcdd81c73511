//! The `veilmark` command: it parses, calls the library, and prints.
//!
//! What the caller must believe: a command ends with 0 only if the answer is yes. Results go to stdout, in `--json` as
//! exactly one object; progress, warnings and errors of the text form go to stderr. No secret is printed but the words of the
//! master secret, by the two commands that are there for it.

mod args;
mod claim;
mod commands;
mod failure;
mod hearing;
mod help;
mod home;
mod import_hint;
mod output;
mod secret_hint;
mod secrets;

use args::{Arguments, Command};
use clap::FromArgMatches;
use commands::{
    chain::{connection, contracts, key, lookup, mint, register, reserve, reveal, revoke, sign, transfer},
    image::{commit, disclose, fingerprint, prove, verify},
    model::{generate, import},
    secret::{self, backup},
    setup::srs,
    tools::{demo, doctor, estimate, inspect, manual},
};
use failure::{Failure, Kind};
use home::Home;
use output::{Report, Ui};
use std::{panic::catch_unwind, process::ExitCode};

/// Runs the command of this process.
fn main() -> ExitCode {
    secrets::leave_no_core_dump();
    let ui = Ui::new(std::env::args_os().any(|argument| argument == "--json"));
    let outcome = catch_unwind(std::panic::AssertUnwindSafe(|| {
        set_up(&ui)?;
        run(&ui)
    }));
    let outcome = outcome.unwrap_or_else(|_| {
        // the panic hook has said where
        Err(Failure::new(Kind::Bug, "a bug in this program", "please report it, with the line above"))
    });
    ExitCode::from(ui.finish(outcome))
}

fn set_up(ui: &Ui) -> Result<(), Failure> {
    // Values may be secret: of a panic's message only a literal of the source is shown.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload().downcast_ref::<&str>().copied().unwrap_or("(message withheld)");
        output::note(&format!("panicked at {place}: {message}"));
    }));
    let filter = tracing_subscriber::EnvFilter::try_from_env("VEILMARK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    // a subscriber that is there already serves as well
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).without_time().try_init();
    let json = ui.json();
    ctrlc::set_handler(move || {
        veilmark::files::abandon();
        let hint = if connection::SENT.load(std::sync::atomic::Ordering::Relaxed) {
            "a transaction was sent: the same command finds out what became of it, and does nothing twice"
        } else {
            "no half-written file was left"
        };
        let failure = Failure::new(Kind::Cancelled, "interrupted", hint);
        std::process::exit(i32::from(Ui::new(json).finish(Err(failure))));
    })
    .map_err(|error| Failure::new(Kind::Bug, format!("no handler for Ctrl-C: {error}"), "run it again"))
}

fn run(ui: &Ui) -> Result<Report, Failure> {
    use clap::error::ErrorKind;
    let parsed = args::command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                    let text = error.render();
                    let text = if ui.json() { text.to_string() } else { ui.styled(&text) };
                    Ok(Report::styled(text.trim_end()))
                }
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
                    ui.note(error.render().to_string().trim_end());
                    Err(Failure::new(Kind::Usage, "no command given", "veilmark demo shows the whole journey"))
                }
                _ => Err(Failure::of_usage(&error)),
            };
        }
    };
    ui.limit_memory(arguments.memory);
    if let Some(threads) = arguments.threads {
        // a pool that is there already was made by nobody: this is the first use
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|error| {
            Failure::new(Kind::Unhealthy, format!("no {threads} threads: {error}"), "name fewer --threads")
        })?;
    }
    // Help, completions and manual need no home folder.
    match arguments.command {
        Command::Completions(arguments) => return manual::completions(&arguments, args::command()),
        Command::Man(arguments) => return manual::man(&arguments, args::command()),
        _ => {}
    }
    let home = Home::find()?;
    match arguments.command {
        Command::Demo(arguments) => demo::run(ui, &arguments),
        Command::Srs(command) => srs::run(ui, &home, command),
        Command::Fingerprint(arguments) => fingerprint::run(ui, &arguments),
        Command::Model(command) => import::run(ui, &home, command),
        Command::Generate(arguments) => generate::run(ui, &home, &arguments),
        Command::Commit(arguments) => commit::run(ui, &home, &arguments),
        Command::Prove(arguments) => prove::run(ui, &home, &arguments),
        Command::Verify(arguments) => verify::run(ui, &home, &arguments),
        Command::Disclose(arguments) => disclose::run(ui, &home, &arguments),
        Command::Reserve(arguments) => reserve::run(ui, &home, &arguments),
        Command::Reveal(arguments) => reveal::run(ui, &home, &arguments),
        Command::Sign(arguments) => sign::run(ui, &home, &arguments),
        Command::Register(arguments) => register::run(ui, &home, &arguments),
        Command::Lookup(arguments) => lookup::run(ui, &home, &arguments),
        Command::Mint(arguments) => mint::run(ui, &home, &arguments),
        Command::Transfer(arguments) => transfer::run(ui, &home, &arguments),
        Command::Revoke(arguments) => revoke::run(ui, &home, &arguments),
        Command::Secret(command) => secret::run(ui, &home, &command),
        Command::Backup(command) => backup::run(ui, &home, &command),
        Command::Key(command) => key::run(ui, &command),
        Command::Contracts(command) => contracts::run(ui, &home, command),
        Command::Inspect(arguments) => inspect::run(ui, &arguments),
        Command::Doctor(_) => doctor::run(&home),
        Command::Estimate(arguments) => estimate::run(ui, &home, &arguments),
        Command::Completions(_) | Command::Man(_) => Ok(Report::default()),
    }
}
