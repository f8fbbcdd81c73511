//! The `veilmark` command as its users meet it: the real binary, its exit codes, what it prints, what it leaves behind. What
//! is about trusted setups is in `setups.rs`.

mod world;

use image::{DynamicImage, Rgb, RgbImage};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};
use veilmark::{bundle::Bundle, files::Existing, opening::Opening, srs::SrsId};
use veilmark_circuits::{commitment::MAX_PROOFS, statement::fingerprint::Fingerprint};
use world::{Ran, names, picture, png, world};

#[test]
fn from_a_picture_to_a_record_and_back() {
    let world = world();
    let v = |arguments: &[&str]| world.veilmark(&[arguments, &["--json"]].concat());
    let bundle = Bundle::read(&world.path("x.veil.json")).unwrap();
    let hash = bundle.fingerprint.to_string();
    let commitment = format!("0x{}", hex::encode(bundle.image_commitment()));

    let printed = world.veilmark(&["fingerprint", "picture-1.png"]).ok();
    assert_eq!(printed.out.lines().next(), Some(hash.as_str()));
    assert_eq!(v(&["fingerprint", "picture-1.png"]).ok().json()["fingerprint"], hash);

    // Verdicts come apart: valid under untrusted parameters is neither yes nor invalid.
    let untrusted = v(&["verify", "x.veil.json"]);
    assert_eq!((untrusted.code, &untrusted.json()["error"]["code"]), (5, &5.into()));
    assert_eq!(untrusted.json()["verdicts"]["proof"]["verdict"], "valid under untrusted parameters");
    let valid = v(&["verify", "x.veil.json", "--allow-unsafe", "--image", "copy.jpg"]).ok().json();
    assert_eq!(valid["verdicts"]["proof"]["verdict"], "valid");
    assert_eq!(valid["verdicts"]["file_match"]["verdict"], "match");
    assert_eq!(valid["verdicts"]["registration"]["verdict"], "not checked");
    assert!(valid["not_proved"].as_str().unwrap().contains("Anyone can make a picture with any given fingerprint"));
    let other = v(&["verify", "x.veil.json", "--allow-unsafe", "--image", "picture-2.png"]);
    assert_eq!((other.code, other.json()["verdicts"]["proof"]["verdict"].as_str()), (3, Some("valid")));
    assert_eq!(other.json()["verdicts"]["file_match"]["verdict"], "no match");
    assert!(!world.path("home/chain").exists(), "verify is offline");

    let chain = world.path("journey-chain");
    let chain = chain.to_str().unwrap();
    world.refused(7, &["there is no chain"], &["lookup", "picture-1.png", "--chain", chain]);
    let registered = v(&["register", "x.veil.json", "--chain", chain]).ok().json();
    assert!(registered["gas_used"].as_u64().unwrap() > 21_000);
    for what in ["picture-1.png", "copy.jpg", "half.png", &hash, &commitment] {
        let found = v(&["lookup", what, "--chain", chain]).ok().json();
        assert_eq!(found["matches"][0]["record_id"], registered["record_id"], "{what}");
        assert_eq!(found["matches"][0]["registrant"], registered["registrant"], "{what}");
    }
    let stranger = v(&["lookup", "picture-2.png", "--chain", chain]);
    assert_eq!((stranger.code, &stranger.json()["matches"]), (4, &Value::Array(Vec::new())));
    let again = v(&["register", "x.veil.json", "--chain", chain]).ok().json();
    assert_eq!((&again["already_done"], &again["record_id"]), (&true.into(), &registered["record_id"]));
    world.refused(4, &["no record"], &["lookup", &"0".repeat(64), "--chain", chain]);
    world.refused(7, &["cannot read", "64 hex digits"], &["lookup", &"0".repeat(63), "--chain", chain]);
}

#[test]
fn a_hidden_fingerprint_is_registered_and_shown_to_whom_one_will() {
    let world = world();
    let v = |arguments: &[&str]| world.veilmark(&[arguments, &["--json"]].concat());
    world.commit("picture-1.png", "hidden.opening").ok();
    let base = ["prove", "--image", "picture-1.png", "--opening", "hidden.opening", "--claim"];
    let prove = |claim: &str, more: &[&str]| v(&[&base[..], &[claim], more].concat());
    let out = ["-o", "hidden.veil.json"];
    let file = ["--fingerprint-out", "hidden.fingerprint"];
    let usage = |ran: Ran, word: &str| {
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.out.contains(word), "{ran:?}");
    };
    usage(prove("committed-fingerprint", &out), "nobody could open");
    usage(prove("fingerprint", &[out, file].concat()), "no fingerprint to hide");
    for same in ["hidden.veil.json", "./hidden.veil.json", "home/../hidden.veil.json"] {
        usage(prove("committed-fingerprint", &[&out[..], &["--fingerprint-out", same]].concat()), "same file");
    }
    world.veilmark(&["commit", "picture-1.png", "--public", "-o", "public.opening"]).ok();
    let public =
        ["prove", "--image", "picture-1.png", "--opening", "public.opening", "--claim", "committed-fingerprint"];
    usage(v(&[&public[..], &out, &file].concat()), "holds no salts");
    assert_eq!(Opening::read(&world.path("hidden.opening")).unwrap().proofs_made, 0, "no refusal counts as a proof");
    let proved = prove("committed-fingerprint", &[out, file].concat()).ok().json();
    assert_eq!(proved["fingerprint_committed"], true);

    // the fingerprint is in the secret file, and nowhere else
    let own = v(&["fingerprint", "picture-1.png"]).ok().json()["fingerprint"].as_str().unwrap().to_owned();
    let text = fs::read_to_string(world.path("hidden.veil.json")).unwrap();
    assert!(!text.contains(&own) && !text.contains(&own[..16]));
    let inspected = world.veilmark(&["inspect", "hidden.fingerprint"]).ok();
    assert!(!inspected.out.contains(&own[..16]) && inspected.out.contains("secret"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(world.path("hidden.fingerprint")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    // what opens a hash on chain is not destroyed
    let over = ["-o", "hidden.fingerprint", "--force"];
    usage(prove("fingerprint", &over), "nobody opens");
    let over = ["-o", "hidden.veil.json", "--fingerprint-out", "hidden.fingerprint", "--force"];
    usage(prove("committed-fingerprint", &over), "nobody opens");

    // a stranger learns that it is proved; whoever is given the file can compare
    let verify = ["verify", "hidden.veil.json", "--allow-unsafe"];
    let valid = v(&verify).ok().json();
    assert_eq!(valid["verdicts"]["proof"]["verdict"], "valid");
    assert!(valid["proved"].as_str().unwrap().contains("whose salted hash is"));
    let with = |more: &[&str]| v(&[&verify[..], more].concat());
    usage(with(&["--image", "copy.jpg"]), "without its file");
    let open = ["--fingerprint", "hidden.fingerprint"];
    let opened = with(&[&open[..], &["--image", "copy.jpg"]].concat()).ok().json();
    assert_eq!(opened["verdicts"]["file_match"]["verdict"], "match");
    assert_eq!(opened["opened_fingerprint"], own.as_str());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::copy(world.path("hidden.fingerprint"), world.path("open.fingerprint")).unwrap();
        fs::set_permissions(world.path("open.fingerprint"), fs::Permissions::from_mode(0o644)).unwrap();
        let told = with(&["--fingerprint", "open.fingerprint"]).ok().err;
        assert!(told.contains("warning: open.fingerprint is readable by others"), "{told}");
    }
    let other = with(&[&open[..], &["--image", "picture-2.png"]].concat());
    assert_eq!((other.code, other.json()["verdicts"]["file_match"]["verdict"].as_str()), (3, Some("no match")));
    prove("committed-fingerprint", &["-o", "hidden-2.veil.json", "--fingerprint-out", "hidden-2.fingerprint"]).ok();
    let foreign = with(&["--fingerprint", "hidden-2.fingerprint"]);
    assert_eq!(foreign.code, 3, "the same fingerprint under other salts does not open it: {foreign:?}");
    world.refused(2, &["hides no fingerprint"], &["verify", "x.veil.json", "--fingerprint", "hidden.fingerprint"]);
    world.refused(6, &["x.opening"], &["verify", "hidden.veil.json", "--fingerprint", "x.opening"]);

    // on chain: found by whoever can name the hash or the commitment, not by the picture
    let chain = world.path("hidden-chain");
    let chain = chain.to_str().unwrap();
    let registered = v(&["register", "hidden.veil.json", "--chain", chain]).ok().json();
    for what in [proved["fingerprint"].as_str().unwrap(), proved["image_commitment"].as_str().unwrap()] {
        let found = v(&["lookup", what, "--chain", chain]).ok().json();
        assert_eq!(found["matches"][0]["record_id"], registered["record_id"], "{what}");
        assert_eq!(found["matches"][0]["fingerprint_committed"], true);
    }
    assert_eq!(v(&["lookup", "picture-1.png", "--chain", chain]).code, 4);
    let at = with(&["--chain", chain]).ok().json();
    assert_eq!(at["verdicts"]["registration"]["verdict"], "registered");

    // a bundle whose word is not the proof's is no bundle
    let digits = proved["fingerprint"].as_str().unwrap();
    let changed = text.replacen(digits, &own, 1);
    fs::write(world.path("changed.veil.json"), changed).unwrap();
    assert_eq!(v(&["verify", "changed.veil.json", "--allow-unsafe"]).code, 1);
}

#[test]
fn what_is_no_picture_is_refused_by_every_command() {
    let world = world();
    let whole = png(&picture(1));
    let jpeg = fs::read(world.path("copy.jpg")).unwrap();
    let flat = DynamicImage::from(RgbImage::from_pixel(64, 48, Rgb([90; 3])));
    let deep = DynamicImage::from(image::ImageBuffer::from_fn(64, 48, |x, y| Rgb([x as u16 * 999, y as u16 * 999, 7])));
    let clear = DynamicImage::from(image::RgbaImage::from_pixel(64, 48, image::Rgba([9, 9, 9, 100])));
    let small = DynamicImage::from(RgbImage::new(4, 48));
    for (name, bytes, word) in [
        ("text.png", b"hello, not a picture".to_vec(), "not a picture"),
        ("empty.png", Vec::new(), "empty"),
        ("cut.png", whole[..whole.len() / 2].to_vec(), "truncated"),
        ("cut.jpg", jpeg[..jpeg.len() - 20].to_vec(), "truncated"),
        ("clear.png", png(&clear), "transparent"),
        ("small.png", png(&small), "too few"),
    ] {
        fs::write(world.path(name), bytes).unwrap();
        for arguments in [
            &["fingerprint", name][..],
            &["commit", name, "-o", "bad.opening"],
            &["lookup", name],
            &["inspect", name],
            &["estimate", name],
            &["verify", "x.veil.json", "--image", name],
            &["prove", "--claim", "fingerprint", "--image", name, "--opening", "x.opening", "-o", "bad.veil.json"],
        ] {
            world.refused(6, &[name, word], arguments);
        }
    }
    fs::write(world.path("flat.png"), png(&flat)).unwrap();
    fs::write(world.path("deep.png"), png(&deep)).unwrap();
    assert!(world.veilmark(&["fingerprint", "deep.png"]).ok().err.contains("16 bits a sample, rounded to 8"));
    world.refused(6, &["quality is 0"], &["commit", "flat.png", "-o", "bad.opening"]);
    world.refused(6, &["home", "not a regular file"], &["fingerprint", "home"]);
    world.refused(7, &["no-such.png"], &["fingerprint", "no-such.png"]);
    world.refused(7, &["picture-1.png/x"], &["fingerprint", "picture-1.png/x"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        symlink("loop.png", world.path("loop.png")).unwrap();
        world.refused(7, &["loop.png"], &["fingerprint", "loop.png"]);
        fs::write(world.path("secret.png"), &whole).unwrap();
        fs::set_permissions(world.path("secret.png"), fs::Permissions::from_mode(0o000)).unwrap();
        // root reads it all the same
        if fs::read(world.path("secret.png")).is_err() {
            world.refused(7, &["secret.png"], &["fingerprint", "secret.png"]);
        }
    }
    assert!(!world.path("bad.opening").exists() && !world.path("bad.veil.json").exists());
    assert_eq!(Opening::read(&world.path("x.opening")).unwrap().proofs_made, 1, "no refusal counts as a proof");
}

#[test]
fn a_bundle_with_one_character_changed_is_refused() {
    let world = world();
    let bytes = fs::read(world.path("x.veil.json")).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    // In the middle of every key and every value, and all over the proof.
    let marks = text.match_indices(['"', ':', ',', '{']).map(|(at, _)| at + 2);
    let proof = text.find("\"proof\": ").unwrap();
    let places: Vec<usize> = marks.step_by(3).chain((proof + 12..).step_by(311).take(10)).collect();
    assert!(places.len() > 40);
    for at in places.into_iter().filter(|at| bytes.get(*at).is_some_and(|byte| !byte.is_ascii_whitespace())) {
        let mut changed = bytes.clone();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        fs::write(world.path("changed.veil.json"), changed).unwrap();
        for command in [&["verify", "--allow-unsafe"][..], &["register"], &["inspect"]] {
            let ran = world.veilmark(&[command, &["changed.veil.json"]].concat());
            assert!(matches!(ran.code, 1 | 6), "{command:?}, position {at}: {ran:?}");
            assert!(ran.err.contains("hint: "), "{ran:?}");
        }
    }
    for (content, code) in [("", 6), ("{}", 6), ("[1]", 6), ("\0\u{ff}", 6), (&text[..text.len() - 3], 6)] {
        fs::write(world.path("other.veil.json"), content).unwrap();
        world.refused(code, &["other.veil.json"], &["verify", "other.veil.json"]);
    }
    fs::write(world.path("long.veil.json"), " ".repeat(1 << 20)).unwrap();
    world.refused(6, &["longer than"], &["verify", "long.veil.json"]);
    world.refused(6, &["not a regular file"], &["verify", "home"]);
    world.refused(7, &["none.veil.json"], &["verify", "none.veil.json"]);
    world.refused(6, &["x.opening", "an opening, which is secret"], &["verify", "x.opening"]);
    world.refused(6, &["a PNG picture"], &["verify", "picture-1.png"]);
}

#[test]
fn a_bundle_changed_with_care_is_refused() {
    let world = world();
    let bundle = Bundle::read(&world.path("x.veil.json")).unwrap();
    let consistent = |change: &dyn Fn(&mut Bundle)| {
        let mut changed = bundle.clone();
        change(&mut changed);
        changed.commitments = Bundle::commitments_of(changed.claim, &changed.header(), &changed.proof).unwrap();
        changed.write(&world.path("forged.veil.json"), Existing::Replace).unwrap();
    };
    let refused = |code: i32, words: &[&str]| {
        world.refused(code, words, &["verify", "forged.veil.json", "--allow-unsafe"]);
        world.refused(code, words, &["register", "forged.veil.json", "--chain", "forged-chain"]);
    };
    consistent(&|_| ());
    world.veilmark(&["verify", "forged.veil.json", "--allow-unsafe"]).ok();
    consistent(&|b| b.fingerprint = Fingerprint::from_bits(|k| (k == 3) != b.fingerprint.bit(k)));
    refused(1, &["does not verify"]);
    consistent(&|b| b.tolerance = 1);
    refused(1, &["does not verify"]);
    consistent(&|b| b.tolerance = 32);
    refused(1, &["allows 32 bits"]);
    consistent(&|b| b.binding.registrant = [0x66; 20]);
    refused(1, &["does not verify"]);
    consistent(&|b| b.vk_hash[0] ^= 1);
    refused(1, &["verifying key"]);
    consistent(&|b| b.size.0 += 1);
    refused(1, &["verifying key"]);
    consistent(&|b| b.proof[700] ^= 1);
    refused(1, &[]);
    consistent(&|b| b.proof.truncate(b.proof.len() - 32));
    refused(1, &["does not verify"]);
    consistent(&|b| b.proof.extend([0; 32]));
    refused(1, &["bytes"]);
    // Points that are no points: the commitment cannot follow from them.
    let mut no_points = bundle.clone();
    no_points.proof[5] ^= 1;
    no_points.write(&world.path("forged.veil.json"), Existing::Replace).unwrap();
    refused(1, &["commitments"]);
    // Another setup, and one too small.
    consistent(&|b| b.srs_id = SrsId([7; 32]));
    refused(7, &["trusted setup 0x0707"]);
    consistent(&|b| b.k = 13);
    refused(6, &["2^14 rows"]);
    consistent(&|b| b.k = 15);
    refused(7, &["srs dev --k 15"]);
    world.refused(5, &["forge"], &["verify", "forged.veil.json"]);
    consistent(&|b| b.k = 63);
    refused(6, &["`k`"]);
    for (width, height) in [(0, 0), (4, 4), (u32::MAX, u32::MAX), (60_000, 60_000)] {
        consistent(&|b| b.size = (width, height));
        refused(6, &["a size"]);
    }
    consistent(&|b| b.binding.chain_id = 1);
    world.refused(3, &["chain 1"], &["register", "forged.veil.json"]);
    assert!(!world.path("forged-chain").exists(), "no forgery reaches a chain");
}

#[test]
fn an_opening_serves_its_picture_and_no_other() {
    let world = world();
    world.commit("picture-1.png", "a.opening").ok();
    world.commit("picture-2.png", "b.opening").ok();
    let prove = |opening: &'static str| {
        ["prove", "--claim", "fingerprint", "--image", "picture-1.png", "--opening", opening, "-o", "a.veil.json"]
    };
    world.refused(3, &["another picture", "b.opening"], &prove("b.opening"));
    world.refused(6, &["not a Veilmark opening"], &prove("x.veil.json"));
    world.refused(6, &["not a Veilmark opening"], &prove("picture-1.png"));
    world.refused(6, &["regular file"], &prove("home"));
    world.refused(7, &["none.opening"], &prove("none.opening"));

    let text = fs::read_to_string(world.path("a.opening")).unwrap();
    let salts = text.split("\"salts\": \"").nth(1).unwrap().split('"').next().unwrap();
    fs::write(world.path("damaged.opening"), text.replace(&salts[..64], &"1".repeat(64))).unwrap();
    world.refused(6, &["changed or damaged"], &prove("damaged.opening"));
    let inspected = world.veilmark(&["inspect", "a.opening"]).ok();
    let inspected_json = world.veilmark(&["inspect", "a.opening", "--json"]).ok();
    assert_eq!(inspected_json.json()["proofs_left"], MAX_PROOFS);
    for said in [inspected.out, inspected.err, inspected_json.out, inspected_json.err] {
        assert!(!said.contains(&salts[..32]) && !said.contains("pixels"), "{said}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(world.path("a.opening")).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(world.path("b.opening"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(world.veilmark(&["inspect", "b.opening"]).err.contains("readable by others"));
    }

    let mut used_up = Opening::read(&world.path("a.opening")).unwrap();
    used_up.proofs_made = MAX_PROOFS;
    used_up.write(&world.path("used.opening"), Existing::Keep).unwrap();
    world.refused(2, &["proofs were made", "anew"], &prove("used.opening"));
    // The last one is still good, and then no more.
    used_up.proofs_made = MAX_PROOFS - 1;
    used_up.write(&world.path("last.opening"), Existing::Keep).unwrap();
    let last = world.veilmark(&[&prove("last.opening")[..], &["--json"]].concat()).ok().json();
    assert_eq!((&last["proofs_made"], &last["proofs_left"]), (&MAX_PROOFS.into(), &0.into()));
    world.refused(2, &["proofs were made"], &[&prove("last.opening")[..], &["--force"]].concat());
}

#[test]
fn false_claims_are_not_proved() {
    let world = world();
    let own = Bundle::read(&world.path("x.veil.json")).unwrap().fingerprint;
    let near = |bits: usize| Fingerprint::from_bits(|k| own.bit(k) != (k < bits)).to_string();
    let before = Opening::read(&world.path("x.opening")).unwrap().proofs_made;
    let prove = |more: &[&str]| {
        let base = [
            "prove",
            "--claim",
            "fingerprint",
            "--image",
            "picture-1.png",
            "--opening",
            "x.opening",
            "-o",
            "no.veil.json",
        ];
        [&base[..], more].concat().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let refused = |code, words: &[&str], more: &[&str]| {
        let arguments = prove(more);
        world.refused(code, words, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    };
    refused(1, &["32 bits", "tolerance is 31"], &["--against", &near(32)]);
    refused(1, &["3 bits", "tolerance is 2"], &["--against", &near(3), "--tolerance", "2"]);
    refused(2, &["32"], &["--tolerance", "32"]);
    refused(2, &["256"], &["--tolerance", "256"]);
    refused(2, &["64 hexadecimal digits"], &["--against", "abc"]);
    refused(2, &["registrant", "40 hexadecimal"], &["--registrant", "0x12"]);
    // One letter in the wrong case: EIP-55 says that a digit may be wrong.
    refused(2, &["registrant", "EIP-55"], &["--registrant", "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]);
    world.refused(2, &["fingerprint"], &["prove", "--claim", "authorship"]);
    world.refused(2, &["required"], &["prove"]);
    world.refused(2, &["nonsense"], &["nonsense"]);
    world.refused(2, &["no command"], &[]);
    assert!(!world.path("no.veil.json").exists());
    assert_eq!(Opening::read(&world.path("x.opening")).unwrap().proofs_made, before);
}

#[test]
fn existing_files_are_left_alone_without_force() {
    let world = world();
    for name in ["kept.opening", "kept.veil.json", "kept.srs"] {
        fs::write(world.path(name), "precious").unwrap();
    }
    let prove = [
        "prove",
        "--claim",
        "fingerprint",
        "--image",
        "picture-1.png",
        "--opening",
        "x.opening",
        "-o",
        "kept.veil.json",
    ];
    for arguments in
        [&["commit", "picture-1.png", "-o", "kept.opening"][..], &prove, &["srs", "dev", "--k", "3", "-o", "kept.srs"]]
    {
        world.refused(7, &["exists already", "--force"], arguments);
    }
    for name in ["kept.opening", "kept.veil.json", "kept.srs"] {
        assert_eq!(fs::read_to_string(world.path(name)).unwrap(), "precious");
    }
    // Looked at before the work: k = 24 would take minutes.
    world.refused(7, &["exists already"], &["srs", "dev", "--k", "24", "-o", "kept.srs"]);
    world.refused(2, &["is a picture"], &["srs", "dev", "--k", "3", "-o", "picture-2.png", "--force"]);
    for output in ["home", "no/such/folder"] {
        world.refused(7, &[], &["commit", "picture-1.png", "-o", output]);
    }
    world.refused(6, &["regular"], &["commit", "picture-1.png", "-o", "home", "--force"]);
    world.veilmark(&["commit", "picture-1.png", "-o", "kept.opening", "--force"]).ok();
    assert_eq!(Opening::read(&world.path("kept.opening")).unwrap().proofs_made, 0);
    world.veilmark(&["srs", "dev", "--k", "3", "-o", "kept.srs", "--force"]).ok();
    let said = world.veilmark(&["srs", "verify", "kept.srs", "--json"]).ok();
    assert_eq!(said.json()["unsafe_development"], true);
    assert!(said.err.contains("warning: unsafe"));
}

#[test]
fn force_destroys_no_input_no_picture_and_no_opening() {
    let world = world();
    fs::copy(world.path("picture-1.png"), world.path("forced.png")).unwrap();
    fs::copy(world.path("x.opening"), world.path("forced.opening")).unwrap();
    let before = ["forced.png", "forced.opening"].map(|name| fs::read(world.path(name)).unwrap());
    let prove = |output: &'static str| {
        let inputs = ["prove", "--claim", "fingerprint", "--image", "forced.png", "--opening", "forced.opening"];
        [&inputs[..], &["--force", "-o", output]].concat()
    };
    world.refused(2, &["same file"], &["commit", "forced.png", "-o", "forced.png", "--force"]);
    world.refused(2, &["same file"], &prove("forced.png"));
    world.refused(2, &["same file"], &prove("./forced.opening"));
    world.refused(2, &["is a picture"], &["commit", "picture-2.png", "-o", "forced.png", "--force"]);
    world.refused(2, &["is an opening"], &["commit", "picture-2.png", "-o", "forced.opening", "--force"]);
    world.refused(2, &["is a picture"], &prove("picture-2.png"));
    world.refused(2, &["is an opening"], &prove("x.opening"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(world.path("forced.png"), world.path("link.opening")).unwrap();
        fs::hard_link(world.path("forced.opening"), world.path("hard.veil.json")).unwrap();
        world.refused(2, &["is a picture"], &["commit", "picture-2.png", "-o", "link.opening", "--force"]);
        world.refused(2, &["same file"], &prove("hard.veil.json"));
    }
    assert_eq!(["forced.png", "forced.opening"].map(|name| fs::read(world.path(name)).unwrap()), before);
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let world = world();
    let folder = world.path("full");
    fs::create_dir(&folder).unwrap();
    // No file may have more than 1024 bytes; the signal is ignored, so that writing fails as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 2; exec \"$0\" commit ../picture-1.png -o x.opening";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_veilmark")]);
    let ran = Ran::of(shell.current_dir(&folder).env("VEILMARK_HOME", world.path("home")));
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.err.contains("error: cannot write x.opening") && ran.err.contains("make room"), "{ran:?}");
    assert_eq!(names(&folder), [""; 0]);

    // A full disk behind stdout.
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let status = world.command(&["fingerprint", "picture-1.png"]).stdout(full).stderr(Stdio::null()).status();
        assert_eq!(status.unwrap().code(), Some(7));
    }
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let world = world();
    let mut child = world.command(&["man", "prove"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

fn told(child: &mut Child, words: &str) {
    let mut lines = BufReader::new(child.stderr.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(words)), "it never said {words:?}");
}

#[test]
fn two_processes_prove_from_one_opening_and_both_are_counted() {
    let world = world();
    world.commit("picture-1.png", "shared.opening").ok();
    let start = |name| world.prove_command("shared.opening", name).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let both = [start("one.veil.json").unwrap(), start("two.veil.json").unwrap()];
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let [one, two] = ["one.veil.json", "two.veil.json"].map(|name| Bundle::read(&world.path(name)).unwrap());
    let opening = Opening::read(&world.path("shared.opening")).unwrap();
    assert_eq!((one.image_commitment(), two.image_commitment()), (opening.image_commitment, opening.image_commitment));
    assert_ne!(one.proof, two.proof);
    assert_eq!(opening.proofs_made, 2);
    let first = Bundle::read(&world.path("x.veil.json")).unwrap();
    assert_ne!(first.image_commitment(), one.image_commitment(), "the same picture, another opening");
    for name in ["one.veil.json", "two.veil.json"] {
        world.veilmark(&["verify", name, "--allow-unsafe"]).ok();
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_proving_leaves_nothing_half_written() {
    let world = world();
    let folder = world.path("stopped");
    fs::create_dir(&folder).unwrap();
    world.commit("picture-1.png", "stopped/x.opening").ok();
    let arguments =
        ["prove", "--json", "--claim", "fingerprint", "--image", "../picture-1.png", "--opening", "x.opening"];
    let mut command = world.command(&arguments);
    command.args(["-o", "x.veil.json"]).current_dir(&folder);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    told(&mut child, "proving");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["error"]["code"], 130);
    assert_eq!(names(&folder), ["x.opening"]);
    assert_eq!(Opening::read(&folder.join("x.opening")).unwrap().proofs_made, 1, "counted, though never made");
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_with_secrets_in_it_leaves_no_core_dump() {
    let world = world();
    // as far as this machine allows core dumps at all
    let script = "ulimit -S -c \"$(ulimit -H -c)\"; exec \"$0\" srs dev --k 20 -o dumped.srs";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_veilmark")]).current_dir(world.path(""));
    let mut child =
        shell.env("VEILMARK_HOME", world.path("home")).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // whatever it says, it says after that
    let mut said = [0];
    child.stderr.as_mut().unwrap().read_exact(&mut said).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
}

/// Whoever signs is bound by it: anyone can prove for anyone, and forge a bundle for anyone.
#[test]
fn nobody_signs_for_a_bundle_whose_proof_does_not_hold() {
    let world = world();
    // the first account of every development chain, whose key is public
    let (account, key) = (
        "f39fd6e51aad88f6f4ce6ab8827279cfffb92266",
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    );
    let mut forged = Bundle::read(&world.path("x.veil.json")).unwrap();
    hex::decode_to_slice(account, &mut forged.binding.registrant).unwrap();
    forged.write(&world.path("foreign.veil.json"), Existing::Keep).unwrap();
    let mut command = world.command(&["sign", "foreign.veil.json", "-o", "foreign.sig"]);
    let ran = Ran::of(command.env("VEILMARK_PRIVATE_KEY", key));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("does not verify"), "{ran:?}");
    assert!(!world.path("foreign.sig").exists());
}

#[test]
fn a_fresh_machine_is_told_what_to_do() {
    let world = world();
    let fresh = |arguments: &[&str]| Ran::of(world.command(arguments).env("VEILMARK_HOME", world.path("fresh/home")));
    let ran = fresh(&["commit", "picture-1.png", "-o", "fresh.opening"]);
    assert_eq!(ran.code, 7);
    assert!(ran.err.contains("no trusted setup") && ran.err.contains("veilmark srs dev --k 14"), "{ran:?}");
    let ran = fresh(&["verify", "x.veil.json", "--allow-unsafe"]);
    assert_eq!(ran.code, 7);
    assert!(ran.err.contains("veilmark srs dev --k 14"), "{ran:?}");
    assert_eq!(fresh(&["verify", "x.veil.json"]).code, 5, "untrusted, whether it is there or not");
    assert_eq!(fresh(&["lookup", "picture-1.png"]).code, 4);
    let doctor = fresh(&["doctor", "--json"]).ok().json();
    assert_eq!((&doctor["setups"], &doctor["practice"]["exists"]), (&Value::Array(Vec::new()), &false.into()));
    assert!(!world.path("fresh/home/chain").exists(), "looking makes nothing");
    assert!(!world.path("fresh.opening").exists());
}

#[test]
fn damaged_keys_are_built_again() {
    let world = world();
    let home = world.path("damaged-home");
    let run = |arguments: &[&str]| Ran::of(world.command(arguments).env("VEILMARK_HOME", &home));
    run(&["srs", "dev", "--k", "14"]).ok();
    let verify = ["verify", "x.veil.json", "--allow-unsafe"];
    assert!(run(&verify).ok().err.contains("computing the verifying key"));
    assert!(!run(&verify).ok().err.contains("computing"));
    for name in names(&home.join("keys")) {
        let path = home.join("keys").join(name);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    assert!(run(&verify).ok().err.contains("damaged"));
    assert!(!run(&verify).ok().err.contains("damaged"));
    // A damaged setup is untrusted, and is not built again behind the user's back.
    let setup = home.join("srs").join(&names(&home.join("srs"))[0]);
    let mut bytes = fs::read(&setup).unwrap();
    bytes[5000] ^= 1;
    fs::write(&setup, bytes).unwrap();
    run(&verify).ok(); // with its key at hand, a verifier reads three points, which are what the setup's id says
    fs::remove_dir_all(home.join("keys")).unwrap();
    let ran = run(&verify);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.err.contains(setup.to_str().unwrap()), "{ran:?}");
}

#[test]
fn a_public_commitment_is_the_same_for_everyone() {
    let world = world();
    let commit = |name: &str| {
        let ran = world.veilmark(&["commit", "picture-1.png", "-o", name, "--public", "--json"]).ok();
        assert!(ran.err.contains("--public"), "{ran:?}");
        ran.json()
    };
    let (one, two) = (commit("p1.opening"), commit("p2.opening"));
    assert_eq!(one["image_commitment"], two["image_commitment"]);
    assert_eq!((&one["hiding"], &one["proofs_left"]), (&false.into(), &Value::Null));
    let larger = world.veilmark(&["commit", "picture-1.png", "-o", "p3.opening", "--k", "13"]);
    assert_eq!(larger.code, 2, "{larger:?}");
}

/// The demonstration, and then its files in the hands of every kind of user.
#[test]
fn the_demonstration_demonstrates_and_its_files_are_what_commands_read() {
    let world = world();
    let ran = world.veilmark(&["demo", "--keep", "demo", "--json"]).ok();
    let demo = ran.json();
    assert_eq!(demo["ok"], true);
    let steps: Vec<_> = demo["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    let expected = [
        "model",
        "setup",
        "register_model",
        "generate",
        "commit",
        "prove",
        "verify",
        "register",
        "copies",
        "other_picture",
        "forgeries",
        "another_model",
    ];
    assert_eq!(steps, expected);
    assert!(demo["steps"][0]["psnr_db"].as_f64().unwrap() >= 35.0);
    assert!(ran.err.contains("UNSAFE"));
    world.refused(7, &["not empty"], &["demo", "--keep", "demo"]);
    let kept = |arguments: &[&str]| Ran::of(world.command(arguments).env("VEILMARK_HOME", world.path("demo")));
    let refused = |code: i32, words: &str, arguments: &[&str]| {
        let ran = kept(arguments);
        assert!(ran.code == code && ran.err.contains(words), "{arguments:?}: {ran:?}");
    };
    let (bundle, model, public) = ("demo/picture.veil.json", "demo/landscape.model", "demo/landscape.pub");

    // checkers: with the public file, with another model's, without; a copy of the picture, another picture
    let verify = ["verify", bundle, "--allow-unsafe"];
    let valid = kept(&[&verify[..], &["--model", public, "--image", "demo/recompressed.jpg", "--json"]].concat()).ok();
    assert_eq!(valid.json()["claim"], "authenticity");
    assert_eq!(valid.json()["verdicts"]["file_match"]["verdict"], "match");
    assert!(valid.json()["not_proved"].as_str().unwrap().contains("it may copy its latent"));
    refused(5, "unsafe", &["verify", bundle, "--model", public]);
    refused(2, "model export", &verify);
    refused(3, "about model", &[&verify[..], &["--model", "demo/other.model"]].concat());
    refused(3, "bits from the fingerprint", &[&verify[..], &["--model", public, "--image", "picture-1.png"]].concat());
    assert_eq!(kept(&["lookup", "demo/recompressed.jpg", "--json"]).ok().json()["records_on_chain"], 1);
    // again: the records that are there
    let again = kept(&["register", bundle, "--model", public, "--json"]).ok().json();
    assert_eq!(again["already_done"], true);
    assert_eq!(kept(&["model", "register", public, "--json"]).ok().json()["already_done"], true);

    // the owner: the same prompt gives the same picture; a public file is made anew, the same
    let prompt = ["--prompt", "a house by the lake at dusk"];
    let generate = [&["generate", "--model", model, "-o", "again.png"][..], &prompt].concat();
    kept(&generate).ok();
    let bytes = |name: &str| fs::read(world.path(name)).unwrap();
    assert_eq!(bytes("again.png"), bytes("demo/picture.png"));
    refused(7, "exists", &generate);
    kept(&["model", "export", model, "-o", "again.pub"]).ok();
    assert_eq!(bytes("again.pub"), bytes(public));
    for (file, kind) in [(model, "model"), (public, "public model"), ("demo/picture.latent", "latent")] {
        assert_eq!(kept(&["inspect", file, "--json"]).ok().json()["kind"], kind);
    }
    // secrets are in the secret files only
    let secret = |name: &str| {
        let all = bytes(name);
        let body = all.iter().position(|&byte| byte == b'\n').unwrap();
        all[body + 1..].to_vec()
    };
    let latent = secret("demo/picture.latent");
    // the weights of the last layer stand at the end
    let weights = secret(model);
    let weights = &weights[weights.len() - 200..weights.len() - 100];
    let holds = |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).any(|window| window == needle);
    assert!(holds(&bytes(model), weights));
    for name in [public, bundle, "demo/picture.opening", "demo/picture.png", "demo/chain/chain.state"] {
        let content = bytes(name);
        assert!(!holds(&content, &latent) && !holds(&content, weights), "{name}");
        let spelled = String::from_utf8_lossy(&content).into_owned();
        assert!(!spelled.contains(&hex::encode(&latent)) && !spelled.contains(&hex::encode(weights)), "{name}");
    }

    // who proves what is not so: another model, another picture, another latent, another k, a used flag
    let prove = |image: &str, model: &str, latent: &str, claim: &str| {
        let opening = ["--opening", "demo/picture.opening", "-o", "no.veil.json"];
        let files = ["--image", image, "--model", model, "--latent", latent];
        let ran = kept(&[&["prove", "--claim", claim][..], &files, &opening].concat());
        (ran.code, ran.err)
    };
    let (picture, latent) = ("demo/picture.png", "demo/picture.latent");
    let (code, told) = prove(picture, "demo/other.model", latent, "authenticity");
    assert!(code == 1 && told.contains("makes another picture"), "{told}");
    let (code, told) = prove("picture-1.png", model, latent, "authenticity");
    assert!(code == 3 && told.contains("picture"), "{told}");
    let (code, told) = prove(picture, public, latent, "authenticity");
    assert!(code == 6 && told.contains("landscape.pub"), "{told}");
    let (code, told) = prove(picture, model, model, "authenticity");
    assert!(code == 6 && told.contains("landscape.model"), "{told}");
    let (code, told) = prove(picture, model, latent, "fingerprint");
    assert!(code == 2 && told.contains("has no model and no latent"), "{told}");
    let other = ["--seed", "5", "--latent-out", "other.latent", "-o", "other.png"];
    kept(&[&["generate", "--model", model][..], &prompt, &other].concat()).ok();
    let (code, told) = prove(picture, model, "other.latent", "authenticity");
    assert!(code == 1 && told.contains("another picture of this latent"), "{told}");
    let mut damaged = bytes(latent);
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(world.path("damaged.latent"), damaged).unwrap();
    let (code, told) = prove(picture, model, "damaged.latent", "authenticity");
    assert!(code == 6 && told.contains("changed or damaged"), "{told}");
    assert!(!world.path("no.veil.json").exists());
    refused(2, "needs the model", &["commit", picture, "-o", "no.opening", "--for", "authenticity"]);
    refused(3, "64x64", &["commit", "picture-1.png", "-o", "no.opening", "--for", "generation", "--model", public]);
    // a secret that lies open is named by every command that reads it; what is public may be read by everybody
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for (from, to) in [(model, "open.model"), (latent, "open.latent"), (public, "open.pub")] {
            fs::copy(world.path(from), world.path(to)).unwrap();
            fs::set_permissions(world.path(to), fs::Permissions::from_mode(0o644)).unwrap();
        }
        let generate = ["generate", "--model", "open.model", "--prompt", "x", "-o", "open.png"];
        let commit = ["commit", picture, "-o", "open.opening", "--for", "authenticity", "--model", "open.model"];
        for (name, arguments) in [
            ("open.model", &generate[..]),
            ("open.model", &["model", "export", "open.model", "-o", "open-2.pub"][..]),
            ("open.model", &commit[..]),
            ("open.model", &[&verify[..], &["--model", "open.model"]].concat()[..]),
            ("open.model", &["inspect", "open.model"][..]),
            ("open.model", &["estimate", "open.model"][..]),
            ("open.latent", &["inspect", "open.latent"][..]),
        ] {
            let told = kept(arguments).ok().err;
            let warning = format!("warning: {name} is readable by others");
            assert_eq!(told.matches(&warning).count(), 1, "{arguments:?}: {told}");
        }
        let told = kept(&[&verify[..], &["--model", "open.pub"]].concat()).ok().err;
        assert!(!told.contains("readable by others"), "{told}");
    }
    refused(2, "--prompt", &["generate", "--model", model, "-o", "no.png"]);
    refused(6, "picture-1.png", &["generate", "--model", "picture-1.png", "--prompt", "x", "-o", "no.png"]);
    refused(6, "picture-1.png", &["model", "import", "picture-1.png", "-o", "no.model"]);
    fs::write(world.path("prompt.json"), r#"{"prompt": "x", "class": 3}"#).unwrap();
    refused(2, "takes no class", &["generate", "--model", model, "--prompt-file", "prompt.json", "-o", "no.png"]);
}

#[cfg(unix)]
#[test]
fn names_need_not_be_text() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let world = world();
    let name = OsStr::from_bytes(b"not-text-\xff.opening");
    let run = |before: &[&str], after: &[&str]| Ran::of(world.command(before).arg(name).args(after));
    let committed = run(&["commit", "picture-1.png", "-o"], &["--json"]).ok().json();
    assert!(committed["opening"].as_str().unwrap().starts_with("not-text-"));
    run(&["inspect"], &[]).ok();
    assert_eq!(run(&["verify", "--json"], &[]).json()["error"]["code"], 6);
}

#[test]
fn the_rest_answers_too() {
    let world = world();
    let estimate = world.veilmark(&["estimate", "1280x720", "--json"]).ok().json();
    assert_eq!((&estimate["k"], &estimate["fits"].is_boolean()), (&20.into(), &true));
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/models/dcgan16.onnx");
    let estimate = world.veilmark(&["estimate", model, "--json"]).ok().json();
    assert!(estimate["k"].as_u64().is_some_and(|k| k >= 14), "{estimate}");
    world.refused(6, &["at least 5"], &["estimate", "4x9"]);
    world.refused(6, &["at most"], &["estimate", "60000x60000"]);
    assert_eq!(world.veilmark(&["inspect", "x.veil.json", "--json"]).ok().json()["kind"], "bundle");
    assert_eq!(world.veilmark(&["inspect", "picture-1.png", "--json"]).ok().json()["kind"], "picture");
    let setup = world.path("home/srs").join(&names(&world.path("home/srs"))[0]);
    assert_eq!(world.veilmark(&["inspect", setup.to_str().unwrap(), "--json"]).ok().json()["kind"], "setup");
    for shell in ["bash", "zsh", "fish"] {
        assert!(world.veilmark(&["completions", shell]).ok().out.contains("fingerprint"));
    }
    assert!(world.veilmark(&["man"]).ok().out.contains(".TH"));
    assert!(world.veilmark(&["prove", "--help"]).ok().out.contains("--tolerance"));
    assert!(world.veilmark(&["--help", "--json"]).ok().json()["text"].as_str().unwrap().contains("Exit codes"));
    assert!(world.veilmark(&["--version"]).ok().out.starts_with("veilmark "));
}
