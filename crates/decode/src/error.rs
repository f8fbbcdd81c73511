//! Why no picture was read.

use crate::limits::MAX_SIDE_PX;
use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
};
use veilmark_statement::raster::MIN_SIDE_PX;

/// The formats read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG, sequential or progressive.
    Jpeg,
    /// WebP, lossy or lossless.
    WebP,
    /// Tag Image File Format.
    Tiff,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Tiff => "TIFF",
        })
    }
}

/// Classes of errors, for whoever must act on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sound, perhaps, but of a kind that is not read; or no picture.
    Unsupported,
    /// Not what was once written.
    Damaged,
    /// More than is ever read.
    TooLarge,
    /// The operating system refused.
    Io,
}

/// No picture was read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A folder, a pipe, a device.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// Longer than is ever read.
    #[error("{} is longer than {limit} bytes, the most that is read of a picture", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Bytes allowed.
        limit: u64,
    },
    /// The file is no picture that is read.
    #[error("{}: {problem}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: Problem,
    },
}

impl DecodeError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.into(), source }
    }

    /// Its class.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Io { .. } => Kind::Io,
            Self::NotAFile { .. } => Kind::Unsupported,
            Self::TooLong { .. } => Kind::TooLarge,
            Self::Refused { problem, .. } => problem.kind(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => "check the path, and who may read it",
            Self::NotAFile { .. } | Self::TooLong { .. } => "name a picture's file: PNG, JPEG, WebP or TIFF",
            Self::Refused { problem, .. } => problem.hint(),
        }
    }
}

/// What a library said that decodes a format.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why a file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// The first bytes are those of no picture we know.
    #[error("not a picture: neither PNG, JPEG, WebP nor TIFF by its first bytes")]
    NotAPicture,
    /// Another format.
    #[error("{name} is not read, only PNG, JPEG, WebP and TIFF are")]
    Format {
        /// What it seems to be.
        name: &'static str,
    },
    /// The end is missing.
    #[error("the {format} is truncated: it ends before its end marker")]
    Truncated {
        /// What it began as.
        format: Format,
    },
    /// Not laid out as its format demands.
    #[error("the {format} is malformed: {what}")]
    Malformed {
        /// What it began as.
        format: Format,
        /// What is wrong.
        what: &'static str,
    },
    /// Its pixels are not those that were written.
    #[error("the {format} is damaged: {what}")]
    Damaged {
        /// What it began as.
        format: Format,
        /// What is wrong.
        what: &'static str,
    },
    /// The decoder gave up.
    #[error("the {format} is damaged: {cause}")]
    Decoder {
        /// What it began as.
        format: Format,
        /// What the decoder says.
        cause: Cause,
    },
    /// The decoder has a bug that this file shows.
    #[error("the {format} is damaged in a way its decoder cannot handle")]
    DecoderPanicked {
        /// What it began as.
        format: Format,
    },
    /// A side too short for a fingerprint.
    #[error("{width}x{height} pixels are too few, each side must have at least {MIN_SIDE_PX}")]
    TooSmall {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// More than is read.
    #[error("{width}x{height} pixels are too many, at most {limit} in all and {MAX_SIDE_PX} a side are read")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The most pixels in all.
        limit: u64,
    },
    /// A large picture that does not come row by row.
    #[error(
        "the picture would need {bytes} bytes of memory, at most {limit} are used: its rows do not come one by one"
    )]
    Memory {
        /// Bytes needed.
        bytes: u64,
        /// Bytes used at most.
        limit: u64,
    },
    /// Samples of a depth that is not read.
    #[error("{bits} bits a sample, which is not read of a {format}")]
    Depth {
        /// The file's format.
        format: Format,
        /// Bits a sample.
        bits: u16,
    },
    /// A JPEG that is neither grey nor of three colours.
    #[error("{}", if *.components == 4 {
        "a CMYK JPEG: which colours it shows depends on inks, only RGB and grey ones are read".to_owned()
    } else {
        format!("a JPEG of {components} components, only RGB and grey ones are read")
    })]
    Components {
        /// Colour components.
        components: u8,
    },
    /// A JPEG coded in a rare way.
    #[error(
        "a JPEG of process {process} (SOF{process}), only sequential (SOF0, SOF1) and progressive (SOF2) ones are read"
    )]
    Process {
        /// The number of its start-of-frame marker.
        process: u8,
    },
    /// Components of which one has 1.5 samples for one of another.
    #[error("a JPEG whose components are sampled at rates that do not divide each other")]
    Sampling,
    /// A JPEG that says its height behind its pixels, or not at all.
    #[error("the JPEG's height is not in its header (0 there; a DNL segment behind the pixels may have it)")]
    NoHeight,
    /// More scans than any encoder writes.
    #[error("a JPEG of more than {limit} scans")]
    Scans {
        /// Scans read at most.
        limit: usize,
    },
    /// A feature of a format that is not read.
    #[error("{what}")]
    Feature {
        /// What it is.
        what: &'static str,
    },
    /// Pixels that are not opaque, and nothing behind them.
    #[error("the picture is transparent in places: what it looks like depends on what is behind it")]
    Transparent,
    /// More than one frame.
    #[error("the {format} is animated")]
    Animated {
        /// The file's format.
        format: Format,
    },
    /// More than one picture.
    #[error("the TIFF has several pages, and nothing says which is meant")]
    Pages,
}

impl Problem {
    /// Its class.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Truncated { .. }
            | Self::Malformed { .. }
            | Self::Damaged { .. }
            | Self::Decoder { .. }
            | Self::DecoderPanicked { .. } => Kind::Damaged,
            Self::TooLarge { .. } | Self::Memory { .. } => Kind::TooLarge,
            _ => Kind::Unsupported,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::NotAPicture => "name a picture's file: PNG, JPEG, WebP or TIFF",
            Self::Truncated { .. } => "fetch or copy the whole file again",
            Self::Malformed { .. } | Self::Damaged { .. } | Self::Decoder { .. } | Self::DecoderPanicked { .. } => {
                "fetch the file again, or open it in an image editor, look at it, and save it as PNG"
            }
            Self::TooSmall { .. } => "take a larger picture",
            Self::TooLarge { .. } => "scale the picture down",
            Self::Memory { .. } => "scale the picture down, or save it without interlacing or progression",
            Self::Format { name: "HEIF" | "AVIF" } => {
                "convert to PNG, or have the camera write JPEG (\"most compatible\" on an iPhone)"
            }
            Self::Format { .. } | Self::Feature { .. } => "convert to PNG",
            Self::Depth { .. } => "convert to PNG with 8 or 16 bits a sample",
            Self::Components { .. } => "convert to RGB and save as PNG",
            Self::Process { .. } | Self::Sampling | Self::NoHeight | Self::Scans { .. } => {
                "convert to PNG or to a baseline JPEG"
            }
            Self::Transparent => "say which colour is behind it, or remove the alpha channel",
            Self::Animated { .. } => "save one frame as a PNG of its own",
            Self::Pages => "save the page that is meant as a PNG of its own",
        }
    }
}

impl veilmark_files::Classified for DecodeError {
    fn kind(&self) -> veilmark_files::Kind {
        use veilmark_files::Kind as Common;
        match self {
            Self::Io { source, .. } => Common::of_io(source),
            Self::NotAFile { .. } => Common::WrongFile,
            Self::TooLong { .. } => Common::Unsupported,
            Self::Refused { problem, .. } => match problem.kind() {
                Kind::Damaged => Common::FileDamaged,
                _ => Common::Unsupported,
            },
        }
    }
}
