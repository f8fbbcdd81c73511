//! TIFF: our own reader of directories, strips and tiles; crate `flate2` inflates.
//!
//! # What the caller must believe
//! Which pictures are read is decided by their tags, and that these are sound. Strips and tiles must be whole. Only deflate
//! has a checksum: other damage may give another picture.

mod directory;
mod unpack;

use crate::{
    check, colour,
    error::{Format, Problem},
    exif::Orientation,
    note::{Note, Notes},
    samples::{Background, Layout, Pixels},
    sink::Sink,
};
use directory::{Page, tag};
use unpack::Packing;

/// Who decodes TIFF. The number grows with every change of a sample.
pub(crate) const DECODER: &str = "veilmark-tiff 1";

/// The bit of `NewSubfileType` that a smaller copy of another page has.
const REDUCED: u32 = 1;

fn malformed(what: &'static str) -> Problem {
    Problem::Malformed { format: Format::Tiff, what }
}

fn unsupported<T>(what: &'static str) -> Result<T, Problem> {
    Err(Problem::Feature { what })
}

/// What a sample stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colours {
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    Palette,
}

/// How samples lie in the file.
#[derive(Clone, Copy, Debug)]
struct Storage {
    colours: Colours,
    /// Bits a sample.
    depth: u32,
    /// Samples a pixel.
    channels: usize,
    is_premultiplied: bool,
    /// Each channel in strips of its own.
    is_planar: bool,
    packing: Packing,
    /// Rows hold differences to the pixel on the left.
    has_differences: bool,
}

/// The grid of strips or tiles.
#[derive(Clone, Copy, Debug)]
struct Grid {
    is_tiled: bool,
    columns: u32,
    rows: u32,
    across: u32,
    down: u32,
}

/// Reads a TIFF.
pub(crate) fn read(
    bytes: &[u8],
    background: Option<Background>,
    sink: &mut impl Sink,
    notes: &mut Notes,
) -> Result<(), Problem> {
    let pages = directory::read(bytes)?;
    // the page that is the picture: the only one that is no smaller copy
    let mut whole = pages.iter().filter(|page| page.number(tag::NEW_SUBFILE_TYPE).unwrap_or_default() & REDUCED == 0);
    let page = match (whole.next(), whole.next(), &pages[..]) {
        (Some(page), None, _) | (None, None, [page]) => page,
        _ => return Err(Problem::Pages),
    };
    let side = |tag| page.number(tag).ok_or_else(|| malformed("it does not say its size"));
    let (width, height) = (side(tag::WIDTH)?, side(tag::HEIGHT)?);
    check::size(width, height)?;
    let storage = Storage::of(page)?;
    let grid = Grid::of(page, width, height)?;
    let orientation = match page.number(tag::ORIENTATION) {
        None | Some(0) => Orientation::UPRIGHT,
        Some(number) => Orientation::from_exif(number).unwrap_or_else(|| {
            notes.add(Note::OrientationUnclear);
            Orientation::UPRIGHT
        }),
    };
    if let Some(profile) = page.bytes(tag::ICC_PROFILE) {
        colour::note_profile(profile, notes);
    }
    let chunks = page.chunks(grid.is_tiled)?;
    let planes = if storage.is_planar { storage.channels } else { 1 };
    let count = u64::from(grid.across) * u64::from(grid.down) * planes as u64;
    if (chunks.len() as u64) < count {
        return Err(malformed("it has fewer strips or tiles than its size needs"));
    }
    let palette = if storage.colours == Colours::Palette { page.palette(storage.depth)? } else { vec![] };
    let picture = Picture { storage, grid, chunks, palette, is_little: bytes.starts_with(b"II"), width, height };
    picture.check_memory()?;
    sink.begin(width, height, orientation)?;
    let mut pixels = Pixels::new(picture.layout(), background);
    picture.rows(&mut pixels, sink)?;
    pixels.note(notes);
    Ok(())
}

impl Storage {
    fn of(page: &Page<'_>) -> Result<Self, Problem> {
        let packing = match page.number(tag::COMPRESSION).unwrap_or(1) {
            1 => Packing::None,
            5 => Packing::Lzw,
            8 | 32_946 => Packing::Deflate,
            32_773 => Packing::PackBits,
            6 | 7 => return unsupported("a TIFF with JPEG inside is not read"),
            2..=4 => return unsupported("a TIFF that is a fax is not read"),
            _ => {
                return unsupported("a TIFF of this compression is not read: only none, LZW, deflate and PackBits are");
            }
        };
        if page.number(tag::FILL_ORDER).unwrap_or(1) != 1 {
            return unsupported("a TIFF with its bits in reverse is not read");
        }
        if page.numbers(tag::SAMPLE_FORMAT).any(|format| format != 1) {
            return unsupported("a TIFF of signed or floating-point samples is not read");
        }
        let colours = match page.number(tag::COLOURS) {
            Some(0) => Colours::WhiteIsZero,
            Some(1) => Colours::BlackIsZero,
            Some(2) => Colours::Rgb,
            Some(3) => Colours::Palette,
            Some(5) => return unsupported("a CMYK TIFF is not read: which colours it shows depends on inks"),
            _ => return unsupported("a TIFF of these colours is not read: only grey, RGB and palettes are"),
        };
        let mut depths = page.numbers(tag::DEPTH);
        let depth = depths.next().unwrap_or(1);
        let deepest = if colours == Colours::Palette { 8 } else { 16 };
        let is_grey = matches!(colours, Colours::WhiteIsZero | Colours::BlackIsZero);
        let is_known = matches!(depth, 8 | 16) || is_grey && matches!(depth, 1 | 2 | 4);
        if !is_known || depth > deepest || depths.any(|other| other != depth) {
            return Err(Problem::Depth { format: Format::Tiff, bits: u16::try_from(depth).unwrap_or(u16::MAX) });
        }
        let channels = page.number(tag::CHANNELS).unwrap_or(1);
        let extra: Vec<u32> = page.numbers(tag::EXTRA_SAMPLES).collect();
        let is_premultiplied = match (channels.checked_sub(if colours == Colours::Rgb { 3 } else { 1 }), &extra[..]) {
            (Some(0), []) | (Some(1), [2]) => false,
            (Some(1), [1]) => true,
            _ => return unsupported("a TIFF with channels of which it does not say what they are is not read"),
        };
        let has_alpha = !extra.is_empty();
        if has_alpha && (depth < 8 || colours == Colours::Palette || colours == Colours::WhiteIsZero) {
            return unsupported("a TIFF with alpha is read with 8 or 16 bits of grey or RGB only");
        }
        let is_planar = match page.number(tag::PLANES).unwrap_or(1) {
            1 => false,
            2 => channels > 1,
            _ => return Err(malformed("an order of its channels that there is none of")),
        };
        let has_differences = match page.number(tag::PREDICTOR).unwrap_or(1) {
            1 => false,
            // with other packings readers pass over it, or do not
            2 if depth >= 8 && matches!(packing, Packing::Lzw | Packing::Deflate) => true,
            _ => return unsupported("a TIFF with a predictor is read with LZW or deflate, and 8 or 16 bits, only"),
        };
        let channels = channels as usize;
        Ok(Self { colours, depth, channels, is_premultiplied, is_planar, packing, has_differences })
    }
}

impl Grid {
    fn of(page: &Page<'_>, width: u32, height: u32) -> Result<Self, Problem> {
        let tile = (page.number(tag::TILE_WIDTH), page.number(tag::TILE_HEIGHT));
        let (is_tiled, columns, rows) = match tile {
            (Some(columns), Some(rows)) => (true, columns, rows),
            (None, None) => (false, width, page.number(tag::ROWS_PER_STRIP).unwrap_or(u32::MAX).min(height)),
            _ => return Err(malformed("tiles with one side")),
        };
        if columns == 0 || rows == 0 {
            return Err(malformed("strips or tiles of no size"));
        }
        Ok(Self { is_tiled, columns, rows, across: width.div_ceil(columns), down: height.div_ceil(rows) })
    }
}

/// A page whose tags are sound.
#[derive(Debug)]
struct Picture<'a> {
    storage: Storage,
    grid: Grid,
    chunks: Vec<&'a [u8]>,
    palette: Vec<[u16; 3]>,
    is_little: bool,
    width: u32,
    height: u32,
}

impl Picture<'_> {
    fn layout(&self) -> Layout {
        let Storage { colours, depth, channels, is_premultiplied, .. } = self.storage;
        let channels = if colours == Colours::Palette { 3 } else { channels };
        Layout { channels, white: if depth == 16 { u16::MAX } else { 255 }, is_premultiplied }
    }

    /// Samples a pixel in one strip or tile.
    fn per_chunk(&self) -> usize {
        if self.storage.is_planar { 1 } else { self.storage.channels }
    }

    /// Bytes of a row of a strip or tile.
    fn line_bytes(&self) -> u64 {
        (u64::from(self.grid.columns) * self.per_chunk() as u64 * u64::from(self.storage.depth)).div_ceil(8)
    }

    /// Refuses strips and tiles that would take too much memory: a band of them, and one that is being unpacked.
    fn check_memory(&self) -> Result<(), Problem> {
        let rows = u64::from(self.grid.rows);
        let band = 2 * u64::from(self.width) * self.storage.channels as u64 * rows.min(u64::from(self.height));
        let chunk = self.line_bytes().saturating_mul(rows).saturating_mul(2);
        check::memory(band.saturating_add(chunk)).map(|_| ())
    }

    /// Gives all rows on.
    fn rows(&self, pixels: &mut Pixels, sink: &mut impl Sink) -> Result<(), Problem> {
        let Grid { is_tiled, columns, rows, across, down } = self.grid;
        let (channels, width) = (self.storage.channels, self.width as usize);
        let mut band: Vec<u16> = Vec::new();
        let mut samples: Vec<u16> = Vec::new();
        for y in 0..down {
            let lines = rows.min(self.height - y * rows) as usize;
            band.clear();
            band.resize(channels * width * lines, 0);
            // a tile at an edge is whole, a last strip is not
            let stored = if is_tiled { rows as usize } else { lines };
            let planes = if self.storage.is_planar { channels } else { 1 };
            for (plane, x) in (0..planes).flat_map(|plane| (0..across).map(move |x| (plane, x))) {
                let index = (plane * down as usize + y as usize) * across as usize + x as usize;
                let chunk = self.chunks.get(index).copied().unwrap_or_default();
                let line = self.line_bytes() as usize;
                let mut bytes = unpack::unpack(self.storage.packing, chunk, line * stored)?;
                let left = (x * columns) as usize;
                let kept = (columns as usize).min(width - left);
                for (row, bytes) in bytes.chunks_exact_mut(line).take(lines).enumerate() {
                    self.line_samples(bytes, &mut samples);
                    let step = self.per_chunk();
                    let row = band.chunks_exact_mut(channels * width).nth(row).unwrap_or_default();
                    let places = row.chunks_exact_mut(channels).skip(left).take(kept);
                    for (place, samples) in places.zip(samples.chunks_exact(step)) {
                        place.iter_mut().skip(plane).zip(samples).for_each(|(place, sample)| *place = *sample);
                    }
                }
            }
            for line in band.chunks_exact(channels * width) {
                self.give(line, &mut samples, pixels, sink)?;
            }
        }
        Ok(())
    }

    /// The samples of a row of a strip or tile.
    fn line_samples(&self, bytes: &[u8], samples: &mut Vec<u16>) {
        samples.clear();
        let depth = self.storage.depth;
        let join = if self.is_little { u16::from_le_bytes } else { u16::from_be_bytes };
        match depth {
            16 => samples.extend(bytes.as_chunks::<2>().0.iter().map(|pair| join(*pair))),
            8 => samples.extend(bytes.iter().map(|byte| u16::from(*byte))),
            _ => {
                let (most, scale) = ((1u16 << depth) - 1, 255 / ((1 << depth) - 1));
                let of = |byte: u8| (1..=8 / depth).map(move |at| (u16::from(byte) >> (8 - at * depth) & most) * scale);
                samples.extend(bytes.iter().copied().flat_map(of));
            }
        }
        if self.storage.has_differences {
            let most = if depth == 16 { u16::MAX } else { 255 };
            let step = self.per_chunk();
            for at in step..samples.len() {
                samples[at] = samples[at].wrapping_add(samples[at - step]) & most;
            }
        }
    }

    /// Gives a row on, as the colours that its samples stand for.
    fn give(
        &self,
        line: &[u16],
        room: &mut Vec<u16>,
        pixels: &mut Pixels,
        sink: &mut impl Sink,
    ) -> Result<(), Problem> {
        room.clear();
        let white = self.layout().white;
        match self.storage.colours {
            Colours::BlackIsZero | Colours::Rgb => room.extend_from_slice(line),
            Colours::WhiteIsZero => room.extend(line.iter().map(|sample| white - sample)),
            // as many colours as samples can name
            Colours::Palette => {
                room.extend(
                    line.iter().flat_map(|&index| self.palette.get(usize::from(index)).copied().unwrap_or_default()),
                );
            }
        }
        sink.row(pixels.row(room)?)
    }
}
