//! Trusted setups as users of the `veilmark` command meet them: imported, cut down, damaged, of nobody known.

mod world;

use halo2_proofs::halo2curves::{
    bn256::{G1Affine, G2Affine},
    serde::SerdeObject,
};
use serde_json::Value;
use sha3::{Digest, Keccak256};
use std::fs;
use veilmark::srs::SrsId;
use world::{K, Ran, names, world};

#[test]
fn setups_are_imported_from_known_ceremonies_only() {
    let world = world();
    fs::write(world.path("x.ptau"), b"ptau\x01\0\0\0").unwrap();
    world.refused(5, &["x.ptau", "cut short"], &["srs", "import", "x.ptau"]);
    world.refused(6, &["picture-1.png", "neither", "a PNG picture"], &["srs", "import", "picture-1.png"]);
    for (start, words) in [("zkey\u{1}", ".zkey"), ("r1cs\u{1}", ".r1cs"), ("<!DOCTYPE html>", "a web page")] {
        fs::write(world.path("not-a-setup"), start.repeat(20)).unwrap();
        world.refused(6, &["neither", words], &["srs", "import", "not-a-setup"]);
    }
    world.refused(6, &["home", "regular"], &["srs", "import", "home"]);
    world.refused(7, &["none.ptau"], &["srs", "import", "none.ptau"]);
    let setup = world.path("home/srs").join(&names(&world.path("home/srs"))[0]);
    world.refused(6, &["nothing to import"], &["srs", "import", setup.to_str().unwrap()]);
    world.refused(2, &["setup id"], &["srs", "import", "x.ptau", "--trust-id", "07"]);
    world.refused(2, &["25"], &["srs", "dev", "--k", "25"]);
}

/// 2^8 real powers of tau.
const REAL: &[u8] = include_bytes!("../../../crates/srs/src/testdata/8.ptau");

#[test]
fn a_real_ceremony_comes_in_is_named_and_is_cut_down() {
    let world = world();
    fs::write(world.path("real.ptau"), REAL).unwrap();
    let home = world.path("real-home");
    let run =
        |arguments: &[&str]| Ran::of(world.command(&[arguments, &["--json"]].concat()).env("VEILMARK_HOME", &home));
    let imported = run(&["srs", "import", "real.ptau"]).ok().json();
    assert!(imported["ceremony"].as_str().unwrap().contains("Hermez"), "{imported}");
    assert_eq!((&imported["k"], &imported["already_done"]), (&8.into(), &false.into()));
    let (file, id) = (imported["file"].as_str().unwrap(), imported["srs_id"].as_str().unwrap());
    let whole = fs::read(file).unwrap();
    assert_eq!(run(&["srs", "import", "real.ptau"]).ok().json()["already_done"], true);
    let said = world.veilmark(&["srs", "verify", file]).ok();
    assert!(said.out.contains("Hermez") && !said.err.contains("unsafe"), "{said:?}");
    let unknown = world.veilmark(&["srs", "verify", &format!("home/srs/{}", names(&world.path("home/srs"))[0])]).ok();
    assert!(unknown.out.contains("UNSAFE") && unknown.err.contains("warning: unsafe"), "{unknown:?}");

    let small = run(&["srs", "truncate", "--from", id, "--k", "5"]).ok().json();
    assert_eq!((&small["k"], &small["srs_id"]), (&5.into(), &id.into()));
    run(&["srs", "import", "real.ptau", "--k", "5", "-o", "small.srs"]).ok();
    let bytes = fs::read(small["file"].as_str().unwrap()).unwrap();
    assert!(bytes == fs::read(world.path("small.srs")).unwrap(), "the same to the byte");
    run(&["srs", "truncate", "--from", file, "--k", "5", "-o", "small-2.srs"]).ok();
    assert!(bytes == fs::read(world.path("small-2.srs")).unwrap());
    // The development setup stays what it is.
    let unsafe_small =
        world.veilmark(&["srs", "truncate", "--from", &SrsId::DEVELOPMENT.to_string(), "--k", "3", "--json"]);
    assert_eq!(unsafe_small.ok().json()["unsafe_development"], true);

    let truncate = |from, k| ["srs", "truncate", "--from", from, "--k", k, "-o", "never.srs"];
    world.refused(7, &["k = 8 does not serve k = 9"], &truncate(file, "9"));
    world.refused(7, &["is not in"], &truncate(id, "5"));
    world.refused(7, &["neither a file nor the id"], &truncate("no-such.srs", "5"));
    world.refused(6, &["srs import"], &truncate("real.ptau", "5"));
    world.refused(2, &["unsafe-dev-"], &truncate(&hex::encode(SrsId::DEVELOPMENT.0), "5"));
    world.refused(2, &["same file"], &["srs", "truncate", "--from", file, "--k", "5", "-o", file, "--force"]);
    world.refused(2, &["same file"], &["srs", "import", "real.ptau", "-o", "real.ptau", "--force"]);
    world.refused(7, &["exists already"], &["srs", "truncate", "--from", file, "--k", "5", "-o", "small.srs"]);
    world.refused(7, &["k = 8 does not serve k = 9", "real.ptau"], &["srs", "import", "real.ptau", "--k", "9"]);
    world.refused(2, &["25"], &["srs", "import", "real.ptau", "--k", "25"]);
    world.refused(6, &["srs import"], &["srs", "verify", "real.ptau"]);
    assert!(fs::read(file).unwrap() == whole && !world.path("never.srs").exists());

    // Each with its own message. Where the sections of the real file start:
    let (powers, g2) = (80, 32796);
    let other_g2 = (-G2Affine::generator()).to_raw_bytes();
    type Change<'c> = (&'c str, &'c dyn Fn(&mut Vec<u8>));
    let changes: [Change<'_>; 5] = [
        ("point 77 of the powers is not a point", &|b| b[powers + 77 * 64] ^= 1),
        ("not the powers of the secret", &|b| b[powers + 70 * 64..powers + 72 * 64].rotate_left(64)),
        ("[tau]_2 holds another secret", &|b| b[g2 + 128..g2 + 256].copy_from_slice(&other_g2)),
        ("cut short", &|b| b.truncate(b.len() - 7)),
        ("follow the last section", &|b| b.push(0)),
    ];
    for (word, change) in changes {
        let mut bytes = REAL.to_vec();
        change(&mut bytes);
        fs::write(world.path("changed.ptau"), bytes).unwrap();
        world.refused(5, &["changed.ptau", word], &["srs", "import", "changed.ptau", "-o", "never.srs"]);
    }
}

#[test]
fn a_damaged_setup_is_named_wherever_it_matters() {
    let world = world();
    let home = world.path("damaged-setup-home");
    let run = |arguments: &[&str]| Ran::of(world.command(arguments).env("VEILMARK_HOME", &home));
    assert!(run(&["estimate", "64x48"]).ok().out.contains("veilmark srs dev --k 14"));
    assert_eq!(run(&["estimate", "64x48", "--json"]).ok().json()["setup"], Value::Null);
    run(&["srs", "dev", "--k", "14"]).ok();
    let again = run(&["srs", "dev", "--k", "14", "--json"]).ok();
    assert_eq!(again.json()["already_done"], true);
    assert_eq!(run(&["estimate", "64x48", "--json"]).ok().json()["setup"]["k"], 14);
    run(&["doctor"]).ok();

    let setup = home.join("srs").join(&names(&home.join("srs"))[0]);
    let whole = fs::read(&setup).unwrap();
    fs::write(&setup, &whole[..whole.len() / 2]).unwrap();
    let named = |ran: Ran, code: i32, words: &[&str]| {
        assert_eq!(ran.code, code, "{ran:?}");
        for word in [words, &["damaged", setup.to_str().unwrap()]].concat() {
            assert!(ran.err.contains(word) || ran.out.contains(word), "no {word:?} in {ran:?}");
        }
    };
    named(
        run(&["commit", "picture-1.png", "-o", "never-2.opening"]),
        7,
        &["no trusted setup", "delete what is damaged"],
    );
    named(run(&["estimate", "64x48"]), 0, &["MISSING"]);
    named(run(&["doctor"]), 9, &["PROBLEM", "hint: ", "version"]);
    let doctor = run(&["doctor", "--json"]);
    assert_eq!((doctor.code, doctor.json()["problems"].as_array().unwrap().len()), (9, 1));
    named(run(&["srs", "dev", "--k", "14"]), 5, &["--force"]);
    // Where another one serves, a warning.
    run(&["srs", "dev", "--k", "15"]).ok();
    named(run(&["commit", "picture-1.png", "-o", "served.opening"]), 0, &["warning: "]);
    run(&["srs", "dev", "--k", "14", "--force"]).ok();
    assert!(fs::read(&setup).unwrap() == whole);
    run(&["doctor"]).ok();
}

/// The file of the development setup for `k` turned into one of the negated secret, as halo2 writes setups: odd powers change their
/// sign, the Lagrange basis turns by half the domain, and the last power is left out.
fn negated_setup(file: &[u8], k: u32) -> Vec<u8> {
    const POINT: usize = 64;
    let negated = |point: &[u8]| (-G1Affine::from_raw_bytes(point).unwrap()).to_raw_bytes();
    let (powers, points) = file[HEADER..].split_at(POINT * ((1 << k) + 1));
    let (lagrange, g2) = points.split_at(POINT << k);
    let (one, tau) = g2.split_at(2 * POINT);
    let powers = powers.chunks(POINT).enumerate().take(1 << k);
    let powers = powers.map(|(i, point)| if i % 2 == 0 { point.to_vec() } else { negated(point) });
    let (first, second) = lagrange.split_at(lagrange.len() / 2);
    let tau = (-G2Affine::from_raw_bytes(tau).unwrap()).to_raw_bytes();
    [&k.to_le_bytes(), &powers.collect::<Vec<_>>().concat()[..], second, first, one, &tau].concat()
}

/// Bytes of the header of a setup's file, the last 32 of them the digest of the rest.
const HEADER: usize = 96;

#[test]
fn a_setup_of_nobody_known_is_believed_only_by_name_and_only_whole() {
    let world = world();
    // a halo2 file serves one k less than its own
    let larger = (K + 1).to_string();
    world.veilmark(&["srs", "dev", "--k", &larger, "-o", "larger.srs"]).ok();
    let negated = negated_setup(&fs::read(world.path("larger.srs")).unwrap(), K + 1);
    fs::write(world.path("negated.bin"), negated).unwrap();
    let home = world.path("negated-home");
    let run = |arguments: &[&str]| Ran::of(world.command(arguments).env("VEILMARK_HOME", &home));
    let refused = run(&["srs", "import", "negated.bin"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    let id = refused.err.split("setup ").find_map(|text| text.split_once(" is of no ceremony")).expect(&refused.err).0;
    run(&["srs", "import", "negated.bin", "--trust-id", id]).ok();

    run(&["commit", "picture-1.png", "-o", "negated.opening"]).ok();
    let prove = ["prove", "--claim", "fingerprint", "--image", "picture-1.png", "--opening", "negated.opening"];
    run(&[&prove[..], &["-o", "negated.veil.json"]].concat()).ok();
    // In the folder it is, and that says nothing about who made it.
    let refused = run(&["verify", "negated.veil.json", "--json"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    let answer = refused.json();
    assert_eq!(answer["verdicts"]["proof"]["verdict"], "valid under untrusted parameters");
    assert_eq!(answer["proved"], Value::Null);
    assert!(answer["error"]["message"].as_str().unwrap().contains(id));
    let other = SrsId([7; 32]).to_string();
    assert_eq!(run(&["verify", "negated.veil.json", "--allow-unsafe"]).code, 5);
    assert_eq!(run(&["verify", "negated.veil.json", "--trust-id", &other]).code, 5);
    let believed = ["verify", "negated.veil.json", "--trust-id", id];
    run(&believed).ok();

    // The same [tau]_1 and [tau]_2, so the same id, over another basis: of it no key and no commitment is made.
    let setup = home.join("srs").join(&names(&home.join("srs"))[0]);
    let mut bytes = fs::read(&setup).unwrap();
    let lagrange = HEADER + 64 * ((1 << K) + 1);
    bytes[lagrange..lagrange + 128].rotate_left(64);
    let digest = Keccak256::digest(&bytes[HEADER..]);
    bytes[HEADER - 32..HEADER].copy_from_slice(&digest);
    fs::write(&setup, bytes).unwrap();
    run(&believed).ok();
    fs::remove_dir_all(home.join("keys")).unwrap();
    for command in [&believed[..], &["commit", "picture-1.png", "-o", "never.opening"]] {
        let ran = run(command);
        assert_eq!(ran.code, 5, "{command:?}: {ran:?}");
        assert!(ran.err.contains("Lagrange"), "{ran:?}");
    }
    assert!(!world.path("never.opening").exists());
}
