//! The protobuf before it is decoded: what it will become in memory is counted first.
//!
//! A small file can say large structures (an empty message takes two bytes there, and hundreds in memory), so every message, name and
//! packed number is counted at every depth, and refused where they are more than any network has.
use super::error::{ImportError, Kind, graph_error};

/// The most messages and names inside a file.
const MAX_MESSAGES: usize = 1 << 19;
/// The most numbers that are not stored as plain bytes.
const MAX_NUMBERS: usize = 1 << 25;
/// The most messages inside each other.
const MAX_DEPTH: u32 = 64;

/// The messages of ONNX.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Sparse,
    Value,
    Type,
    TensorType,
    Shape,
    Dimension,
    Annotation,
    Entry,
    Function,
    OperatorSet,
    Segment,
    Training,
}

/// What a field with a length holds.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Field {
    Message(Message),
    /// A name, or bytes that are kept as they are.
    Bytes,
    /// Packed numbers of variable length.
    Numbers,
    /// Packed numbers of fixed length: no more in memory than in the file.
    Fixed,
    /// Skipped by the decoder.
    Unknown,
}

fn field(message: Message, number: u64) -> Field {
    use Field::{Bytes, Fixed, Numbers, Unknown};
    use Message as M;
    match (message, number) {
        (M::Model, 7) | (M::Attribute, 6 | 11) => Field::Message(M::Graph),
        (M::Model, 8) | (M::Function, 9) => Field::Message(M::OperatorSet),
        (M::Model, 14) | (M::Graph, 16) | (M::Node, 9) | (M::Tensor, 13 | 16) | (M::Annotation, 2) => {
            Field::Message(M::Entry)
        }
        (M::Value, 4) | (M::Function, 14) => Field::Message(M::Entry),
        (M::Model, 20) => Field::Message(M::Training),
        (M::Model, 25) => Field::Message(M::Function),
        (M::Graph, 1) | (M::Function, 7) => Field::Message(M::Node),
        (M::Graph, 5) | (M::Attribute, 5 | 10) | (M::Sparse, 1 | 2) => Field::Message(M::Tensor),
        (M::Graph, 15) | (M::Attribute, 22 | 23) => Field::Message(M::Sparse),
        (M::Graph, 11..=13) | (M::Function, 12) => Field::Message(M::Value),
        (M::Graph, 14) => Field::Message(M::Annotation),
        (M::Node, 5) | (M::Function, 11) => Field::Message(M::Attribute),
        (M::Attribute, 14 | 15) | (M::Value, 2) => Field::Message(M::Type),
        (M::Type, 1) => Field::Message(M::TensorType),
        (M::TensorType, 2) => Field::Message(M::Shape),
        (M::Shape, 1) => Field::Message(M::Dimension),
        (M::Tensor, 3) => Field::Message(M::Segment),
        (M::Attribute, 8) | (M::Tensor, 1 | 5 | 7 | 11) | (M::Sparse, 3) => Numbers,
        (M::Attribute, 7) | (M::Tensor, 4 | 10) => Fixed,
        (M::Model, 2..=6) | (M::Graph, 2 | 10) | (M::Node, 1..=8) | (M::Attribute, 1..=23) => Bytes,
        (M::Tensor, 6 | 8 | 9 | 12) | (M::Value | M::Dimension | M::Entry, 1..=3) => Bytes,
        (M::Annotation | M::OperatorSet, 1) | (M::Type, 6) | (M::Function, 1..=13) => Bytes,
        _ => Unknown,
    }
}

fn cut() -> ImportError {
    ImportError::Protobuf { reason: "it is cut short or not a protobuf".to_owned() }
}

/// What has been counted so far.
#[derive(Default, Debug)]
struct Counted {
    messages: usize,
    numbers: usize,
}

impl Counted {
    fn message(&mut self) -> Result<(), ImportError> {
        self.messages += 1;
        if self.messages <= MAX_MESSAGES {
            return Ok(());
        }
        Err(graph_error(Kind::TooLarge, "the messages of the file", format!("at most {MAX_MESSAGES}"), "more"))
    }

    fn numbers(&mut self, count: usize) -> Result<(), ImportError> {
        self.numbers = self.numbers.saturating_add(count);
        if self.numbers <= MAX_NUMBERS {
            return Ok(());
        }
        let expected = format!("at most {MAX_NUMBERS} (more as raw data)");
        Err(graph_error(Kind::TooLarge, "the numbers stored one by one", expected, "more"))
    }
}

fn varint(bytes: &[u8], at: &mut usize) -> Result<u64, ImportError> {
    let mut value = 0u64;
    for shift in 0..10 {
        let byte = *bytes.get(*at).ok_or_else(cut)?;
        *at += 1;
        value |= u64::from(byte & 0x7f).checked_shl(7 * shift).unwrap_or(0);
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(cut())
}

/// Refuses a file that would become more in memory than a network is.
pub(super) fn check(bytes: &[u8]) -> Result<(), ImportError> {
    walk(bytes, Message::Model, 0, &mut Counted::default())
}

fn walk(bytes: &[u8], message: Message, depth: u32, counted: &mut Counted) -> Result<(), ImportError> {
    if depth > MAX_DEPTH {
        let expected = format!("at most {MAX_DEPTH} deep");
        return Err(graph_error(Kind::TooLarge, "the messages inside messages", expected, "more"));
    }
    let mut at = 0;
    while at < bytes.len() {
        let key = varint(bytes, &mut at)?;
        let skip = match key & 7 {
            0 => {
                varint(bytes, &mut at)?;
                counted.numbers(1)?;
                0
            }
            1 => 8,
            2 => {
                let length = usize::try_from(varint(bytes, &mut at)?).map_err(|_| cut())?;
                let end = at.checked_add(length).filter(|end| *end <= bytes.len()).ok_or_else(cut)?;
                let content = &bytes[at..end];
                match field(message, key >> 3) {
                    Field::Message(Message::Training) => {
                        return Err(graph_error(Kind::Broken, "training information", "none", "some"));
                    }
                    Field::Message(inner) => {
                        counted.message()?;
                        walk(content, inner, depth + 1, counted)?;
                    }
                    Field::Bytes => counted.message()?,
                    Field::Numbers => counted.numbers(content.iter().filter(|byte| **byte < 0x80).count())?,
                    Field::Fixed | Field::Unknown => {}
                }
                length
            }
            5 => 4,
            _ => return Err(cut()),
        };
        at = at.checked_add(skip).filter(|end| *end <= bytes.len()).ok_or_else(cut)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_length(field: u64, content: &[u8]) -> Vec<u8> {
        let mut made = Vec::new();
        for mut number in [field << 3 | 2, content.len() as u64] {
            while number >= 0x80 {
                made.push(number as u8 | 0x80);
                number >>= 7;
            }
            made.push(number as u8);
        }
        made.extend(content);
        made
    }

    fn message_of(error: &ImportError) -> String {
        error.to_string()
    }

    /// Empty messages at every depth at which there can be any: two bytes each in the file, hundreds in memory.
    #[test]
    fn small_files_of_large_structures_are_refused_at_every_depth() {
        let many = |field: u64| [(field << 3 | 2) as u8, 0].repeat(MAX_MESSAGES + 1);
        let paths: [&[u64]; 9] = [
            &[7, 1],
            &[7, 5],
            &[7, 1, 1],
            &[7, 1, 5],
            &[7, 11, 2, 1, 2, 1],
            &[7, 13, 2, 1, 2, 1],
            &[7, 5, 13],
            &[7, 1, 5, 9],
            &[25, 7],
        ];
        for path in paths {
            let (last, outer) = path.split_last().unwrap();
            let bytes = outer.iter().rev().fold(many(*last), |content, field| with_length(*field, &content));
            let error = message_of(&check(&bytes).unwrap_err());
            assert!(error.contains("the messages of the file"), "{path:?}: {error}");
        }
        // one byte each in the file, eight in memory
        for path in [&[7u64, 5, 7][..], &[7, 5, 1], &[7, 1, 5, 8], &[7, 5, 5]] {
            let bytes =
                path.iter().rev().fold(vec![0; MAX_NUMBERS + 1], |content, field| with_length(*field, &content));
            let error = message_of(&check(&bytes).unwrap_err());
            assert!(error.contains("the numbers stored one by one"), "{path:?}: {error}");
        }
        let inner =
            (0..100).fold(vec![], |content: Vec<u8>, _| with_length(1, &with_length(5, &with_length(6, &content))));
        let deep = with_length(7, &inner);
        assert!(check(&deep).is_err());
    }
}
