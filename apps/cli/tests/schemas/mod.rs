//! Answers and files against `docs/schemas`: whatever a test of the real binary runs is compared.
//!
//! The validator knows as much of JSON Schema as the schemas use, and panics at anything else: a crate that knows all of it would switch
//! on features of crates that the program is built from, and with them a second copy of most. The tests of the npm package read
//! the same schemas with one that does.

// each file of tests uses its part
#![allow(dead_code)]

use serde_json::{Map, Value};
use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

/// The schemas, by path below `docs/schemas`.
pub(crate) static SCHEMAS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
    let mut all = BTreeMap::new();
    for folder in ["", "answers", "files"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                all.insert(name, serde_json::from_slice(&fs::read(path).unwrap()).unwrap());
            }
        }
    }
    all
});

/// Compares what a command answered, by the command's own schema. Panics where there is none, or the answer is another.
pub(crate) fn check_answer(arguments: &[&str], answer: &Value) {
    let failed = answer.as_object().is_some_and(|answer| answer.len() == 1 && answer.contains_key("error"));
    let name = match command(arguments) {
        Some(name) => name,
        // help, and what the command line refuses before it knows what is meant
        None if failed => "answers/failed.json".to_owned(),
        None => "answers/text.json".to_owned(),
    };
    if let Err(why) = valid(&name, answer) {
        panic!("veilmark {}: {name}: {why}\n{answer:#}", arguments.join(" "));
    }
}

/// The schema of the command that arguments mean.
fn command(arguments: &[&str]) -> Option<String> {
    let named =
        |parts: &[&str]| Some(format!("answers/{}.json", parts.join("-"))).filter(|name| SCHEMAS.contains_key(name));
    // options of the whole program may stand before it, with their values
    (0..arguments.len()).find_map(|at| {
        let words = &arguments[at..];
        words.get(1).and_then(|second| named(&[words[0], second])).or_else(|| named(&words[..1]))
    })
}

/// Compares a file, or where one has a head of JSON and then a body, its head.
pub(crate) fn check_file(path: &Path, kind: &str) {
    let bytes = fs::read(path).unwrap();
    let head = serde_json::Deserializer::from_slice(&bytes).into_iter().next().expect("JSON").expect("JSON");
    if let Err(why) = valid(&format!("files/{kind}.json"), &head) {
        panic!("{}: {why}\n{head:#}", path.display());
    }
}

/// Whether a value is what a schema says; where and why not.
pub(crate) fn valid(name: &str, value: &Value) -> Result<(), String> {
    let schema = SCHEMAS.get(name).unwrap_or_else(|| panic!("docs/schemas/{name} is missing"));
    check(name, schema, value, "")
}

fn check(document: &str, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let schema = schema.as_object().expect("a schema is an object");
    let refuse = |what: String| Err(format!("{}: {what}", if at.is_empty() { "the whole" } else { at }));
    for (keyword, expected) in schema {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" => {}
            "$ref" => {
                let (document, schema) = referred(document, expected.as_str().expect("a reference"));
                check(&document, schema, value, at)?;
            }
            "anyOf" => {
                let outcomes =
                    expected.as_array().expect("alternatives").iter().map(|one| check(document, one, value, at));
                let refusals: Vec<_> = outcomes.map_while(Result::err).collect();
                if refusals.len() == expected.as_array().map_or(0, Vec::len) {
                    return refuse(format!("none of: {}", refusals.join(" | ")));
                }
            }
            "enum" if !expected.as_array().is_some_and(|all| all.contains(value)) => {
                return refuse(format!("{value} is not one of {expected}"));
            }
            "const" if expected != value => return refuse(format!("{value} is not {expected}")),
            "enum" | "const" => {}
            "type" if !is_of(expected.as_str().expect("a type"), value) => {
                return refuse(format!("{value} is no {expected}"));
            }
            "type" => {}
            "pattern" => {
                if let Some(text) = value.as_str().filter(|text| !matches(expected.as_str().expect("a pattern"), text))
                {
                    return refuse(format!("{text:?} is not {expected}"));
                }
            }
            "minLength" if value.as_str().is_some_and(str::is_empty) => return refuse("empty".into()),
            "minimum" if value.as_f64().is_some_and(|number| number < 0.0) => return refuse("below zero".into()),
            "minLength" | "minimum" => assert!(expected == 1 || expected == 0),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(document, expected, item, &format!("{at}/{index}"))?;
                }
            }
            "properties" => {
                for (name, property) in value.as_object().into_iter().flatten() {
                    match expected.get(name) {
                        Some(schema) => check(document, schema, property, &format!("{at}/{name}"))?,
                        None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                            return refuse(format!("`{name}` has no place here"));
                        }
                        None => {}
                    }
                }
            }
            "required" => {
                let missing = expected
                    .as_array()
                    .into_iter()
                    .flatten()
                    .find(|name| value.get(name.as_str().expect("a name")).is_none());
                if let Some(name) = missing {
                    return refuse(format!("{name} is missing"));
                }
            }
            "additionalProperties" => assert_eq!(expected, &Value::Bool(false)),
            other => panic!("{document}: this validator does not know `{other}`"),
        }
    }
    Ok(())
}

/// What a reference leads to, and the document in which that stands.
fn referred(document: &str, reference: &str) -> (String, &'static Value) {
    let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let file = match (file, file.strip_prefix("../")) {
        ("", _) => document.to_owned(),
        (_, Some(above)) => above.to_owned(),
        (beside, None) => format!("{folder}/{beside}"),
    };
    let schema = SCHEMAS.get(&file).and_then(|schema| schema.pointer(pointer));
    (file, schema.unwrap_or_else(|| panic!("{document}: {reference} leads nowhere")))
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        other => panic!("there is no type {other}"),
    }
}

/// The patterns of the schemas, each as a function.
fn matches(pattern: &str, text: &str) -> bool {
    let lower = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let word = |text: &str| text.strip_prefix("0x").is_some_and(|digits| digits.len() == 64 && lower(digits));
    match pattern {
        "^0x[0-9a-f]{64}$" => word(text),
        // stricter than a pattern can say it: an address in another spelling than EIP-55's is refused
        "^0x[0-9a-fA-F]{40}$" => {
            text.parse::<alloy_primitives::Address>().is_ok_and(|address| address.to_string() == text)
        }
        "^0x([0-9a-f]{2})*$" => text.strip_prefix("0x").is_some_and(|digits| digits.len() % 2 == 0 && lower(digits)),
        "^(0x)?([0-9a-f]{2})*$" => lower(text.strip_prefix("0x").unwrap_or(text)),
        "^[0-9a-f]{128}$" => text.len() == 128 && lower(text),
        "^[0-9]+$" => digits(text),
        "^https://" => text.starts_with("https://"),
        "^[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$" => {
            let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            shape.strip_suffix("-00-00T00:00:00Z").is_some_and(|year| year.len() >= 4 && digits(year))
        }
        other => panic!("this validator does not know the pattern {other}"),
    }
}

/// Every property of every schema, with the definition that it refers to.
pub(crate) fn properties(schema: &Value, found: &mut dyn FnMut(&str, &Value)) {
    let inner = |map: &Map<String, Value>, found: &mut dyn FnMut(&str, &Value)| {
        map.values().for_each(|value| properties(value, found));
    };
    match schema {
        Value::Object(map) => {
            for (name, property) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
                found(name, property);
            }
            inner(map, found);
        }
        Value::Array(all) => all.iter().for_each(|value| properties(value, found)),
        _ => {}
    }
}
