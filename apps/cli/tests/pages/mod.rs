//! The commands that the repository's pages show.

use std::{fs, path::Path};

/// The commands of a page in the repository, as words after the command's name, without comments.
pub(crate) fn commands(page: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page);
    let text = fs::read_to_string(path).unwrap();
    let starts = ["    veilmark ", "    cargo run --release --bin veilmark -- "];
    let lines = text.lines().filter_map(|line| starts.iter().find_map(|start| line.strip_prefix(start)));
    lines.map(|line| line.split("  #").next().unwrap_or(line).trim_end().to_owned()).collect()
}

/// Words of a line, where quotes keep blanks.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("never empty").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
