//! `veilmark srs`.

use crate::{
    commands::image::picture,
    failure::{Failure, Kind},
    home::{self, Home},
    output::{self, Progress, Report, Ui},
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use veilmark::files;
use veilmark::{
    ceremonies,
    files::Existing,
    machine,
    srs::{self, Ceremony, Listing, MAX_K, MIN_K, Srs, SrsError, SrsId, SrsIdError, Trust},
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make the development setup. UNSAFE: its secret is public, so anyone can forge every proof under it.
    Dev(Dev),
    /// Import a ceremony's setup: halo2 raw or snarkjs .ptau.
    ///
    /// Every point is checked, and that they are the powers of one secret; the setup must be of a ceremony pinned in this
    /// program (Hermez, Axiom), or the one whose id you name. The file is read in pieces: memory is what the setup itself
    /// has, 128 bytes for each of 2^K rows (0.54 GB for K = 22), and 20 MB. A .ptau file that is not prepared for phase 2
    /// has no Lagrange basis; computing it takes a minute for K = 18 and twice as long for every next one. Neither has a halo2 raw
    /// file, which serves one K less than it is named after: a setup has one power more than halo2 writes.
    Import(Import),
    /// Check every point of a setup's file, and that they are the powers of one secret.
    ///
    /// Says which pinned ceremony made it, if one did. Memory: 128 bytes for each of 2^K rows, and 20 MB.
    Verify(Verify),
    /// Make the setup of a smaller K from a larger one.
    ///
    /// It has the same id, and is to the byte what an import for that K gives. The larger setup is read in pieces and stays;
    /// memory is what the smaller has. The Lagrange basis is computed: a minute for K = 18 and twice as long for every next
    /// one (at once for the development setup).
    Truncate(Truncate),
    /// List the ceremonies' files that import takes: where they are, how large, and the hash that is published.
    ///
    /// Nothing is downloaded. Fetch the file of the k that veilmark estimate names, compare its hash (b2sum FILE), import it. The import
    /// checks every point against the ceremony that is pinned in this program, so a wrong file is refused whatever its hash.
    Ceremonies(Ceremonies),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Dev {
    /// For domains of 2^K rows and below; veilmark estimate says which K a picture needs.
    #[arg(long, value_parser = clap::value_parser!(u32).range(i64::from(MIN_K)..=i64::from(MAX_K)))]
    k: u32,
    /// Where to write it [default: where the other commands look].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The ceremony's file.
    file: PathBuf,
    /// For domains of 2^K rows and below [default: the largest the file serves].
    #[arg(long, value_parser = clap::value_parser!(u32).range(i64::from(MIN_K)..=i64::from(MAX_K)))]
    k: Option<u32>,
    /// Take the setup of this id, which you know from elsewhere, though no ceremony pinned here made it.
    #[arg(long, value_name = "ID")]
    trust_id: Option<SrsId>,
    /// Where to write it [default: where the other commands look].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The setup's file.
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Truncate {
    /// The larger setup: its id, of one that veilmark doctor lists, or its file.
    #[arg(long, value_name = "ID|FILE")]
    from: PathBuf,
    /// For domains of 2^K rows and below.
    #[arg(long, value_parser = clap::value_parser!(u32).range(i64::from(MIN_K)..=i64::from(MAX_K)))]
    k: u32,
    /// Where to write it [default: where the other commands look].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Ceremonies {
    /// Only the files for this K; with its addresses and whole hash.
    #[arg(long, value_parser = clap::value_parser!(u32).range(i64::from(ceremonies::MIN_K)..=i64::from(ceremonies::MAX_K)))]
    k: Option<u32>,
}

pub(crate) fn run(ui: &Ui, home: &Home, command: Command) -> Result<Report, Failure> {
    match command {
        Command::Dev(arguments) => dev(ui, home, &arguments),
        Command::Import(arguments) => import(ui, home, &arguments),
        Command::Verify(arguments) => verify(ui, &arguments),
        Command::Truncate(arguments) => truncate(ui, home, &arguments),
        Command::Ceremonies(arguments) => Ok(listed(&arguments)),
    }
}

/// The files of ceremonies.
fn listed(arguments: &Ceremonies) -> Report {
    let files: Vec<_> = ceremonies::files().filter(|file| arguments.k.is_none_or(|k| file.k == k)).collect();
    let json: Vec<_> = files
        .iter()
        .map(|file| {
            json!({
                "ceremony": file.ceremony.to_string(), "lineage": ceremonies::lineage(file.ceremony), "k": file.k,
                "file_name": file.name, "bytes": file.bytes, "blake2b": file.blake2b, "address": file.address,
                "import_memory_bytes": file.import_memory(), "setup_bytes": file.setup_bytes(),
            })
        })
        .collect();
    let mut text = String::new();
    for ceremony in Ceremony::ALL {
        text.push_str(&format!("{}\n", ceremonies::lineage(ceremony)));
        let of = files.iter().filter(|file| file.ceremony == ceremony);
        for file in of {
            let hash = match file.blake2b {
                None => "no published hash is known here".to_owned(),
                Some(hash) if arguments.k.is_some() => format!("blake2b {hash}"),
                Some(hash) => format!("blake2b {}…", &hash[..16]),
            };
            text.push_str(&format!(
                "  k = {:<2}  {:<31}  {:>8}  import takes {:>8} of memory  {hash}\n",
                file.k,
                file.name,
                output::bytes(file.bytes),
                output::bytes(file.import_memory()),
            ));
            if arguments.k.is_some() {
                text.push_str(&format!("          {}\n", file.address));
            }
        }
    }
    text.push_str(
        "Nothing is downloaded here. A ceremony is safe if one of its contributors was honest. Commit under it from the first day: \
         what is committed under the development setup binds nobody, and does not carry over.",
    );
    if arguments.k.is_none() {
        text.push_str("\n--k K shows a file's address and whole hash; veilmark estimate PICTURE says which K it needs");
    }
    Report::new(json!({ "ceremonies": json }), text)
}

/// Who made a setup, in words.
pub(crate) fn origin(srs: &Srs) -> String {
    match srs.ceremony() {
        Some(ceremony) => format!("{ceremony}, pinned in this program"),
        None if srs.is_unsafe() => "none: UNSAFE, for development; its secret is public".to_owned(),
        None => {
            let pinned = Ceremony::ALL.map(|ceremony| ceremony.to_string()).join("; ");
            format!("none that is pinned here ({pinned}): it is worth what whoever made it is worth")
        }
    }
}

/// Where a setup goes, looked at before the work is done.
struct Place {
    path: PathBuf,
    existing: Existing,
    /// The same setup is there, and is left as it is.
    is_there: bool,
}

impl Place {
    /// The file that is named, or else the one in the folder of setups.
    fn find(
        home: &Home,
        output: Option<&Path>,
        force: bool,
        (id, k): (SrsId, u32),
        inputs: &[&Path],
    ) -> Result<Self, Failure> {
        let existing = picture::existing(force);
        if let Some(path) = output {
            picture::check_output(path, existing, inputs, picture::MayReplace::Nothing)?;
            return Ok(Self { path: path.into(), existing, is_there: false });
        }
        let path = home.srs_dir().join(srs::file_name(id, k));
        let is_there = match existing {
            Existing::Replace => false,
            Existing::Keep => match srs::stored_at(&path)? {
                Some(stored) if (stored.id, stored.k) != (id, k) => return Err(SrsError::Exists { path }.into()),
                stored => stored.is_some(),
            },
        };
        if !is_there {
            home::make_folder(home.srs_dir())?;
            files::check_writable(&path, existing)?;
        }
        Ok(Self { path, existing, is_there })
    }

    /// The setup that is there or is made, and the report of it.
    fn fill(
        self,
        ui: &Ui,
        doing: &str,
        make: impl FnOnce(&Progress) -> Result<Srs, Failure>,
    ) -> Result<Report, Failure> {
        let (made, time) = if self.is_there {
            let progress = ui.progress(&format!("there already, and checked now: {}", self.path.display()));
            let told = &mut |done| progress.fraction(done);
            let found = Srs::read_verified(&self.path, None, told).map_err(|error| at(&self.path, error))?;
            (found, progress.end())
        } else {
            let progress = ui.progress(doing);
            let made = make(&progress)?;
            (made, progress.end())
        };
        if !self.is_there {
            match self.path.parent() {
                Some(folder) if self.path == folder.join(made.file_name()) => {
                    made.store(folder, self.existing)?;
                }
                _ => made.write(&self.path, self.existing)?,
            }
        }
        home::warn_unsafe(ui, made.id());
        let mut report = report(&made, &self.path, time);
        report.json.insert("already_done".into(), self.is_there.into());
        Ok(report)
    }
}

/// The failure, with the file that it is about.
fn at(path: &Path, error: SrsError) -> Failure {
    Failure::from(error).at(path)
}

fn report(srs: &Srs, path: &Path, time: Duration) -> Report {
    let peak = machine::peak_memory();
    let json = json!({
        "file": output::json_path(path), "k": srs.k(), "srs_id": srs.id().word(), "unsafe_development": srs.is_unsafe(),
        "ceremony": srs.ceremony().map(|ceremony| ceremony.to_string()), "seconds": output::json_seconds(time),
        "peak_memory_bytes": peak,
    });
    let text = output::table(&[
        ("file", path.display().to_string()),
        ("ceremony", origin(srs)),
        ("k", format!("{} (2^{} points in each basis)", srs.k(), srs.k())),
        ("id", srs.id().to_string()),
        ("time", output::seconds(time)),
        ("memory", peak.map_or_else(|| "unknown".into(), output::bytes)),
    ]);
    Report::new(json, text)
}

fn dev(ui: &Ui, home: &Home, arguments: &Dev) -> Result<Report, Failure> {
    let (output, k) = (arguments.output.as_deref(), arguments.k);
    let place = Place::find(home, output, arguments.force, (SrsId::DEVELOPMENT, k), &[])?;
    place.fill(ui, &format!("making the development setup for k = {k}"), |progress| {
        Ok(Srs::dev(k, &mut |done| progress.fraction(done))?)
    })
}

fn import(ui: &Ui, home: &Home, arguments: &Import) -> Result<Report, Failure> {
    let file = &arguments.file;
    let trust = arguments.trust_id.map_or(Trust::Pinned, Trust::Id);
    let of = Srs::identify(file, arguments.k, trust).map_err(|error| at(file, error))?;
    let place = Place::find(home, arguments.output.as_deref(), arguments.force, of, &[file])?;
    place.fill(ui, "importing: reading and checking every point", |progress| {
        Srs::import(file, arguments.k, trust, &mut |done| progress.fraction(done)).map_err(|error| at(file, error))
    })
}

fn verify(ui: &Ui, arguments: &Verify) -> Result<Report, Failure> {
    let (start, file) = (Instant::now(), &arguments.file);
    let progress = ui.progress("checking every point, all powers and the Lagrange basis");
    let read = Srs::read_verified(file, None, &mut |done| progress.fraction(done)).map_err(|error| at(file, error))?;
    progress.end();
    home::warn_unsafe(ui, read.id());
    let mut report = report(&read, file, start.elapsed());
    report.text.push_str("\nevery point is on the curve, and the powers are those of one secret");
    Ok(report)
}

/// The file that `--from` means.
fn source(home: &Home, from: &Path, k: u32) -> Result<PathBuf, Failure> {
    match from.to_str().map(str::parse::<SrsId>) {
        Some(Ok(id)) => Ok(srs::list(home.srs_dir())?.find(k, Some(id))?.path),
        Some(Err(error @ SrsIdError::NotCanonical { .. })) => {
            Err(Failure::new(Kind::Usage, error.to_string(), "write it so; a file of that name is ./NAME"))
        }
        _ => Ok(from.into()),
    }
}

fn truncate(ui: &Ui, home: &Home, arguments: &Truncate) -> Result<Report, Failure> {
    let k = arguments.k;
    let from = source(home, &arguments.from, k)?;
    let Some(stored) = srs::stored_at(&from)? else {
        return Err(Failure::new(
            Kind::SetupMissing,
            format!("{}: neither a file nor the id of a trusted setup", from.display()),
            "veilmark doctor lists the setups that are here",
        ));
    };
    if stored.k < k {
        return Err(at(&from, SrsError::TooSmall { wanted: k, have: stored.k }));
    }
    let place = Place::find(home, arguments.output.as_deref(), arguments.force, (stored.id, k), &[&from])?;
    place.fill(ui, &format!("bringing the trusted setup from k = {} to k = {k}", stored.k), |progress| {
        let told = &mut |done| progress.fraction(done);
        Srs::read_verified(&from, Some(k), told).map_err(|error| at(&from, error))
    })
}

/// What is stored, for people.
pub(crate) fn stored(home: &Home) -> Result<Listing, Failure> {
    Ok(srs::list(home.srs_dir())?)
}
