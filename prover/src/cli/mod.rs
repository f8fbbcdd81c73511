//! The command line: one file a subcommand, one type for exit codes, one place that prints.
//!
//! What the caller must believe: a command ends with 0 only if the answer is yes. Results go to stdout, in `--json` as
//! exactly one object; progress, warnings and errors of the text form go to stderr. No secret is printed.

mod address;
mod checking;
mod commit;
mod demo;
mod doctor;
mod estimate;
mod failure;
mod fingerprint;
mod home;
mod inspect;
mod lookup;
mod machine;
mod manual;
mod picture;
mod prove;
mod register;
mod scene;
mod srs;
mod ui;
mod verify;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use failure::{Exit, Failure};
use home::Home;
use std::{panic::catch_unwind, process::ExitCode};
use ui::{Report, Ui};

const EXIT_CODES: &str = "\
Exit codes:
  0   yes
  1   the proof is invalid, or the claim is false
  2   usage; also an opening that has no proofs left
  3   a file does not match the statement
  4   not registered
  5   untrusted parameters
  6   unsupported input
  7   input and output, or the chain; also what doctor finds wrong
  70  a bug in this program
  130 interrupted

Files are kept in $VEILMARK_HOME, or else in `veilmark` in the user's data folder.";

/// Proves where an image comes from without showing the image.
#[derive(Debug, Parser)]
#[command(name = "veilmark", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Arguments {
    /// Print exactly one JSON object on stdout; everything else goes to stderr.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
// what each does is said at its arguments
enum Command {
    Demo(demo::Arguments),
    /// Make, import, check and cut down trusted setups.
    #[command(subcommand)]
    Srs(srs::Command),
    Fingerprint(fingerprint::Arguments),
    Commit(commit::Arguments),
    Prove(prove::Arguments),
    Verify(verify::Arguments),
    Register(register::Arguments),
    Lookup(lookup::Arguments),
    Inspect(inspect::Arguments),
    Doctor(doctor::Arguments),
    Estimate(estimate::Arguments),
    Completions(manual::Completions),
    Man(manual::Man),
}

/// What can be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Claim {
    /// The committed picture has a fingerprint near the public one.
    Fingerprint,
}

/// Runs the command of this process.
pub(crate) fn main() -> ExitCode {
    let ui = Ui::new(std::env::args_os().any(|argument| argument == "--json"));
    let outcome = catch_unwind(std::panic::AssertUnwindSafe(|| {
        set_up(&ui)?;
        run(&ui)
    }));
    let outcome = outcome.unwrap_or_else(|_| {
        // the panic hook has said where
        Err(Failure::new(Exit::Internal, "a bug in this program", "please report it, with the line above"))
    });
    ui.finish(outcome).into()
}

fn set_up(ui: &Ui) -> Result<(), Failure> {
    // Values may be secret: of a panic's message only a literal of the source is shown.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload().downcast_ref::<&str>().copied().unwrap_or("(message withheld)");
        ui::note(&format!("panicked at {place}: {message}"));
    }));
    let filter = tracing_subscriber::EnvFilter::try_from_env("VEILMARK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    // a subscriber that is there already serves as well
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).without_time().try_init();
    let json = ui.json();
    ctrlc::set_handler(move || {
        veilmark::files::abandon();
        let failure = Failure::new(Exit::Interrupted, "interrupted", "no half-written file was left");
        std::process::exit(i32::from(u8::from(Ui::new(json).finish(Err(failure)))));
    })
    .map_err(|error| Failure::new(Exit::Internal, format!("no handler for Ctrl-C: {error}"), "run it again"))
}

fn run(ui: &Ui) -> Result<Report, Failure> {
    use clap::error::ErrorKind;
    let parsed = Arguments::command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                    let text = error.render();
                    let text = if ui.json() { text.to_string() } else { ui.styled(&text) };
                    Ok(Report::text_only(text.trim_end()))
                }
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
                    ui.note(error.render().to_string().trim_end());
                    Err(Failure::new(Exit::Usage, "no command given", "veilmark demo shows the whole journey"))
                }
                _ => Err(Failure::of_usage(&error)),
            };
        }
    };
    // Help, completions and manual need no home folder.
    match arguments.command {
        Command::Completions(arguments) => return manual::completions(&arguments),
        Command::Man(arguments) => return manual::man(&arguments),
        _ => {}
    }
    let home = Home::find()?;
    match arguments.command {
        Command::Demo(arguments) => demo::run(ui, &arguments),
        Command::Srs(command) => srs::run(ui, &home, command),
        Command::Fingerprint(arguments) => fingerprint::run(ui, &arguments),
        Command::Commit(arguments) => commit::run(ui, &home, &arguments),
        Command::Prove(arguments) => prove::run(ui, &home, &arguments),
        Command::Verify(arguments) => verify::run(ui, &home, &arguments),
        Command::Register(arguments) => register::run(ui, &home, &arguments),
        Command::Lookup(arguments) => lookup::run(ui, &home, &arguments),
        Command::Inspect(arguments) => inspect::run(ui, &arguments),
        Command::Doctor(_) => doctor::run(&home),
        Command::Estimate(arguments) => estimate::run(&home, &arguments),
        Command::Completions(_) | Command::Man(_) => Ok(Report::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
