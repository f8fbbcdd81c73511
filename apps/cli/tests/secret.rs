//! Secrets that survive: a lost file is made again from 24 words, and no count of proofs goes back by it, by the real binary.
mod world;

use serde_json::{Value, json};
use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};
use veilmark::{
    latent_file::LatentFile,
    opening::{Opening, OpeningError},
};
use world::{Ran, World, world};

const PASSWORD: &str = "a password of a test";

/// A home of a test's own, with the setup of the shared one, and a folder to work in.
struct Home {
    world: Arc<World>,
    name: String,
}

impl Home {
    fn new(name: &str) -> Self {
        let world = world();
        let home = Self { world, name: name.to_owned() };
        fs::create_dir_all(home.path("home/srs")).unwrap();
        for file in fs::read_dir(home.world.path("home/srs")).unwrap().map(Result::unwrap) {
            fs::copy(file.path(), home.path("home/srs").join(file.file_name())).unwrap();
        }
        for picture in ["picture-1.png", "picture-2.png"] {
            fs::copy(home.world.path(picture), home.path(picture)).unwrap();
        }
        fs::write(home.path("password"), format!("{PASSWORD}\n")).unwrap();
        fs::write(home.path("wrong"), "another password").unwrap();
        home
    }

    /// One with an unsealed master secret.
    fn with_secret(name: &str) -> (Self, String) {
        let home = Self::new(name);
        let made = home.run(&["secret", "new", "--unsealed"]).ok().json();
        (home, made["words"].as_str().unwrap().to_owned())
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.world.path(&self.name).join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.command(arguments);
        command.arg("--json").current_dir(self.path("")).env("VEILMARK_HOME", self.path("home"));
        command.env_remove("VEILMARK_SECRET_PASSWORD").stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    fn refused(&self, code: i32, name: &str, words: &[&str], arguments: &[&str]) {
        let ran = self.run(arguments);
        let error = ran.json()["error"].clone();
        assert_eq!((ran.code, error["name"].as_str()), (code, Some(name)), "{arguments:?}: {ran:?}");
        for word in words {
            let told = ["message", "hint"].iter().any(|part| error[part].as_str().unwrap().contains(word));
            assert!(told, "no {word:?} in {arguments:?}: {ran:?}");
        }
    }

    /// With words on standard input.
    fn told(&self, arguments: &[&str], words: &str) -> Ran {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(words.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn commit(&self, output: &str) -> Value {
        self.run(&["commit", "picture-1.png", "-o", output]).ok().json()
    }
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_sealed_secret_is_opened_by_its_password_only() {
    let home = Home::new("sealed");
    home.refused(7, "file_missing", &["secret new"], &["secret", "show"]);
    let made = home.run(&["secret", "new", "--password-file", "password"]).ok();
    let made = made.json();
    let words = text(&made, "words");
    assert_eq!((words.split(' ').count(), &made["sealed"], text(&made, "machine")), (24, &json!(true), "first"));
    let file = home.path("home/secret/master");
    let sealed = fs::read(&file).unwrap();
    assert!(sealed.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    #[cfg(unix)]
    assert_eq!((mode(&file), mode(&home.path("home/secret/machine"))), (0o600, 0o600));

    let shown = home.run(&["secret", "show", "--password-file", "password"]).ok().json();
    assert_eq!(text(&shown, "words"), words);
    home.refused(2, "not_allowed", &["password"], &["secret", "show", "--password-file", "wrong"]);
    home.refused(2, "usage", &["VEILMARK_SECRET_PASSWORD"], &["secret", "show"]);
    let commit = ["commit", "picture-1.png", "-o", "x.opening"];
    home.refused(2, "usage", &["--secret-password-file"], &commit);
    home.refused(2, "not_allowed", &[], &[&commit[..], &["--secret-password-file", "wrong"]].concat());
    assert!(!home.path("x.opening").exists());
    let by_variable = Ran::of(home.command(&commit).env("VEILMARK_SECRET_PASSWORD", PASSWORD)).ok();
    assert!(!by_variable.out.contains(PASSWORD) && !by_variable.err.contains("no master secret"));
    assert_eq!(by_variable.json()["number"], 0);

    // never replaced, not by itself either
    home.refused(7, "file_exists", &["secret show"], &["secret", "new", "--unsealed"]);
    let again = home.told(&["secret", "restore", "--unsealed"], words);
    assert_eq!((again.code, again.json()["error"]["name"].as_str()), (7, Some("file_exists")));
    assert_eq!(fs::read(&file).unwrap(), sealed);
    // nobody writes over it with something else, and what it is is known
    home.refused(
        2,
        "usage",
        &["sealed"],
        &["commit", "picture-1.png", "--public", "--force", "-o", "home/secret/master"],
    );
    let doctor = home.run(&["doctor"]).json();
    assert_eq!(
        (&doctor["master_secret"]["sealed"], &doctor["master_secret"]["machine"]),
        (&json!(true), &json!("first"))
    );

    for (content, code) in
        [(&sealed[..sealed.len() - 1], 6), (&b"age-encryption.org/v1\n-> scrypt AAAA"[..], 6), (&[b'a'; 1 << 16], 6)]
    {
        fs::write(&file, content).unwrap();
        let ran = home.run(&["secret", "show", "--password-file", "password"]);
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(text(&ran.json()["error"], "message").contains("master"), "{ran:?}");
    }
}

#[test]
fn a_lost_opening_is_made_again_and_proves_nothing() {
    let (home, words) = Home::with_secret("lost");
    let first = home.commit("a.opening");
    let second = home.commit("b.opening");
    assert_eq!([&first["number"], &second["number"]], [0, 1]);
    assert_ne!(first["image_commitment"], second["image_commitment"], "committed anew, under the next number");
    let prove = |opening: &'static str, output: &'static str| {
        ["prove", "--claim", "fingerprint", "--image", "picture-1.png", "--opening", opening, "-o", output]
    };
    home.run(&prove("b.opening", "b.veil.json")).ok();
    let lost = Opening::read(&home.path("b.opening")).unwrap();
    fs::remove_file(home.path("b.opening")).unwrap();

    let commitment = text(&second, "image_commitment");
    let again = ["commit", "picture-1.png", "-o", "b.opening", "--again"];
    home.refused(2, "usage", &["--commitment"], &again);
    let other = ["commit", "picture-2.png", "-o", "b.opening", "--again", "--commitment", commitment];
    home.refused(3, "mismatch", &["very picture"], &other);
    let made = home.run(&[&again[..], &["--commitment", commitment]].concat()).ok().json();
    assert_eq!(
        [&made["image_commitment"], &made["made_again"], &made["proofs_left"]],
        [&second["image_commitment"], &json!(true), &json!(0)]
    );
    let opening = Opening::read(&home.path("b.opening")).unwrap();
    assert!(opening.salts() == lost.salts() && lost.proofs_made == 1);

    // it proves nothing, in either form of the command
    home.refused(
        2,
        "proofs_used_up",
        &["made again", "commit to the picture anew"],
        &prove("b.opening", "c.veil.json"),
    );
    assert!(matches!(Opening::spend(&home.path("b.opening")), Err(OpeningError::MadeAgain)));
    assert!(!home.path("c.veil.json").exists());
    // it shows the very picture, to its owner and to others
    let verify = ["verify", "b.veil.json", "--allow-unsafe", "--image", "picture-1.png"];
    let verdict = |more: &[&str]| {
        let ran = home.run(&[&verify[..], more].concat()).ok().json();
        text(&ran["verdicts"]["very_picture"], "verdict").to_owned()
    };
    assert_eq!(verdict(&["--opening", "b.opening"]), "yes");
    home.run(&["disclose", "b.opening", "-o", "b.disclosure"]).ok();
    assert_eq!(verdict(&["--disclosure", "b.disclosure"]), "yes");
    let inspected = home.run(&["inspect", "b.opening"]).ok().json();
    assert_eq!(
        [&inspected["proofs_left"], &inspected["made_again"], &inspected["number"]],
        [&json!(0), &json!(true), &json!(1)]
    );

    // on another machine, from the words alone
    let elsewhere = Home::new("lost-elsewhere");
    for (wrong, problem) in
        [("abandon ".repeat(23), "23 of 24"), (words.replacen(' ', " veilmark ", 1), "more than 24")]
    {
        let ran = elsewhere.told(&["secret", "restore", "--unsealed"], &wrong);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(text(&ran.json()["error"], "message").contains(problem), "{ran:?}");
    }
    let as_first = elsewhere.told(&["secret", "restore", "--unsealed", "--machine", "first"], &words);
    assert_eq!(as_first.code, 2, "{as_first:?}");
    let restored =
        elsewhere.told(&["secret", "restore", "--unsealed"], &format!("\n{}\n", words.to_uppercase())).ok().json();
    let machine = text(&restored, "machine");
    assert!(machine.starts_with("m-"));
    let made = elsewhere.run(&[&again[..], &["--commitment", commitment]].concat()).ok().json();
    assert_eq!([&made["image_commitment"], &made["machine"]], [&second["image_commitment"], &json!("first")]);
    assert_eq!(elsewhere.run(&prove("b.opening", "b.veil.json")).code, 2);
    let fresh = elsewhere.commit("fresh.opening");
    assert_eq!([&fresh["machine"], &fresh["number"], &fresh["proofs_left"]], [&json!(machine), &json!(0), &json!(63)]);
    let salts = Opening::read(&elsewhere.path("fresh.opening")).unwrap();
    assert!(salts.salts() != lost.salts() && salts.salts() != Opening::read(&home.path("a.opening")).unwrap().salts());
}

#[test]
fn without_a_secret_it_is_said_once_that_nothing_can_be_made_again() {
    let home = Home::new("none");
    let ran = home.run(&["commit", "picture-1.png", "-o", "x.opening"]).ok();
    assert_eq!(ran.err.matches("no master secret here").count(), 1, "{ran:?}");
    assert_eq!([&ran.json()["machine"], &ran.json()["number"]], [&Value::Null, &Value::Null]);
    let public = home.run(&["commit", "picture-1.png", "--public", "-o", "p.opening"]).ok();
    assert!(!public.err.contains("no master secret"));
    home.refused(7, "file_missing", &["secret new"], &["commit", "picture-1.png", "--again", "-o", "y.opening"]);
    home.refused(
        2,
        "usage",
        &["nothing to back up"],
        &["backup", "make", "-o", "x.backup", "--password-file", "password"],
    );
}

#[test]
fn a_lost_seal_and_a_lost_fingerprint_are_made_again_as_they_were() {
    let (home, _) = Home::with_secret("seal");
    home.commit("x.opening");
    let reserve = ["reserve", "x.opening", "-o", "x.seal"];
    let reserved = home.run(&reserve).ok().json();
    let seal = fs::read(home.path("x.seal")).unwrap();
    fs::remove_file(home.path("x.seal")).unwrap();
    let again = home.run(&reserve).ok().json();
    assert_eq!([&again["seal"], &again["already_done"]], [&reserved["seal"], &json!(true)]);
    assert_eq!(fs::read(home.path("x.seal")).unwrap(), seal);

    let prove = |bundle: &'static str, file: &'static str| {
        home.run(&[
            "prove",
            "--claim",
            "committed-fingerprint",
            "--image",
            "picture-1.png",
            "--opening",
            "x.opening",
            "--fingerprint-out",
            file,
            "-o",
            bundle,
        ])
        .ok()
    };
    prove("1.veil.json", "1.fingerprint");
    prove("2.veil.json", "2.fingerprint");
    for number in ["1", "2"] {
        let (file, again) = (format!("{number}.fingerprint"), format!("{number}.again"));
        let bundle = format!("{number}.veil.json");
        home.run(&["secret", "fingerprint", &bundle, "--image", "picture-1.png", "-o", &again]).ok();
        assert_eq!(fs::read(home.path(&file)).unwrap(), fs::read(home.path(&again)).unwrap());
        home.refused(
            7,
            "file_exists",
            &[],
            &["secret", "fingerprint", &bundle, "--image", "picture-1.png", "-o", &again],
        );
    }
    assert_ne!(fs::read(home.path("1.again")).unwrap(), fs::read(home.path("2.again")).unwrap());
    let other = ["secret", "fingerprint", "1.veil.json", "--image", "picture-2.png", "-o", "none"];
    home.refused(3, "mismatch", &[], &other);
    let (stranger, _) = Home::with_secret("seal-stranger");
    fs::copy(home.path("1.veil.json"), stranger.path("1.veil.json")).unwrap();
    stranger.refused(
        3,
        "mismatch",
        &[],
        &["secret", "fingerprint", "1.veil.json", "--image", "picture-1.png", "-o", "none"],
    );
    assert!(!home.path("none").exists() && !stranger.path("none").exists());
}

#[test]
fn a_lost_latent_is_made_again_and_proves_nothing() {
    let (home, _) = Home::with_secret("latent");
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models/dcgan16.onnx");
    home.run(&["srs", "dev", "--k", "15"]).ok();
    home.run(&["model", "import", model.to_str().unwrap(), "-o", "m.model"]).ok();
    let generate = |picture: &'static str, latent: &'static str, more: &[&str]| {
        let words = [
            "generate",
            "--model",
            "m.model",
            "--prompt",
            "a lake",
            "--seed",
            "1",
            "-o",
            picture,
            "--latent-out",
            latent,
        ];
        home.run(&[&words[..], more].concat())
    };
    let made = generate("a.png", "a.latent", &[]).ok().json();
    assert_eq!([&made["machine"], &made["number"], &made["made_again"]], [&json!("first"), &json!(0), &json!(false)]);
    let lost = LatentFile::read(&home.path("a.latent")).unwrap();
    let again = generate("b.png", "b.latent", &["--again"]).ok().json();
    assert_eq!([&again["number"], &again["made_again"]], [&json!(0), &json!(true)]);
    let read = LatentFile::read(&home.path("b.latent")).unwrap();
    assert!(read.salts() == lost.salts() && read.remaining() == 0 && lost.remaining() == 63);
    assert!(LatentFile::spend(&home.path("b.latent")).is_err());
    // shown to others as before, and good for no proof
    home.run(&["disclose", "b.latent", "--model", "m.model", "-o", "b.disclosure"]).ok();
    home.run(&["commit", "a.png", "--for", "generation", "--model", "m.model", "-o", "a.opening"]).ok();
    let prove = [
        "prove",
        "--claim",
        "generation",
        "--image",
        "a.png",
        "--opening",
        "a.opening",
        "--model",
        "m.model",
        "--latent",
        "b.latent",
        "-o",
        "none.veil.json",
    ];
    home.refused(2, "proofs_used_up", &["made again"], &prove);
    assert_eq!(Opening::read(&home.path("a.opening")).unwrap().proofs_made, 0);
    // generated anew, it has the next number
    assert_eq!(generate("c.png", "c.latent", &[]).ok().json()["number"], 1);
    let several = generate("d.png", "d.latent", &["--again"]);
    assert_eq!((several.code, several.json()["error"]["name"].as_str()), (2, Some("usage")));
    generate("e.png", "e.latent", &["--again", "--number", "0"]).ok();
    assert!(LatentFile::read(&home.path("e.latent")).unwrap().salts() == lost.salts());

    // an owner's model is not put where its count could go back
    home.refused(
        6,
        "unsupported",
        &["count"],
        &["backup", "make", "m.model", "-o", "m.backup", "--password-file", "password"],
    );
    home.run(&["backup", "make", "a.latent", "-o", "l.backup", "--password-file", "password"]).ok();
    fs::create_dir(home.path("into")).unwrap();
    home.run(&["backup", "restore", "l.backup", "--into", "into", "--password-file", "password"]).ok();
    assert_eq!(LatentFile::read(&home.path("into/a.latent")).unwrap().remaining(), 0);
}

#[test]
fn a_backup_brings_back_everything_but_the_count() {
    let (home, words) = Home::with_secret("backup");
    let committed = home.commit("x.opening");
    fs::write(home.path("note.txt"), "any file").unwrap();
    let make =
        |output: &'static str| ["backup", "make", "x.opening", "note.txt", "-o", output, "--password-file", "password"];
    let made = home.run(&make("x.backup")).ok().json();
    assert_eq!((&made["master_secret"], made["files"].as_array().unwrap().len()), (&json!(true), 2));
    let bytes = fs::read(home.path("x.backup")).unwrap();
    #[cfg(unix)]
    assert_eq!(mode(&home.path("x.backup")), 0o600);
    let opening = fs::read(home.path("x.opening")).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1") && !bytes.windows(24).any(|part| part == &opening[400..424]));
    home.refused(7, "file_exists", &["no backup"], &make("x.backup"));
    // made after the backup, which therefore knows nothing of it
    let after = home.commit("later.opening");

    let elsewhere = Home::new("backup-elsewhere");
    fs::copy(home.path("x.backup"), elsewhere.path("x.backup")).unwrap();
    fs::create_dir(elsewhere.path("into")).unwrap();
    let restore =
        |password: &'static str| ["backup", "restore", "x.backup", "--into", "into", "--password-file", password];
    elsewhere.refused(2, "not_allowed", &["x.backup"], &restore("wrong"));
    assert!(!elsewhere.path("home/secret/master").exists());
    // what is there is kept, and then nothing is restored
    fs::write(elsewhere.path("into/note.txt"), "mine").unwrap();
    elsewhere.refused(7, "file_exists", &["--into"], &restore("password"));
    assert!(!elsewhere.path("home/secret/master").exists() && !elsewhere.path("into/x.opening").exists());
    fs::remove_file(elsewhere.path("into/note.txt")).unwrap();

    let restored = elsewhere.run(&restore("password")).ok().json();
    let machine = text(&restored, "machine");
    assert!(machine.starts_with("m-"));
    assert_eq!([&restored["files"][0]["used_up"], &restored["files"][1]["used_up"]], [true, false]);
    assert_eq!(fs::read_to_string(elsewhere.path("into/note.txt")).unwrap(), "any file");
    let prove = [
        "prove",
        "--claim",
        "fingerprint",
        "--image",
        "picture-1.png",
        "--opening",
        "into/x.opening",
        "-o",
        "none.json",
    ];
    elsewhere.refused(2, "proofs_used_up", &["commit to the picture anew"], &prove);
    elsewhere.run(&["disclose", "into/x.opening", "--image", "picture-1.png", "-o", "x.disclosure"]).ok();
    assert_eq!(text(&elsewhere.run(&["secret", "show"]).ok().json(), "words"), words);
    // numbers that were taken after the backup are not taken again
    let fresh = elsewhere.commit("fresh.opening");
    assert_eq!(text(&fresh, "machine"), machine);
    for other in [&committed, &after] {
        assert_ne!(fresh["image_commitment"], other["image_commitment"]);
    }
    let again =
        ["commit", "picture-1.png", "-o", "later.opening", "--again", "--commitment", text(&after, "image_commitment")];
    assert_eq!(elsewhere.run(&again).ok().json()["number"], 1);
    // a secret that is there stays
    fs::create_dir(elsewhere.path("more")).unwrap();
    let more = elsewhere.run(&["backup", "restore", "x.backup", "--into", "more", "--password-file", "password"]).ok();
    assert!(more.json()["machine"].is_null() && more.err.contains("it stays"), "{more:?}");

    for damaged in [&bytes[..bytes.len() - 1], &bytes[..100], b"", &[&bytes[..], b"x"].concat()] {
        fs::write(elsewhere.path("x.backup"), damaged).unwrap();
        let ran = elsewhere.run(&restore("password"));
        assert_eq!(ran.code, 6, "{ran:?}");
        assert!(text(&ran.json()["error"], "message").contains("x.backup"), "{ran:?}");
    }
}
