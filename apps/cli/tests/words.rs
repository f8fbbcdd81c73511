//! What first-time users ran into, finding by finding: what they are told now. (The very picture is in `disclose.rs`.)
mod world;

use image::{DynamicImage, GenericImage, Rgb, RgbImage};
use serde_json::Value;
use std::fs;
use world::{K, Ran, World, picture, world};

const NOTICE: &str = "practice chain, on this machine only: its time is your clock";

/// The answer says that the chain is practice, in text and in JSON.
fn is_marked(world: &World, arguments: &[&str]) {
    let text = world.veilmark(arguments);
    assert!(text.out.contains(NOTICE), "{arguments:?}: {}{}", text.out, text.err);
    let json = world.veilmark(&[arguments, &["--json"]].concat()).json();
    let marked = |value: &Value| value["practice_chain"] == true;
    assert!(
        marked(&json) || marked(&json["verdicts"]["registration"]) || marked(&json["practice"]),
        "{arguments:?}: {json}"
    );
}

/// A1. A chain on one's own disk convinces nobody, and every answer about it says so.
#[test]
fn a1_the_practice_chain_says_in_every_answer_that_it_is_one() {
    let world = world();
    let chain = world.path("a1");
    let chain = chain.to_str().unwrap();
    world.commit("picture-1.png", "a1.opening").ok();
    let proved = world.prove("a1.opening", "a1.veil.json").ok();
    assert!(proved.out.contains(NOTICE), "{}", proved.out);
    let reserve = |seal: &'static str| ["reserve", "a1.opening", "-o", seal, "--chain", chain];
    assert!(world.veilmark(&reserve("a1.seal")).ok().out.contains(NOTICE));
    let json = world.veilmark(&[&reserve("a1b.seal")[..], &["--json"]].concat()).ok().json();
    assert_eq!(json["practice_chain"], true);
    is_marked(&world, &["register", "a1.veil.json", "--chain", chain]);
    for arguments in [
        &["register", "a1.veil.json", "--chain", chain][..],
        &["reveal", "a1.seal", "--chain", chain],
        &["lookup", "picture-1.png", "--chain", chain],
        &["verify", "a1.veil.json", "--allow-unsafe", "--chain", chain],
        &["revoke", "a1.veil.json", "--chain", chain],
    ] {
        is_marked(&world, arguments);
    }
}

/// A3. A person finds a ceremony's file, and hears what the development setup is worth before anything rests on it.
#[test]
fn a3_there_is_a_way_to_a_setup_that_counts() {
    let world = world();
    let listed = world.veilmark(&["srs", "ceremonies", "--json"]).ok().json();
    let files = listed["ceremonies"].as_array().unwrap();
    let of = |k: u64| files.iter().find(|file| file["k"] == k && file["blake2b"].is_string()).unwrap();
    assert_eq!(of(19)["file_name"], "powersOfTau28_hez_final_19.ptau");
    assert!(of(19)["blake2b"].as_str().unwrap().starts_with("bca9d8b04242f175"));
    assert_eq!((&of(8)["bytes"], of(20)["bytes"].as_u64().unwrap() / 100_000_000), (&378_008.into(), 12));
    let one = world.veilmark(&["srs", "ceremonies", "--k", "19"]).ok().out;
    assert!(one.contains("https://storage.googleapis.com/zkevm/ptau/powersOfTau28_hez_final_19.ptau"), "{one}");
    assert!(one.contains("Nothing is downloaded"), "{one}");

    let committed = world.commit("picture-1.png", "a3.opening").ok();
    assert!(committed.out.contains("binds") && committed.out.contains("does not carry over"), "{}", committed.out);
    let json = world.veilmark(&["commit", "picture-1.png", "-o", "a3b.opening", "--json"]).ok().json();
    assert_eq!(json["binding"], false);
    world.refused(7, &["srs ceremonies --k 20"], &["commit", "picture-1.png", "-o", "a3c.opening", "--k", "20"]);
}

/// A4. Keys: made here, read again, never replaced, named for what they are.
#[test]
fn a4_a_key_is_made_and_no_key_is_replaced() {
    let world = world();
    fs::write(world.path("password"), "a password of a test\n").unwrap();
    let new = ["key", "new", "-o", "me.json", "--password-file", "password"];
    let made = world.veilmark(&[&new[..], &["--json"]].concat()).ok();
    let address = made.json()["address"].as_str().unwrap().to_owned();
    assert!(address.len() == 42 && !made.out.contains("a password") && !made.err.contains("a password of"));
    let file: Value = serde_json::from_slice(&fs::read(world.path("me.json")).unwrap()).unwrap();
    assert_eq!((&file["version"], &file["crypto"]["kdf"]), (&3.into(), &"scrypt".into()));
    assert_eq!(format!("0x{}", file["address"].as_str().unwrap()), address.to_lowercase());
    world.refused(7, &["no key is ever replaced"], &new);
    world.refused(2, &["a keystore"], &["commit", "picture-1.png", "-o", "me.json", "--force"]);
    world.refused(6, &["that is a keystore"], &["verify", "me.json"]);
    fs::write(world.path("empty"), "\n").unwrap();
    world.refused(2, &["empty password"], &["key", "new", "-o", "none.json", "--password-file", "empty"]);
    world.refused(2, &["--password-file FILE"], &["key", "new", "-o", "none.json"]);
    assert!(!world.path("none.json").exists());
}

/// A6. What a phone makes is said to be too much, with the size that fits; no command asks for a setup that there cannot be.
#[test]
fn a6_a_picture_too_large_hears_which_size_fits() {
    let world = world();
    for size in ["4090x4090", "5000x4000"] {
        let ran = world.veilmark(&["estimate", size]);
        assert_eq!(ran.code, 6, "{ran:?}");
        assert!(!ran.err.contains("--k 25"), "{}", ran.err);
    }
    assert!(world.veilmark(&["estimate", "4090x4090"]).err.contains("would fit"));
    let tight = ["--memory", "0.01"];
    assert_eq!(world.veilmark(&[&tight[..], &["estimate", "4000x3000"]].concat()).code, 9);
    let warned = world.veilmark(&[&tight[..], &["commit", "picture-1.png", "-o", "a6.opening"]].concat()).ok();
    assert!(warned.err.contains("a proof of this claim cannot be made here"), "{}", warned.err);
}

/// B2. Near and yet no match: what crops and borders do is said, and nobody is accused.
#[test]
fn b2_a_near_miss_accuses_nobody() {
    let world = world();
    let whole = picture(1).to_rgb8();
    let mut near = None;
    for border in 1..12 {
        let mut framed = RgbImage::from_pixel(64 + 2 * border, 48 + 2 * border, Rgb([255; 3]));
        framed.copy_from(&whole, border, border).unwrap();
        DynamicImage::from(framed).save(world.path("framed.png")).unwrap();
        let ran = world.veilmark(&["verify", "x.veil.json", "--allow-unsafe", "--image", "framed.png", "--json"]);
        let distance = ran.json()["verdicts"]["file_match"]["distance"].as_u64().unwrap();
        if (32..=60).contains(&distance) {
            near = Some(ran);
            break;
        }
    }
    let near = near.expect("a border that brings it near");
    assert_eq!(near.code, 3);
    let hint = near.json()["error"]["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("accuses nobody") && !hint.contains("another picture than this one"), "{hint}");
    let text = world.veilmark(&["verify", "x.veil.json", "--allow-unsafe", "--image", "framed.png"]).out;
    assert!(text.contains("a crop or border of more than 3 %"), "{text}");
}

/// B4. `--force` destroys no opening; a lost file is told what losing it means.
#[test]
fn b4_force_destroys_no_opening() {
    let world = world();
    world.commit("picture-1.png", "b4.opening").ok();
    let before = fs::read(world.path("b4.opening")).unwrap();
    world.refused(
        2,
        &["is an opening", "--force destroys nothing"],
        &["commit", "picture-1.png", "-o", "b4.opening", "--force"],
    );
    assert_eq!(fs::read(world.path("b4.opening")).unwrap(), before);
    let lost =
        ["prove", "--claim", "fingerprint", "--image", "picture-1.png", "--opening", "lost.opening", "-o", "none"];
    world.refused(7, &["if the opening is lost", "commit to the picture anew"], &lost);
}

/// B5. A picture too plain to be proved is told when it is made, with a seed that will do.
#[test]
fn b5_generate_says_when_the_quality_is_too_low() {
    let world = world();
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/models/dcgan16.onnx");
    world.veilmark(&["srs", "dev", "--k", &(K + 1).to_string()]).ok();
    world.veilmark(&["model", "import", model, "-o", "b5.model"]).ok();
    let generate = |seed: u32| -> Ran {
        let (seed, name) = (seed.to_string(), format!("b5-{seed}.png"));
        world.veilmark(&[
            "generate", "--model", "b5.model", "--prompt", "a lake", "--seed", &seed, "-o", &name, "--json",
        ])
    };
    for seed in 0..40 {
        let ran = generate(seed).ok();
        let json = ran.json();
        let quality = json["quality"].as_u64().unwrap();
        if quality >= json["min_quality"].as_u64().unwrap() {
            assert!(json["next_seed"].is_null());
            continue;
        }
        assert!(ran.err.contains(&format!("quality is {quality}")) && ran.err.contains("generation"), "{}", ran.err);
        if let Some(next) = json["next_seed"].as_u64() {
            let next = generate(1000 + u32::try_from(next).unwrap());
            assert!(next.json()["quality"].is_u64());
            assert!(ran.err.contains("--seed"), "{}", ran.err);
        }
        return;
    }
}

/// C. What a file is, when it is given to the wrong command; and examples where one looks for them.
#[test]
fn c_a_file_is_named_for_what_it_is() {
    let world = world();
    world.refused(6, &["that is an opening, which is secret"], &["verify", "x.opening"]);
    world.refused(6, &["that is a PNG picture"], &["verify", "picture-1.png"]);
    world.refused(6, &["that is a JPEG picture"], &["verify", "copy.jpg"]);
    world.refused(6, &["that is a bundle"], &["disclose", "x.veil.json", "-o", "none.disclosure"]);
    let help = world.veilmark(&["commit", "--help"]).ok().out;
    assert!(help.contains("Examples:\n  veilmark commit photo.png -o photo.opening"), "{help}");
    let page = world.veilmark(&["man", "contracts", "deploy"]).ok().out;
    assert!(page.contains("EXIT STATUS") && page.contains("EXAMPLES") && page.contains("ENVIRONMENT"), "{page}");
    let one = world.veilmark(&["--threads", "1", "doctor", "--json"]).ok().json();
    assert_eq!(one["threads"], 1);
}
