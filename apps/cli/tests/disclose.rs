//! The very picture, and the very words: what an opening shows, and what a disclosure shows to others, by the real binary.
mod world;

use std::{fs, process::Command};
use world::{Ran, World, picture, png, world};

const YES: &str = "yes";

fn verdict(ran: &Ran, which: &str) -> String {
    ran.json()["verdicts"][which]["verdict"].as_str().expect("a verdict").to_owned()
}

/// A disclosure of the world's own commitment, under a name of this test's.
fn disclose(world: &World, name: &str) -> Ran {
    world.veilmark(&["disclose", "x.opening", "--image", "picture-1.png", "-o", name, "--json"]).ok()
}

fn verify(world: &World, more: &[&str]) -> Ran {
    world.veilmark(&[&["verify", "x.veil.json", "--allow-unsafe", "--json"], more].concat())
}

#[test]
fn the_owner_shows_the_very_picture_with_the_opening() {
    let world = world();
    let yes = verify(&world, &["--image", "picture-1.png", "--opening", "x.opening"]).ok();
    assert_eq!(verdict(&yes, "very_picture"), YES);
    assert_eq!(yes.json()["verdicts"]["very_picture"]["by"], "opening");
    // a copy matches the fingerprint, and is another picture all the same
    for other in ["copy.jpg", "half.png"] {
        let no = verify(&world, &["--image", other, "--opening", "x.opening"]);
        assert_eq!((no.code, verdict(&no, "very_picture").as_str()), (3, "no"), "{other}");
        assert_eq!(verdict(&no, "file_match"), "match");
    }
    let not_asked = verify(&world, &["--image", "picture-1.png"]).ok();
    assert_eq!(verdict(&not_asked, "very_picture"), "not asked");
    // of another commitment, even to the same picture
    world.commit("picture-1.png", "another.opening").ok();
    world.refused(
        3,
        &["the opening is of commitment"],
        &["verify", "x.veil.json", "--allow-unsafe", "--image", "picture-1.png", "--opening", "another.opening"],
    );
    let text = world.veilmark(&[
        "verify",
        "x.veil.json",
        "--allow-unsafe",
        "--image",
        "picture-1.png",
        "--opening",
        "x.opening",
    ]);
    assert!(text.ok().out.contains("very picture  yes: pixel for pixel the picture under commitment 0x"));
}

#[test]
fn others_check_a_disclosure_and_cannot_prove_with_it() {
    let world = world();
    let made = disclose(&world, "x.disclosure").json();
    let commitment = made["commitment"].as_str().unwrap().to_owned();
    assert_eq!(made["about"], "picture");
    let shown = |more: &[&str]| verify(&world, &[more, &["--disclosure", "x.disclosure"]].concat());
    assert_eq!(verdict(&shown(&["--image", "picture-1.png"]).ok(), "very_picture"), YES);
    // another file of the same pixels is the same picture
    let again = image::open(world.path("picture-1.png")).unwrap();
    fs::write(world.path("again.bmp.png"), png(&again)).unwrap();
    assert_eq!(verdict(&shown(&["--image", "again.bmp.png"]).ok(), "very_picture"), YES);
    let mut one_off = again.to_rgb8();
    one_off.get_pixel_mut(63, 47).0[2] ^= 1;
    one_off.save(world.path("one-off.png")).unwrap();
    for other in ["copy.jpg", "half.png", "picture-2.png", "one-off.png"] {
        let no = shown(&["--image", other]);
        assert_eq!((no.code, verdict(&no, "very_picture").as_str()), (3, "no"), "{other}");
    }

    // without a bundle, from the number that a record has
    let alone = |more: &[&str]| {
        let words = ["verify", "--json", "--commitment", &commitment, "--disclosure", "x.disclosure"];
        world.veilmark(&[&words, more].concat())
    };
    assert_eq!(verdict(&alone(&["--image", "picture-1.png", "--allow-unsafe"]).ok(), "very_picture"), YES);
    assert_eq!(alone(&["--image", "copy.jpg", "--allow-unsafe"]).code, 3);
    // a development setup binds nobody
    let unbound = alone(&["--image", "picture-1.png"]);
    assert_eq!((unbound.code, unbound.json()["error"]["name"].as_str()), (5, Some("untrusted_setup")));
    assert_eq!(verdict(&unbound, "very_picture"), "yes under untrusted parameters");
    let words = ["verify", "x.veil.json", "--json", "--image", "picture-1.png", "--disclosure", "x.disclosure"];
    let unbound = world.veilmark(&words);
    assert_eq!((unbound.code, verdict(&unbound, "very_picture").as_str()), (5, "yes under untrusted parameters"));

    // it is nothing to prove with, and says what it is
    let prove = ["prove", "--claim", "fingerprint", "--image", "picture-1.png", "-o", "forged.veil.json", "--opening"];
    world.refused(6, &["that is a disclosure"], &[&prove[..], &["x.disclosure"]].concat());
    let inspected = world.veilmark(&["inspect", "x.disclosure", "--json"]).ok().json();
    assert_eq!(
        (inspected["kind"].as_str(), inspected["commitment"].as_str()),
        (Some("disclosure"), Some(&*commitment))
    );
    // nothing of the opening's salts is in it, and no proof was counted
    let opening: serde_json::Value = serde_json::from_slice(&fs::read(world.path("x.opening")).unwrap()).unwrap();
    let salts = hex::decode(opening["salts"].as_str().unwrap()).unwrap();
    let file = fs::read(world.path("x.disclosure")).unwrap();
    assert!(!salts.chunks(16).any(|part| file.windows(16).any(|piece| piece == part)));
    assert_eq!(opening["proofs_made"], 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(world.path("x.disclosure")).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn the_picture_is_the_one_the_opening_names_unless_another_is_named() {
    let world = world();
    world.veilmark(&["disclose", "x.opening", "-o", "default.disclosure"]).ok();
    let words = ["verify", "x.veil.json", "--allow-unsafe", "--image", "picture-1.png", "--disclosure"];
    world.veilmark(&[&words[..], &["default.disclosure"]].concat()).ok();
    let with = |image: &'static str| ["disclose", "x.opening", "--image", image, "-o", "none.disclosure"];
    world.refused(3, &["another picture"], &with("copy.jpg"));
    world.refused(3, &["another picture"], &with("picture-2.png"));
    assert!(!world.path("none.disclosure").exists());
}

#[test]
fn what_is_no_disclosure_is_refused_in_words() {
    let world = world();
    disclose(&world, "damaged.disclosure");
    let honest = fs::read(world.path("damaged.disclosure")).unwrap();
    let words = ["verify", "x.veil.json", "--allow-unsafe", "--image", "picture-1.png", "--disclosure", "d"];
    let body = honest.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let changed = |at: usize| {
        let mut bytes = honest.clone();
        bytes[at] ^= 1;
        bytes
    };
    let huge = [&honest[..], &vec![b' '; 1 << 20]].concat();
    for (bytes, why) in [
        (changed(body), "changed or damaged"),
        (changed(honest.len() - 1), "changed or damaged"),
        (honest[..honest.len() - 1].to_vec(), "changed or damaged"),
        (honest[..20].to_vec(), "not a veilmark disclosure"),
        (huge, "longer than 16384 bytes"),
        (Vec::new(), "not a veilmark disclosure"),
    ] {
        fs::write(world.path("d"), bytes).unwrap();
        world.refused(6, &[why], &words);
    }
    for (file, what) in [("x.opening", "that is an opening"), ("picture-1.png", "that is a PNG picture")] {
        world.refused(6, &[what], &[&words[..6], &[file]].concat());
    }
    // an opening belongs to --opening, and a picture to --image
    world.refused(2, &["--image"], &["verify", "x.veil.json", "--opening", "x.opening"]);
    world.refused(2, &["--image"], &["verify", "x.veil.json", "--disclosure", "damaged.disclosure"]);
    let zero = format!("0x{}", "00".repeat(32));
    world.refused(2, &["a commitment alone"], &["verify", "--commitment", &zero]);
    world.refused(
        3,
        &["the disclosure is of commitment"],
        &["verify", "--commitment", &zero, "--image", "picture-1.png", "--disclosure", "damaged.disclosure"],
    );
    let out = |output: &'static str| ["disclose", "x.opening", "-o", output];
    world.refused(7, &["--force"], &out("damaged.disclosure"));
    world.refused(2, &["same file"], &[&out("picture-1.png")[..], &["--force"]].concat());
    world.refused(2, &["same file"], &[&out("x.opening")[..], &["--force"]].concat());
    world.commit("picture-2.png", "precious.opening").ok();
    world.refused(2, &["an opening"], &[&out("precious.opening")[..], &["--force"]].concat());
    world.veilmark(&["commit", "picture-2.png", "--public", "-o", "public.opening"]).ok();
    world.refused(2, &["holds no salts"], &["disclose", "public.opening", "-o", "none"]);
}

/// Of a prompt: shown to whoever has the model's public file, and only the very words, seed and model.
#[test]
fn a_prompt_is_shown_to_have_been_the_one() {
    let folder = tempfile::tempdir().unwrap();
    let veilmark = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilmark"));
        Ran::of(command.args(words).current_dir(folder.path()).env("VEILMARK_HOME", folder.path().join("home")))
    };
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/models/dcgan16.onnx");
    veilmark(&["srs", "dev", "--k", "15"]).ok();
    veilmark(&["model", "import", model, "-o", "m.model"]).ok();
    veilmark(&["model", "export", "m.model", "-o", "m.pub"]).ok();
    let generate = ["generate", "--model", "m.model", "--prompt", "a lake", "--seed", "7"];
    veilmark(&[&generate[..], &["-o", "lake.png", "--latent-out", "lake.latent"]].concat()).ok();
    let made = veilmark(&["disclose", "lake.latent", "--model", "m.pub", "-o", "lake.disclosure", "--json"]).ok();
    let commitment = made.json()["commitment"].as_str().unwrap().to_owned();
    assert_eq!(made.json()["about"], "prompt");

    let check = |model: &str, more: &[&str]| {
        let words = ["verify", "--commitment", &commitment, "--model", model, "--allow-unsafe", "--json"];
        veilmark(&[&words[..], &["--disclosure", "lake.disclosure"], more].concat())
    };
    assert_eq!(verdict(&check("m.pub", &["--prompt", "a lake", "--seed", "7"]).ok(), "very_prompt"), YES);
    fs::write(folder.path().join("words"), r#"{"prompt": "a lake"}"#).unwrap();
    assert_eq!(verdict(&check("m.pub", &["--prompt-file", "words", "--seed", "7"]).ok(), "very_prompt"), YES);
    for other in [["a lake", "8"], ["a lake.", "7"], ["A lake", "7"], ["", "7"]] {
        let no = check("m.pub", &["--prompt", other[0], "--seed", other[1]]);
        assert_eq!((no.code, verdict(&no, "very_prompt").as_str()), (3, "no"), "{other:?}");
        assert!(!no.err.contains("a lake"), "{}", no.err);
    }
    assert_eq!(check("m.pub", &[]).code, 2, "no prompt is named");
    picture(1).save(folder.path().join("picture.png")).unwrap();
    assert_eq!(check("m.pub", &["--prompt", "a lake", "--image", "picture.png"]).code, 2);
    assert_eq!(veilmark(&["disclose", "lake.latent", "-o", "none"]).code, 2, "no model is named");
}
