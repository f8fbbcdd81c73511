//! What help and manual pages show besides the definition of the command line: examples, and where a command looks for things.

use clap::Command;

/// What every help ends with.
pub(crate) const EXIT_CODES: &str = "\
Exit codes (with --json, error.name says more and error.retry whether the same command may succeed later):
  0   yes
  1   the proof is invalid, or the claim is false
  2   usage; also an opening that has no proofs left, a signature that has expired, another's key, done already
  3   a file does not match the statement, or the chain is another one
  4   not registered, revoked, not reserved, or an unknown verifying key
  5   untrusted parameters or contracts; also a claim that was stopped on the chain
  6   unsupported input: another kind of file, damaged, or beyond the limits
  7   a file: missing, in the way, not readable, no room; also a trusted setup that is not here
  8   the chain: its node cannot be reached or believed, or it refused
  9   this machine: too little memory; also what doctor finds wrong
  70  a bug in this program
  130 interrupted

Files are kept in $VEILMARK_HOME, or else in `veilmark` in the user's data folder.";

/// For each command that does something, lines that one may type. A test parses all of them.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("demo", &["demo"]),
    ("srs dev", &["srs dev --k 19"]),
    ("srs ceremonies", &["srs ceremonies", "srs ceremonies --k 19"]),
    ("srs import", &["srs import powersOfTau28_hez_final_19.ptau"]),
    ("srs verify", &["srs verify setup.srs"]),
    ("srs truncate", &["srs truncate --from setup.srs --k 17"]),
    ("fingerprint", &["fingerprint photo.png"]),
    (
        "model import",
        &[
            "model import models/landscape.onnx -o m.model",
            "model import generator.onnx -o m.model --open --for generation",
        ],
    ),
    ("model export", &["model export m.model -o m.pub"]),
    ("model register", &["model register m.pub", "model register m.pub --rpc env --keystore me.json"]),
    ("model show", &["model show m.pub"]),
    ("model update", &["model update m.pub --uri https://example.org/model"]),
    ("model deprecate", &["model deprecate m.pub --rpc env --keystore me.json"]),
    ("model transfer", &["model transfer m.pub ADDRESS --rpc env --keystore me.json"]),
    ("model accept", &["model accept m.pub --rpc env --keystore me.json"]),
    (
        "generate",
        &[
            "generate --model m.model --prompt \"a lake\" --seed 1 -o lake.png --latent-out lake.latent",
            "generate --model m.model --prompt \"a lake\" --seed 1 -o again.png --latent-out lake.latent --again",
            "generate --model m.model --prompt-file words.json -o lake.png --latent-out lake.latent",
        ],
    ),
    (
        "commit",
        &[
            "commit photo.png -o photo.opening",
            "commit lake.png --for authenticity --model m.model -o lake.opening",
            "commit photo.png --again --commitment HASH -o photo.opening",
        ],
    ),
    (
        "prove",
        &[
            "prove --claim committed-fingerprint --image photo.png --opening photo.opening --fingerprint-out photo.fingerprint \
             -o photo.veil.json",
            "prove --claim fingerprint --image open.png --opening open.opening -o open.veil.json",
            "prove --claim authenticity --image lake.png --opening lake.opening --model m.model --latent lake.latent -o \
             lake.veil.json",
        ],
    ),
    (
        "verify",
        &[
            "verify photo.veil.json",
            "verify open.veil.json --image published.jpg",
            "verify photo.veil.json --image photo.png --disclosure photo.disclosure",
            "verify --commitment HASH --image photo.png --disclosure photo.disclosure",
            "verify open.veil.json --rpc env --registry ADDRESS",
        ],
    ),
    (
        "disclose",
        &[
            "disclose photo.opening --image photo.png -o photo.disclosure",
            "disclose lake.latent --model m.pub -o lake.disclosure",
        ],
    ),
    ("reserve", &["reserve scoop.opening -o scoop.seal"]),
    ("register", &["register photo.veil.json", "register real.veil.json --rpc env --keystore me.json --max-cost 0.02"]),
    ("reveal", &["reveal scoop.seal"]),
    ("sign", &["sign real.veil.json --rpc env --keystore me.json -o real.sig"]),
    ("lookup", &["lookup open.png", "lookup open.png --rpc env --registry ADDRESS"]),
    ("mint", &["mint lake.veil.json --model m.pub"]),
    ("transfer", &["transfer lake.veil.json ADDRESS"]),
    ("revoke", &["revoke photo.veil.json"]),
    ("secret new", &["secret new", "secret new --password-file password"]),
    ("secret restore", &["secret restore", "secret restore --words-file words --machine laptop-2"]),
    ("secret show", &["secret show"]),
    ("secret fingerprint", &["secret fingerprint photo.veil.json --image photo.png -o photo.fingerprint"]),
    ("backup make", &["backup make -o veilmark.backup", "backup make photo.opening me.json -o veilmark.backup"]),
    ("backup restore", &["backup restore veilmark.backup --into restored"]),
    ("key new", &["key new -o me.json", "key new -o me.json --password-file password"]),
    (
        "contracts deploy",
        &["contracts deploy --bundle photo.veil.json --owner ADDRESS --guardian ADDRESS --rpc env --dry-run"],
    ),
    ("contracts add", &["contracts add --bundle real.veil.json --rpc env --keystore me.json"]),
    ("contracts add-claim", &["contracts add-claim --claim generation --rpc env --safe-json claim.json"]),
    ("contracts review", &["contracts review HASH --rpc env --safe-json review.json"]),
    ("contracts remove", &["contracts remove HASH --reason broken --rpc env --safe-json remove.json"]),
    ("contracts pause", &["contracts pause --claim fingerprint --rpc env --keystore guardian.json"]),
    ("contracts unpause", &["contracts unpause --claim fingerprint --rpc env --safe-json unpause.json"]),
    ("contracts stop", &["contracts stop --claim fingerprint --reason broken --rpc env --safe-json stop.json"]),
    (
        "contracts stop-with-proof",
        &["contracts stop-with-proof HASH --inputs 1,2,300,0 --proof impossible.hex --rpc env --keystore me.json"],
    ),
    ("contracts doubt", &["contracts doubt HASH --since 1767225600 --rpc env --safe-json doubt.json"]),
    ("contracts guardian", &["contracts guardian ADDRESS --rpc env --safe-json guardian.json"]),
    ("contracts owner", &["contracts owner ADDRESS --rpc env --safe-json owner.json"]),
    ("contracts cancel", &["contracts cancel HASH --rpc env --keystore guardian.json"]),
    ("contracts proposals", &["contracts proposals --rpc env"]),
    ("contracts verify", &["contracts verify --bundle photo.veil.json --rpc env --expect-chain-id 31337"]),
    ("contracts export", &["contracts export -o contracts"]),
    ("inspect", &["inspect photo.veil.json"]),
    ("doctor", &["doctor"]),
    (
        "estimate",
        &["estimate photo.png", "estimate 4000x3000", "estimate m.pub --claim authenticity", "estimate model.onnx"],
    ),
    ("completions", &["completions bash"]),
    ("man", &["man", "man contracts deploy"]),
];

/// Environment variables that commands read.
pub(crate) const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "VEILMARK_HOME",
        "the folder of setups, keys and the practice chain [default: veilmark in the user's data folder]",
    ),
    ("VEILMARK_RPC_URL", "the node's URL that --rpc env means"),
    ("VEILMARK_PRIVATE_KEY", "the key to sign with, where no --keystore is named"),
    ("VEILMARK_SECRET_PASSWORD", "the password of the master secret, where no file of it is named"),
    ("VEILMARK_LOG", "what is logged on stderr, as in tracing's filters [default: warn]"),
    ("RAYON_NUM_THREADS", "threads to work with, where --threads is not given"),
];

/// Files that commands keep.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("$VEILMARK_HOME/secret", "the master secret, and which numbers this machine has taken: keep its words on paper"),
    ("$VEILMARK_HOME/srs", "trusted setups"),
    ("$VEILMARK_HOME/keys", "proving and verifying keys: made again where they are missing"),
    ("$VEILMARK_HOME/chain", "the practice chain"),
    ("$VEILMARK_HOME/deployments", "where the contracts are on other chains"),
    ("$VEILMARK_HOME/index", "fingerprints of registries, as they were read last"),
];

/// The examples of a command, by the words that name it.
pub(crate) fn examples(path: &str) -> &'static [&'static str] {
    EXAMPLES.iter().find(|(command, _)| *command == path).map_or(&[], |(_, lines)| lines)
}

/// A command, with examples below its help and that of each command under it; `path` are the words that name it.
pub(crate) fn with_examples(command: Command, path: &str) -> Command {
    let names: Vec<_> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    let command = names.iter().fold(command, |command, name| {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command.mut_subcommand(name, |one| with_examples(one, &path))
    });
    let lines = examples(path);
    if lines.is_empty() {
        return command;
    }
    let text: String = lines.iter().map(|line| format!("\n  veilmark {line}")).collect();
    command.after_help(format!("Examples:{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{self, Arguments, pages::words};
    use clap::{CommandFactory, Parser};

    fn leaves(command: &Command, path: &str, found: &mut Vec<String>) {
        for one in command.get_subcommands() {
            let path = if path.is_empty() { one.get_name().to_owned() } else { format!("{path} {}", one.get_name()) };
            if one.has_subcommands() { leaves(one, &path, found) } else { found.push(path) }
        }
    }

    #[test]
    fn every_command_has_an_example_that_is_a_command() {
        let mut all = Vec::new();
        leaves(&Arguments::command(), "", &mut all);
        let (address, hash) = (format!("0x{}", "11".repeat(20)), format!("0x{}", "22".repeat(32)));
        for path in &all {
            let lines = examples(path);
            assert!(!lines.is_empty(), "{path} has no example");
            for line in lines {
                assert!(line.starts_with(path.as_str()), "{line}");
                let told = words(line).into_iter().map(|word| match word.as_str() {
                    "ADDRESS" => address.clone(),
                    "HASH" => hash.clone(),
                    _ => word,
                });
                if let Err(error) = Arguments::try_parse_from(std::iter::once("veilmark".to_owned()).chain(told)) {
                    panic!("veilmark {line}\n{error}");
                }
            }
        }
        assert_eq!(all.len(), EXAMPLES.len(), "examples of commands that are none");
        let help = args::command().find_subcommand_mut("commit").unwrap().render_help().to_string();
        assert!(help.contains("Examples:\n  veilmark commit photo.png -o photo.opening"), "{help}");
    }
}
