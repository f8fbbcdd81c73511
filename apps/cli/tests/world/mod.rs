//! The folder that tests of the real binary start from: a setup, pictures, a commitment and a bundle, made by the binary
//! itself.
//!
//! Pictures are tiny, so that a proof takes a second or two. The tests of one file share one folder; it goes when the last
//! test that uses it ends.

// each file of tests uses its part
#![allow(dead_code)]

#[path = "../schemas/mod.rs"]
pub(crate) mod schemas;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// Rows of the fixture's setup; every picture here fits.
pub(crate) const K: u32 = 14;

/// What a process did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Runs it; what the binary answers as JSON is what its command's schema says.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let ran = Self {
            code: output.status.code().expect("it ended by itself"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        let arguments: Vec<_> = command.get_args().filter_map(|argument| argument.to_str()).collect();
        if command.get_program() == env!("CARGO_BIN_EXE_veilmark")
            && arguments.contains(&"--json")
            && !ran.out.is_empty()
        {
            schemas::check_answer(&arguments, &ran.json());
        }
        ran
    }

    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self
    }

    /// The one object on stdout.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "{}", self.out);
        let value: Value = serde_json::from_str(&self.out).expect(&self.out);
        assert!(value.is_object());
        value
    }
}

/// A folder with everything in it that a test starts from.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

static WORLD: Mutex<Weak<World>> = Mutex::new(Weak::new());

/// The folder all tests share; nobody changes what is in it.
pub(crate) fn world() -> Arc<World> {
    let mut shared = WORLD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(world) = shared.upgrade() {
        return world;
    }
    let world = Arc::new(World::make());
    *shared = Arc::downgrade(&world);
    world
}

impl World {
    fn make() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        world.veilmark(&["srs", "dev", "--k", &K.to_string()]).ok();
        for seed in [1, 2] {
            picture(seed).save(world.path(&format!("picture-{seed}.png"))).unwrap();
        }
        picture(1).resize(32, 24, image::imageops::FilterType::Triangle).save(world.path("half.png")).unwrap();
        let mut jpeg = fs::File::create(world.path("copy.jpg")).unwrap();
        picture(1).write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 60)).unwrap();
        world.commit("picture-1.png", "x.opening").ok();
        world.prove("x.opening", "x.veil.json").ok();
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilmark"));
        command.args(arguments).current_dir(self.folder.path()).env("VEILMARK_HOME", self.path("home"));
        command
    }

    pub(crate) fn veilmark(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    pub(crate) fn commit(&self, image: &str, opening: &str) -> Ran {
        self.veilmark(&["commit", image, "-o", opening])
    }

    pub(crate) fn prove_command(&self, opening: &str, bundle: &str) -> Command {
        let arguments =
            ["prove", "--claim", "fingerprint", "--image", "picture-1.png", "--opening", opening, "-o", bundle];
        self.command(&arguments)
    }

    pub(crate) fn prove(&self, opening: &str, bundle: &str) -> Ran {
        Ran::of(&mut self.prove_command(opening, bundle))
    }

    /// The command is refused with an exit code, a message and a hint, the same in both forms.
    pub(crate) fn refused(&self, code: i32, words: &[&str], arguments: &[&str]) {
        let text = self.veilmark(arguments);
        let context = format!("{arguments:?}: {text:?}");
        assert_eq!(text.code, code, "{context}");
        let line = |start: &str| text.err.lines().find_map(|line| line.strip_prefix(start)).expect(&context).to_owned();
        let (message, hint) = (line("error: "), line("hint: "));
        assert!(!hint.is_empty(), "{context}");
        for word in words {
            assert!(message.contains(word) || hint.contains(word), "no {word:?} in {context}");
        }
        let json = self.veilmark(&[arguments, &["--json"]].concat());
        assert_eq!(json.code, code, "{json:?}");
        let error = &json.json()["error"];
        assert_eq!(error["code"], code, "{json:?}");
        assert_eq!(error["message"], message.as_str());
        let name = error["name"].as_str().expect("a name to act on");
        assert!(error["retry"].is_boolean() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        assert_eq!(error["hint"], hint.as_str());
    }
}

/// A picture of coloured blocks; every seed is another one.
pub(crate) fn picture(seed: u32) -> DynamicImage {
    let block = |x: u32, y: u32, channel: u32| {
        let mixed = (x / 6 + 31 * (y / 6) + 977 * channel + 7919 * seed).wrapping_mul(2_654_435_761);
        (mixed >> 24) as u8
    };
    RgbImage::from_fn(64, 48, |x, y| Rgb([0, 1, 2].map(|channel| block(x, y, channel)))).into()
}

pub(crate) fn png(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
