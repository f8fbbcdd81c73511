//! JPEG: every picture to the samples that libjpeg-turbo has, or refused with its reason.
//!
//! A decoder of its own, because of what fingerprints and commitments need (`docs/pictures.md` has the measurement):
//! the same samples on every machine, no sample that the file did not give, and rows as they come. It takes 8-bit
//! sequential (SOF0, SOF1) and progressive (SOF2) files of one or three components at all sampling factors that divide
//! each other, in any division into scans.
//!
//! # What the caller must believe
//! The transform, the interpolation of chroma and the conversion of colours are those of libjpeg-turbo's defaults in
//! integers. What the file says is followed strictly: data that are missing or left over, codes that no table has,
//! scans that do not add up to the whole picture are errors. Damage that leaves a sound file of the right length cannot be
//! seen by anybody, as JPEG has no checksum.

mod bits;
mod frame;
mod planes;
mod scan;
mod standard;
mod transform;

#[cfg(test)]
mod tests;

use crate::{
    check, colour,
    error::{Format, Problem},
    exif::{self, Orientation},
    limits,
    note::{self, Note, Notes},
    sink::Sink,
};
use bits::Bits;
use frame::{Frame, Process, Scan, Tables};
use planes::{Colours, Planes};
use scan::{Block, Coder, Visitor};

/// Scans that a file may have. Encoders write a dozen.
const MAX_SCANS: usize = 100;

/// Bytes of a stored coefficient.
const COEFFICIENT_BYTES: u64 = 2;

fn malformed(what: &'static str) -> Problem {
    Problem::Malformed { format: Format::Jpeg, what }
}

fn damaged(what: &'static str) -> Problem {
    Problem::Damaged { format: Format::Jpeg, what }
}

fn truncated() -> Problem {
    Problem::Truncated { format: Format::Jpeg }
}

/// Reads a JPEG row by row.
///
/// # Errors
/// [`Problem`]; the sink may have got rows by then.
pub(crate) fn read(bytes: &[u8], sink: &mut impl Sink, notes: &mut Notes) -> Result<(), Problem> {
    Reader::new(bytes).read(sink, notes)
}

/// What application segments say.
#[derive(Default)]
struct About<'a> {
    is_jfif: bool,
    /// The transform of the Adobe segment.
    adobe: Option<u8>,
    exif: Option<&'a [u8]>,
    /// Further EXIF segments.
    more_exif: Vec<&'a [u8]>,
    profile: Vec<(u8, &'a [u8])>,
    xmp: Option<&'a [u8]>,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    tables: Tables,
    frame: Option<Frame>,
    about: About<'a>,
    /// Bytes that belong to nothing.
    skipped: usize,
    scans: usize,
    /// Blocks have values that no picture has.
    is_doubtful: bool,
}

/// A picture that comes in several scans.
struct Stored {
    /// The blocks of each component, row by row.
    blocks: Vec<Vec<Block>>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let about = About::default();
        Self { bytes, at: 2, tables: Tables::new(), frame: None, about, skipped: 0, scans: 0, is_doubtful: false }
    }

    fn read(mut self, sink: &mut impl Sink, notes: &mut Notes) -> Result<(), Problem> {
        let mut stored: Option<Stored> = None;
        let mut is_done = false;
        loop {
            let marker = self.marker()?;
            match marker {
                0xd9 => break,
                // TEM and restart markers stand alone and mean nothing here.
                0x01 | 0xd0..=0xd7 => {}
                0xda => {
                    let segment = self.segment()?;
                    self.scans += 1;
                    if self.scans > MAX_SCANS {
                        return Err(Problem::Scans { limit: MAX_SCANS });
                    }
                    let frame = self.frame.as_mut().ok_or_else(|| malformed("a scan before the frame header"))?;
                    if self.scans == 1 && frame.process == Process::Sequential {
                        self.tables.complete()?;
                    }
                    let scan = Scan::new(segment, frame, &self.tables)?;
                    if self.scans == 1 {
                        self.begin(&scan, sink, notes)?;
                    }
                    self.at = match &mut stored {
                        None if self.is_whole(&scan) => {
                            is_done = true;
                            self.stream(&scan, sink)?
                        }
                        None => self.store(&scan, stored.insert(self.new_store()?))?,
                        Some(stored) => self.store(&scan, stored)?,
                    };
                }
                _ => {
                    let segment = self.segment()?;
                    self.other(marker, segment)?;
                }
            }
        }
        let frame = self.frame.as_ref().ok_or_else(|| malformed("it has no picture"))?;
        if !frame.is_complete() {
            return Err(damaged("scans are missing: the picture is not there to its full accuracy"));
        }
        let mut is_doubtful = self.is_doubtful;
        if let Some(stored) = stored.filter(|_| !is_done) {
            is_doubtful = self.give(frame, &stored, sink)?;
        }
        if is_doubtful {
            notes.add(Note::PerhapsDamaged);
        }
        if self.skipped > 0 {
            notes.add(Note::BytesSkipped { count: self.skipped });
        }
        let first = exif::read(self.about.exif.unwrap_or_default()).ok().and_then(|exif| exif.orientation);
        let differs =
            |exif: &&[u8]| exif::read(exif).is_ok_and(|exif| exif.orientation.is_some_and(|o| Some(o) != first));
        if self.about.more_exif.iter().any(differs) {
            notes.add(Note::LaterExifIgnored);
        }
        Ok(())
    }

    /// The next marker.
    fn marker(&mut self) -> Result<u8, Problem> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let junk = rest.iter().position(|&byte| byte == 0xff).ok_or_else(truncated)?;
        if junk > 0 && self.scans > 0 {
            return Err(malformed("bytes that belong to no segment"));
        }
        let rest = rest.get(junk..).unwrap_or_default();
        let fill = rest.iter().position(|&byte| byte != 0xff).ok_or_else(truncated)?;
        self.skipped += junk;
        self.at += junk + fill + 1;
        match rest.get(fill) {
            Some(0) => Err(malformed("bytes that belong to no segment")),
            Some(&marker) => Ok(marker),
            None => Err(truncated()),
        }
    }

    /// The segment of the marker just read, without its length.
    fn segment(&mut self) -> Result<&'a [u8], Problem> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (length, _) = rest.split_first_chunk::<2>().ok_or_else(truncated)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let segment = rest.get(..length).ok_or_else(truncated)?.get(2..);
        self.at += length;
        segment.ok_or_else(|| malformed("a segment of less than no length"))
    }

    /// Tables, frame headers and application data.
    fn other(&mut self, marker: u8, segment: &'a [u8]) -> Result<(), Problem> {
        match marker {
            0xdb => self.tables.read_quantisers(segment),
            0xc4 => self.tables.read_codes(segment),
            0xdd => self.tables.read_restart(segment),
            // arithmetic coding's conditioning, of which a Huffman-coded file has no use
            0xcc => Err(malformed("tables of arithmetic coding, though it is not coded so")),
            0xc0..=0xcf if marker != 0xc8 => {
                if self.frame.is_some() {
                    return Err(malformed("it has two frames"));
                }
                let frame = Frame::new(marker, segment)?;
                check::size(frame.width, frame.height)?;
                self.frame = Some(frame);
                Ok(())
            }
            0xdc => {
                let height = self.frame.as_ref().map(|frame| frame.height);
                match *segment {
                    [high, low] if height == Some(u32::from(u16::from_be_bytes([high, low]))) => Ok(()),
                    _ => Err(malformed("it has two heights")),
                }
            }
            0xe0..=0xef => {
                self.application(marker, segment);
                Ok(())
            }
            0xfe => Ok(()),
            0xd8 => Err(malformed("a second start where none may be")),
            _ => Err(malformed("a marker that no JPEG of this kind has")),
        }
    }

    fn application(&mut self, marker: u8, segment: &'a [u8]) {
        let about = &mut self.about;
        let before = self.scans == 0;
        if let (0xe1, Some(exif)) = (marker, segment.strip_prefix(b"Exif\0\0").or(segment.strip_prefix(b"Exif\0\xff")))
        {
            if before && about.exif.is_none() {
                about.exif = Some(exif);
            } else {
                about.more_exif.push(exif);
            }
        }
        if !before {
            return;
        }
        match marker {
            0xe0 if segment.len() >= 14 && segment.starts_with(b"JFIF\0") => about.is_jfif = true,
            0xe1 => {
                let xmp = segment.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0");
                about.xmp = about.xmp.or(xmp);
            }
            0xe2 => {
                if let Some([number, _, part @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") {
                    about.profile.push((*number, part));
                }
            }
            0xee if segment.len() >= 12 && segment.starts_with(b"Adobe") => about.adobe = segment.get(11).copied(),
            _ => {}
        }
    }

    /// At the first scan everything is known that says how to show the picture.
    fn begin(&mut self, scan: &Scan, sink: &mut impl Sink, notes: &mut Notes) -> Result<(), Problem> {
        let Some(frame) = &self.frame else { return Ok(()) };
        frame::check_length(frame, scan, self.bytes.len() - self.at)?;
        self.colours()?;
        let exif = note::exif(self.about.exif, notes, Format::Jpeg)?;
        if exif.is_adobe_rgb && self.about.profile.is_empty() {
            notes.add(Note::ColourSpaceIgnored { space: "Adobe RGB".into() });
        }
        if exif.orientation.is_none() {
            note::xmp(self.about.xmp, notes);
        }
        self.about.profile.sort_by_key(|(number, _)| *number);
        if !self.about.profile.is_empty() {
            let profile: Vec<u8> = self.about.profile.iter().flat_map(|(_, part)| part.iter().copied()).collect();
            colour::note_profile(&profile, notes);
        }
        sink.begin(frame.width, frame.height, exif.orientation.unwrap_or(Orientation::UPRIGHT))
    }

    /// What the components mean: JFIF says, else Adobe's segment, else their names, as libjpeg has it.
    fn colours(&self) -> Result<Colours, Problem> {
        let Some([first, second, third]) = self.frame.as_ref().and_then(|frame| frame.components.as_array()) else {
            return Ok(Colours::Grey);
        };
        match self.about.adobe {
            _ if self.about.is_jfif => Ok(Colours::Ycc),
            Some(0) => Ok(Colours::Rgb),
            Some(1) => Ok(Colours::Ycc),
            Some(_) => Err(malformed("its Adobe segment names no colours that three components can have")),
            None if [first.id, second.id, third.id] == *b"RGB" => Ok(Colours::Rgb),
            None => Ok(Colours::Ycc),
        }
    }

    /// Whether a scan alone has the whole picture.
    fn is_whole(&self, scan: &Scan) -> bool {
        let frame = self.frame.as_ref();
        frame.is_some_and(|frame| frame.process == Process::Sequential && scan.parts.len() == frame.components.len())
    }

    fn coder<'t>(&'t self, frame: &Frame, scan: &Scan) -> Result<Coder<'t>, Problem> {
        Coder::new(frame.process, scan, &self.tables, Bits::new(self.bytes, self.at))
    }

    /// Reads the only scan straight to pixels.
    fn stream(&mut self, scan: &Scan, sink: &mut impl Sink) -> Result<usize, Problem> {
        let Some(frame) = &self.frame else { return Ok(self.at) };
        let planes =
            Planes::new(frame, self.colours()?, sink).ok_or_else(|| malformed("a quantisation table is missing"))?;
        let mut coder = self.coder(frame, scan)?;
        let mut stream = Stream { planes };
        scan::visit(frame, &mut coder, &mut stream)?;
        let is_doubtful = stream.planes.is_doubtful();
        let end = coder.finish()?;
        self.is_doubtful = is_doubtful;
        self.end(end)
    }

    fn end(&mut self, (at, padding): (usize, usize)) -> Result<usize, Problem> {
        self.skipped += padding;
        Ok(at)
    }

    fn new_store(&self) -> Result<Stored, Problem> {
        let Some(frame) = &self.frame else { return Ok(Stored { blocks: Vec::new() }) };
        let bytes = frame.blocks() * 64 * COEFFICIENT_BYTES;
        if bytes > limits::MAX_WORKING_BYTES {
            return Err(Problem::Memory { bytes, limit: limits::MAX_WORKING_BYTES });
        }
        let blocks = |c| vec![[0; 64]; (frame.stride(c) * frame.rows * c.v) as usize];
        Ok(Stored { blocks: frame.components.iter().map(blocks).collect() })
    }

    /// Reads one of several scans.
    fn store(&mut self, scan: &Scan, stored: &mut Stored) -> Result<usize, Problem> {
        let Some(frame) = &self.frame else { return Ok(self.at) };
        let mut coder = self.coder(frame, scan)?;
        scan::visit(frame, &mut coder, &mut Store { frame, stored })?;
        self.end(coder.finish()?)
    }

    /// Gives a stored picture on; true where it is doubtful.
    fn give(&self, frame: &Frame, stored: &Stored, sink: &mut impl Sink) -> Result<bool, Problem> {
        let mut planes =
            Planes::new(frame, self.colours()?, sink).ok_or_else(|| malformed("a quantisation table is missing"))?;
        for band in 0..frame.rows {
            for (index, (component, blocks)) in frame.components.iter().zip(&stored.blocks).enumerate() {
                let stride = frame.stride(component);
                for y in band * component.v..(band + 1) * component.v {
                    let row = blocks.iter().skip((y * stride) as usize).take(stride as usize);
                    for (x, block) in (0..).zip(row) {
                        planes.put(index, x, y, block)?;
                    }
                }
            }
            planes.end_band()?;
        }
        Ok(planes.is_doubtful())
    }
}

struct Stream<'s, S> {
    planes: Planes<'s, S>,
}

impl<S: Sink> Visitor for Stream<'_, S> {
    fn block(&mut self, coder: &mut Coder<'_>, part: usize, x: u32, y: u32) -> Result<(), Problem> {
        let mut block = [0; 64];
        coder.block(part, &mut block)?;
        self.planes.put(coder.component(part), x, y, &block)
    }

    fn row(&mut self) -> Result<(), Problem> {
        self.planes.end_band()
    }
}

struct Store<'a> {
    frame: &'a Frame,
    stored: &'a mut Stored,
}

impl Visitor for Store<'_> {
    fn block(&mut self, coder: &mut Coder<'_>, part: usize, x: u32, y: u32) -> Result<(), Problem> {
        let index = coder.component(part);
        let Some(component) = self.frame.components.get(index) else { return Ok(()) };
        let at = (y * self.frame.stride(component) + x) as usize;
        let Some(block) = self.stored.blocks.get_mut(index).and_then(|blocks| blocks.get_mut(at)) else {
            return Ok(());
        };
        coder.block(part, block)
    }
}
