//! Text of Solidity: lines, literals, comments, the template's blanks, names of words in memory.

use std::fmt::Display;
use veilmark_transcript::WORD;

/// Named words of memory, laid out one after the other.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) next: usize,
    pub(super) names: Vec<(String, usize)>,
}

impl Memory {
    pub(super) fn reserve(&mut self, name: impl Into<String>, words: usize) -> usize {
        let at = self.next;
        self.names.push((name.into(), at));
        self.next += words * WORD;
        at
    }
}

/// Lines of Solidity; nesting is four spaces a level.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: Vec<String>,
    depth: usize,
}

impl Lines {
    pub(super) fn line(&mut self, line: impl Display) {
        self.lines.push(format!("{}{line}", "    ".repeat(self.depth)));
    }

    pub(super) fn open(&mut self) {
        self.line("{");
        self.depth += 1;
    }

    pub(super) fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }

    pub(super) fn constant(&mut self, name: impl Display, value: impl Display) {
        self.line(format_args!("uint256 private constant {name} = {value};"));
    }

    pub(super) fn offset(&mut self, name: impl Display, value: usize) {
        self.constant(name, format_args!("{value:#x}"));
    }
}

/// Fills the template: `{{name}}` alone on its line stands for lines at its indentation, within a line for a word.
pub(super) fn fill(template: &str, words: &[(&str, String)], blocks: &[(&str, Lines)]) -> String {
    let mut text = String::new();
    for line in template.lines() {
        let (indentation, content) = line.split_at(line.len() - line.trim_start().len());
        let block = blocks.iter().find(|(name, _)| content == format!("{{{{{name}}}}}"));
        if let Some((_, block)) = block {
            block.lines.iter().for_each(|line| text.extend([indentation, line, "\n"]));
        } else {
            let filled =
                words.iter().fold(line.to_owned(), |line, (name, word)| line.replace(&format!("{{{{{name}}}}}"), word));
            text.extend([&filled, "\n"]);
        }
    }
    text
}

pub(super) fn hex_literal(bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    let digits = digits.trim_start_matches('0');
    format!("0x{}", if digits.is_empty() { "0" } else { digits })
}

/// A name of the circuit's author inside a comment: printable ASCII on one line, whatever it was.
pub(super) fn comment(name: &str) -> String {
    let printable = |letter: char| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' };
    name.chars().take(100).map(printable).collect()
}
