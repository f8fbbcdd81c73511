//! The file, and the files beside it that hold its weights.
//!
//! A tensor may name a file beside the model by a plain name. Nothing else is followed: no path, no link, no device; and nothing is
//! read whose size is not what the tensor says.
use super::{
    error::{ImportError, Kind, graph_error},
    proto::{declared_size, is_external, tensor_error},
};
use std::{
    collections::HashMap,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Component, Path, PathBuf},
};
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, TensorProto};

/// The most bytes of a file, and of all its weights in files beside it.
pub const MAX_FILE_BYTES: u64 = 640 << 20;
/// The most files beside one.
const MAX_FILES: usize = 256;

/// An ONNX file that is read, and the folder that it stands in.
#[derive(Debug)]
pub struct OnnxFile {
    pub(crate) bytes: Vec<u8>,
    folder: Option<PathBuf>,
}

impl OnnxFile {
    /// Reads a file of at most [`MAX_FILE_BYTES`].
    ///
    /// # Errors
    /// [`ImportError::Io`] and [`ImportError::FileSize`].
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let io = |source| ImportError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let size = file.metadata().map_err(io)?.len();
        if size > MAX_FILE_BYTES {
            return Err(ImportError::FileSize { limit: MAX_FILE_BYTES, got: size });
        }
        let mut bytes = Vec::new();
        // a pipe or a device has no size of its own
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(ImportError::FileSize { limit: MAX_FILE_BYTES, got: bytes.len() as u64 });
        }
        let folder = path.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
        Ok(Self { bytes, folder: folder.map(Path::to_owned) })
    }

    /// A file's bytes, with nothing beside them.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes, folder: None }
    }

    /// Puts the weights of files beside this one where they would be in the file itself.
    pub(crate) fn load_external(&self, proto: &mut ModelProto) -> Result<(), ImportError> {
        let mut beside = Beside { folder: self.folder.as_deref(), files: HashMap::new(), left: MAX_FILE_BYTES };
        if let Some(graph) = &mut proto.graph {
            beside.graph(graph)?;
        }
        proto.functions.iter_mut().flat_map(|function| &mut function.node).try_for_each(|node| beside.node(node))
    }
}

/// The files beside the model that have been opened.
#[derive(Debug)]
struct Beside<'a> {
    folder: Option<&'a Path>,
    files: HashMap<String, (File, u64)>,
    /// Bytes that may still be read.
    left: u64,
}

impl Beside<'_> {
    fn graph(&mut self, graph: &mut GraphProto) -> Result<(), ImportError> {
        graph.initializer.iter_mut().try_for_each(|tensor| self.tensor(tensor))?;
        graph.node.iter_mut().try_for_each(|node| self.node(node))
    }

    fn node(&mut self, node: &mut NodeProto) -> Result<(), ImportError> {
        for attribute in &mut node.attribute {
            attribute.t.iter_mut().chain(&mut attribute.tensors).try_for_each(|tensor| self.tensor(tensor))?;
            attribute.g.iter_mut().chain(&mut attribute.graphs).try_for_each(|graph| self.graph(graph))?;
        }
        Ok(())
    }

    fn tensor(&mut self, tensor: &mut TensorProto) -> Result<(), ImportError> {
        if !is_external(tensor) {
            return Ok(());
        }
        let error =
            |what, expected: &str, got: String| tensor_error(Kind::ExternalData, &tensor.name, what, expected, got);
        let entry = |key: &str| tensor.external_data.iter().find(|entry| entry.key == key).map(|e| e.value.as_str());
        let number = |key: &str| -> Result<Option<u64>, ImportError> {
            let Some(text) = entry(key) else { return Ok(None) };
            let digits = !text.is_empty() && text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
            let value = text.parse().ok().filter(|_| digits);
            value.map(Some).ok_or_else(|| error("a number of its file", "decimal digits", format!("{text:.40?}")))
        };
        let name = entry("location").unwrap_or_default();
        let mut components = Path::new(name).components();
        let plain = matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
            && !name.contains(['/', '\\', '\0']);
        let shown: String = name.chars().take(120).collect();
        if !plain {
            return Err(error("the file of its data", "a plain name in the model's folder", format!("{shown:?}")));
        }
        let Some(folder) = self.folder else {
            return Err(error("the data", "in the file itself: there is no folder", format!("in {shown:?}")));
        };
        let (elements, width) = declared_size(tensor)?;
        let wanted = elements as u64 * width as u64;
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        if !self.files.contains_key(name) {
            if self.files.len() >= MAX_FILES {
                let (expected, got) = (format!("at most {MAX_FILES}"), "more");
                return Err(graph_error(Kind::TooLarge, "the files of weights", expected, got));
            }
            let path = folder.join(name);
            let opened = open_regular(&path).map_err(|problem| match problem {
                Problem::Io(source) => ImportError::Io { path, source },
                Problem::NotRegular => error("the file of its data", "a regular file, no link", format!("{shown:?}")),
            })?;
            self.files.insert(name.to_owned(), opened);
        }
        let Some((file, size)) = self.files.get_mut(name) else {
            return Err(error("the file of its data", "open", format!("{shown:?}")));
        };
        let rest = size.saturating_sub(offset);
        if length.unwrap_or(rest) != wanted || wanted > rest {
            let got = format!("{} of {size} in {shown:?} from {offset}", length.unwrap_or(rest));
            return Err(error("the bytes of its data", &wanted.to_string(), got));
        }
        let io = |source| ImportError::Io { path: folder.join(name), source };
        self.left = self.left.checked_sub(wanted).ok_or_else(|| {
            graph_error(Kind::TooLarge, "the bytes of all weights", format!("at most {MAX_FILE_BYTES}"), "more")
        })?;
        let mut raw = vec![0; usize::try_from(wanted).unwrap_or(0)];
        file.seek(SeekFrom::Start(offset)).map_err(io)?;
        file.read_exact(&mut raw).map_err(io)?;
        tensor.raw_data = raw;
        tensor.external_data.clear();
        tensor.data_location = None;
        Ok(())
    }
}

#[derive(Debug)]
enum Problem {
    Io(std::io::Error),
    NotRegular,
}

/// Opens a regular file that is no link, and says its size; a pipe is not waited for.
fn open_regular(path: &Path) -> Result<(File, u64), Problem> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| match error {
        rustix::io::Errno::LOOP => Problem::NotRegular,
        other => Problem::Io(other.into()),
    })?;
    let file = File::from(file);
    let metadata = file.metadata().map_err(Problem::Io)?;
    if metadata.is_file() { Ok((file, metadata.len())) } else { Err(Problem::NotRegular) }
}
