//! `veilmark completions` and `veilmark man`: from the one definition of the command line.

use crate::{
    failure::{Failure, Kind},
    help::{self, EXIT_CODES},
    output::Report,
};
use clap_complete::Shell;
use std::io::{self, Write};

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

/// Prints a script for the whole command.
pub(crate) fn completions(arguments: &Completions, mut whole: clap::Command) -> Result<Report, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut whole, "veilmark", &mut script);
    Ok(Report::text_only(String::from_utf8_lossy(&script).trim_end()))
}

/// Prints a page of the whole command, or of the subcommand that is named.
pub(crate) fn man(arguments: &Man, mut whole: clap::Command) -> Result<Report, Failure> {
    whole.build();
    let mut command = whole;
    for name in &arguments.command {
        command = command.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::new(Kind::Usage, format!("there is no command {name:?}"), "veilmark --help lists the commands")
        })?;
    }
    let mut page = Vec::new();
    let failed = |error| Failure::new(Kind::Bug, format!("no manual page: {error}"), "please report it");
    let path = arguments.command.join(" ");
    render(command, &path, &mut page).map_err(failed)?;
    Ok(Report::text_only(String::from_utf8_lossy(&page).trim_end()))
}

/// The sections of a page in the usual order, those that clap knows and those that it does not.
fn render(command: clap::Command, path: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let (has_subcommands, has_version) = (command.has_subcommands(), command.get_version().is_some());
    let man = clap_mangen::Man::new(command);
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if has_subcommands {
        man.render_subcommands_section(page)?;
    }
    let examples = help::examples(path);
    if !examples.is_empty() {
        let lines: String = examples.iter().map(|line| format!("    veilmark {line}\n")).collect();
        verbatim(page, "EXAMPLES", &lines)?;
    }
    let status = EXIT_CODES.split("\n\n").next().unwrap_or(EXIT_CODES);
    verbatim(page, "EXIT STATUS", status)?;
    for (title, list) in [("ENVIRONMENT", help::ENVIRONMENT), ("FILES", help::FILES)] {
        writeln!(page, ".SH {title}")?;
        for (name, what) in list {
            writeln!(page, ".TP\n\\fB{}\\fR\n{}", escaped(name), escaped(what))?;
        }
    }
    if has_version {
        man.render_version_section(page)?;
    }
    Ok(())
}

/// A section whose lines stay as they are.
fn verbatim(page: &mut Vec<u8>, title: &str, text: &str) -> io::Result<()> {
    writeln!(page, ".SH \"{title}\"\n.nf")?;
    for line in text.lines() {
        // a line of roff that begins with a point or an apostrophe is a request
        writeln!(page, "\\&{}", escaped(line))?;
    }
    writeln!(page, ".fi")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::command;

    fn page(path: &[&str]) -> String {
        let arguments = Man { command: path.iter().map(|&word| word.to_owned()).collect() };
        man(&arguments, command()).unwrap().text
    }

    #[test]
    fn every_command_has_a_page_with_all_its_sections() {
        fn walk(command: &clap::Command, path: &mut Vec<String>) -> usize {
            let mut pages = 0;
            for one in command.get_subcommands().filter(|one| one.get_name() != "help") {
                path.push(one.get_name().to_owned());
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                let text = page(&names);
                let sections = [".SH NAME", ".SH SYNOPSIS", ".SH \"EXIT STATUS\"", ".SH ENVIRONMENT", ".SH FILES"];
                for section in sections {
                    assert!(text.contains(section), "{names:?} has no {section}\n{text}");
                }
                assert_eq!(text.contains(".SH \"EXAMPLES\""), !one.has_subcommands(), "{names:?}");
                assert!(!text.contains(".SH EXTRA"), "{names:?}");
                pages += 1 + walk(one, path);
                path.pop();
            }
            pages
        }
        assert!(walk(&command(), &mut Vec::new()) > 40);
        assert!(page(&["contracts", "deploy"]).contains("veilmark contracts deploy"));
        let text = page(&[]);
        assert!(text.contains("70") && text.contains("VEILMARK_HOME") && text.contains("interrupted"));
    }
}
