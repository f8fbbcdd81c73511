//! Every file and every answer has a schema in `docs/schemas`, and is what it says. The tests of the other files compare each of their
//! answers too; here is what those do not make, and what holds of the schemas themselves.

mod world;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use world::{
    schemas::{SCHEMAS, check_file, properties, valid},
    world,
};

/// One spelling, one meaning: a field is defined once, in `fields.json`, under its name, or where lists of one name hold several
/// things, under its name and a dot.
#[test]
fn a_field_means_the_same_wherever_it_stands() {
    let mut seen = BTreeMap::new();
    for (file, schema) in SCHEMAS.iter() {
        properties(schema, &mut |name, property| {
            let property = property["anyOf"].get(0).unwrap_or(property);
            let Some(reference) = property["$ref"].as_str() else {
                let is_fixed = property.get("const").or(property.get("enum")).is_some();
                assert!(is_fixed || name == "content", "{file}: `{name}` is defined there, and nowhere else");
                return;
            };
            let (_, definition) = reference.rsplit_once('/').unwrap();
            assert_eq!(definition.split('.').next(), Some(name), "{file}: `{name}` has another field's meaning");
            *seen.entry(definition.to_owned()).or_insert(0) += 1;
        });
    }
    let defined = SCHEMAS["fields.json"]["$defs"].as_object().unwrap();
    for (name, definition) in defined {
        assert!(seen.contains_key(name), "no file and no answer has `{name}`");
        assert!(definition["description"].is_string(), "{name}");
    }
    assert!(defined.len() > 200, "{}", defined.len());
}

/// Nothing that is not described gets through.
#[test]
fn every_object_is_closed() {
    fn closed(file: &str, value: &Value) {
        if let Some(map) = value.as_object() {
            if map.contains_key("properties") {
                assert_eq!(map.get("additionalProperties"), Some(&json!(false)), "{file}: {value}");
                assert!(map.contains_key("required"), "{file}: {value}");
            }
            map.values().for_each(|value| closed(file, value));
        }
        value.as_array().into_iter().flatten().for_each(|value| closed(file, value));
    }
    SCHEMAS.iter().for_each(|(file, schema)| closed(file, schema));
}

#[test]
fn the_validator_refuses_what_is_not_described() {
    let answer = json!({ "keystore": "k.json", "address": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" });
    let refused = |change: fn(&mut Value)| {
        let mut answer = answer.clone();
        change(&mut answer);
        valid("answers/key-new.json", &answer).unwrap_err()
    };
    valid("answers/key-new.json", &answer).unwrap();
    assert!(refused(|answer| answer["more"] = json!(1)).contains("`more` has no place"));
    assert!(
        refused(|answer| answer["address"] = json!("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")).contains("/address")
    );
    assert!(refused(|answer| answer["address"] = json!(5)).contains("string"));
    assert!(refused(|answer| *answer = json!({ "keystore": "k.json" })).contains("missing"));
    let error = json!({ "code": 2, "name": "usage", "retry": false, "message": "no", "hint": "yes" });
    valid("answers/failed.json", &json!({ "error": error })).unwrap();
    let mut unknown = error.clone();
    unknown["name"] = json!("some_other");
    valid("answers/failed.json", &json!({ "error": unknown })).unwrap_err();
    valid("answers/failed.json", &json!({ "error": error, "address": "" })).unwrap_err();
}

#[test]
fn files_are_what_their_schemas_say() {
    let world = world();
    let run = |arguments: &[&str]| world.veilmark(&[arguments, &["--json"]].concat()).ok();
    check_file(&world.path("x.opening"), "opening");
    check_file(&world.path("x.veil.json"), "bundle");
    let picture = ["--image", "picture-1.png", "--opening", "x.opening"];
    let hidden = [
        "prove",
        "--claim",
        "committed-fingerprint",
        "-o",
        "hidden.veil.json",
        "--fingerprint-out",
        "hidden.fingerprint",
    ];
    run(&[&hidden[..], &picture].concat());
    check_file(&world.path("hidden.veil.json"), "bundle");
    check_file(&world.path("hidden.fingerprint"), "fingerprint");
    run(&["disclose", "x.opening", "-o", "schema.disclosure"]);
    check_file(&world.path("schema.disclosure"), "disclosure");
    run(&["reserve", "x.opening", "-o", "schema.seal"]);
    check_file(&world.path("schema.seal"), "seal");
    run(&["register", "x.veil.json"]);
    for file in ["x.veil.json", "x.opening", "hidden.fingerprint", "schema.disclosure", "schema.seal", "picture-1.png"]
    {
        run(&["inspect", file]);
    }
    run(&[
        "verify",
        "hidden.veil.json",
        "--fingerprint",
        "hidden.fingerprint",
        "--image",
        "half.png",
        "--allow-unsafe",
    ]);
    run(&[
        "verify",
        "x.veil.json",
        "--image",
        "picture-1.png",
        "--disclosure",
        "schema.disclosure",
        "--allow-unsafe",
        "--chain",
        "home/chain",
    ]);
    run(&["contracts", "export", "-o", "exported"]);
    run(&["man"]);
    run(&["srs", "ceremonies"]);
    run(&["estimate", "640x480"]);
    run(&["lookup", "picture-1.png"]);
}
