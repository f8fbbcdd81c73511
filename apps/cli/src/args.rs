//! The command line: what can be said to the command.

use crate::commands::{
    chain::{contracts, key, lookup, mint, register, reserve, reveal, revoke, sign, transfer},
    image::{commit, disclose, fingerprint, prove, verify},
    model::{generate, import},
    secret::{self, backup},
    setup::srs,
    tools::{demo, doctor, estimate, inspect, manual},
};
use crate::help::{self, EXIT_CODES};
use clap::{CommandFactory, Parser, Subcommand};

/// The commands by what one does with them; a test compares the list with the definition.
const HELP: &str = "\
{about-with-newline}
{usage-heading} {usage}

Pictures:
  fingerprint  Print the perceptual fingerprint (PDQ) of a picture
  commit       Commit to a picture without showing it
  prove        Prove a claim about a committed picture
  verify       Check a proof, offline but for what is asked of a chain
  disclose     Show which picture or prompt a commitment is of

Models:
  model        Import models, show them to checkers, and keep their registrations
  generate     Make a picture with a model, by the integers that the circuit proves

Chain:
  reserve, register, reveal, sign, lookup, mint, transfer, revoke
               Register a proof, find it again, and what goes with it
  key          Make a key to sign with
  contracts    Bring the contracts to a chain, and see whom it trusts

Secrets:
  secret       Make one secret that lost files follow from, and get it back
  backup       Put what cannot be made again into one sealed file, and get it back

Setup:
  srs          Make, find, import, check and cut down trusted setups

Tools:
  demo         The whole journey on an embedded chain, narrated
  estimate     What a proof takes, and whether this machine has it
  inspect      Say what a file is
  doctor       Say what is here: setups, keys, the chain, disk and memory
  completions  Print a script of completions for a shell
  man          Print a manual page

Options:
{options}{after-help}";

/// The definition of the command line, with examples below each command's help.
pub(crate) fn command() -> clap::Command {
    help::with_examples(Arguments::command(), "")
}

/// Proves where an image comes from without showing the image.
#[derive(Debug, Parser)]
#[command(name = "veilmark", version, help_template = HELP, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Print exactly one JSON object on stdout; everything else goes to stderr.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Threads to work with [default: all that this machine has].
    #[arg(long, global = true, value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<usize>,
    /// Memory to work with: what is estimated to take more is refused before it begins [default: all there is].
    #[arg(long, global = true, value_name = "GIB", value_parser = gibibytes)]
    pub(crate) memory: Option<u64>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

fn threads(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|threads| (1..=1024).contains(threads)).ok_or_else(|| "a number from 1 to 1024".into())
}

/// Bytes of so many GiB.
fn gibibytes(text: &str) -> Result<u64, String> {
    let gibibytes: f64 = text.parse().map_err(|_| "a number of GiB, as 8 or 0.5")?;
    if !(0.01..=1e6).contains(&gibibytes) {
        return Err("a number of GiB, from 0.01 to 1000000".into());
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked above
    Ok((gibibytes * f64::from(1u32 << 30)) as u64)
}

#[derive(Debug, Subcommand)]
// what each does is said at its arguments
pub(crate) enum Command {
    Demo(demo::Arguments),
    /// Make, import, check and cut down trusted setups.
    #[command(subcommand)]
    Srs(srs::Command),
    Fingerprint(fingerprint::Arguments),
    /// Import models, show them to checkers, and keep their registrations.
    #[command(subcommand)]
    Model(import::Command),
    Generate(generate::Arguments),
    Commit(commit::Arguments),
    Prove(prove::Arguments),
    Verify(verify::Arguments),
    Disclose(disclose::Arguments),
    Reserve(reserve::Arguments),
    Register(register::Arguments),
    Reveal(reveal::Arguments),
    Sign(sign::Arguments),
    Lookup(lookup::Arguments),
    Mint(mint::Arguments),
    Transfer(transfer::Arguments),
    Revoke(revoke::Arguments),
    /// Make one secret that lost files follow from, and get it back.
    #[command(subcommand)]
    Secret(secret::Command),
    /// Put what cannot be made again into one sealed file, and get it back.
    #[command(subcommand)]
    Backup(backup::Command),
    /// Make a key to sign with, in an encrypted file.
    #[command(subcommand)]
    Key(key::Command),
    /// Bring the contracts to a chain, and see whom it trusts.
    #[command(subcommand)]
    Contracts(contracts::Command),
    Inspect(inspect::Arguments),
    Doctor(doctor::Arguments),
    Estimate(estimate::Arguments),
    Completions(manual::Completions),
    Man(manual::Man),
}

#[cfg(test)]
#[path = "../tests/pages/mod.rs"]
pub(crate) mod pages;

#[cfg(test)]
mod tests {
    use super::{
        pages::{commands, words},
        *,
    };
    use clap::CommandFactory;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_is_a_command() {
        let (address, hash) = (format!("0x{}", "11".repeat(20)), format!("0x{}", "22".repeat(32)));
        let mut parsed = 0;
        for page in ["README.md", "docs/guide.md"] {
            for line in commands(page) {
                let told = words(&line).into_iter().map(|word| match word.as_str() {
                    "ADDRESS" => address.clone(),
                    "HASH" => hash.clone(),
                    _ => word,
                });
                if let Err(error) = Arguments::try_parse_from(std::iter::once("veilmark".to_owned()).chain(told)) {
                    panic!("{page}: veilmark {line}\n{error}");
                }
                parsed += 1;
            }
        }
        assert!(parsed >= 50, "the pages have lost their commands: {parsed} were parsed");
    }

    #[test]
    fn every_command_is_in_the_help() {
        for command in Arguments::command().get_subcommands() {
            let listed = HELP.split([' ', ',', '\n']).any(|word| word == command.get_name());
            assert!(listed, "{}", command.get_name());
        }
    }

    /// Every command's answer has its schema, and no schema is of a command that there is not.
    #[test]
    fn every_answer_has_a_schema() {
        fn leaves(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
            for inner in command.get_subcommands() {
                let path =
                    if path.is_empty() { inner.get_name().to_owned() } else { format!("{path}-{}", inner.get_name()) };
                match inner.has_subcommands() {
                    true => leaves(inner, &path, found),
                    false => drop(found.insert(path)),
                }
            }
        }
        let mut expected = BTreeSet::from(["failed", "text", "unsent"].map(str::to_owned));
        leaves(&Arguments::command(), "", &mut expected);
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/answers");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let found: BTreeSet<_> = names.map(|name| name.trim_end_matches(".json").to_owned()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
