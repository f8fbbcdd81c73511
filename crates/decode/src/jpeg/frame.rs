//! What a JPEG's segments say: frame, scans and tables.

use super::{bits::Huffman, damaged, malformed, standard};
use crate::error::{Format, Problem};

/// Coefficients in the order in which they are coded, as places in raster order.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// Blocks that one unit of an interleaved scan may have.
const MAX_UNIT_BLOCKS: u32 = 10;

/// How a frame is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Process {
    Sequential,
    Progressive,
}

/// A frame header.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) process: Process,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) components: Vec<Component>,
    /// The largest horizontal sampling factor.
    pub(super) max_h: u32,
    /// The largest vertical sampling factor.
    pub(super) max_v: u32,
    /// Units of interleaved scans: columns.
    pub(super) columns: u32,
    /// Units of interleaved scans: rows.
    pub(super) rows: u32,
}

/// A component of a frame.
#[derive(Clone, Debug)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Horizontal sampling factor.
    pub(super) h: u32,
    /// Vertical sampling factor.
    pub(super) v: u32,
    /// The slot of its quantisers.
    pub(super) table: u8,
    /// Its quantisers in raster order, as they stood at its first scan.
    pub(super) quantisers: Option<[u16; 64]>,
    /// Samples across, without what fills the last block up.
    pub(super) width: u32,
    /// Samples down.
    pub(super) height: u32,
    /// For each coefficient, the bits that are still to come, plus one; 0 where no scan had it.
    pub(super) precision: [u8; 64],
}

impl Frame {
    /// Reads a start-of-frame segment, without its marker and length.
    pub(super) fn new(marker: u8, segment: &[u8]) -> Result<Self, Problem> {
        let [bits, h0, h1, w0, w1, count, list @ ..] = segment else {
            return Err(malformed("its frame header is too short"));
        };
        let process = match marker {
            0xc0 | 0xc1 => Process::Sequential,
            0xc2 => Process::Progressive,
            _ => return Err(Problem::Process { process: marker - 0xc0 }),
        };
        if *bits != 8 {
            return Err(Problem::Depth { format: Format::Jpeg, bits: u16::from(*bits) });
        }
        if !matches!(count, 1 | 3) {
            return Err(Problem::Components { components: *count });
        }
        if list.len() != 3 * usize::from(*count) {
            return Err(malformed("its frame header has the wrong length"));
        }
        let [width, height] = [[*w0, *w1], [*h0, *h1]].map(|side| u32::from(u16::from_be_bytes(side)));
        if height == 0 {
            return Err(Problem::NoHeight);
        }
        let mut components: Vec<Component> = Vec::new();
        for &[id, sampling, table] in list.as_chunks::<3>().0 {
            let (h, v) = (u32::from(sampling >> 4), u32::from(sampling & 15));
            if !(1..=4).contains(&h) || !(1..=4).contains(&v) || table > 3 {
                return Err(malformed("a component with impossible parameters"));
            }
            if components.iter().any(|other| other.id == id) {
                return Err(malformed("two components have one name"));
            }
            // The only component of a frame is never subsampled against another.
            let (h, v) = if *count == 1 { (1, 1) } else { (h, v) };
            let precision = [0; 64];
            components.push(Component { id, h, v, table, quantisers: None, width: 0, height: 0, precision });
        }
        let max = |factor: fn(&Component) -> u32| components.iter().map(factor).max().unwrap_or(1);
        let (max_h, max_v) = (max(|c| c.h), max(|c| c.v));
        for component in &mut components {
            if !max_h.is_multiple_of(component.h) || !max_v.is_multiple_of(component.v) {
                return Err(Problem::Sampling);
            }
            component.width = (width * component.h).div_ceil(max_h);
            component.height = (height * component.v).div_ceil(max_v);
        }
        let (columns, rows) = (width.div_ceil(8 * max_h), height.div_ceil(8 * max_v));
        Ok(Self { process, width, height, components, max_h, max_v, columns, rows })
    }

    /// Blocks across of a component, those that fill the last unit up included.
    pub(super) fn stride(&self, component: &Component) -> u32 {
        self.columns * component.h
    }

    /// Blocks of the whole frame, those that fill units up included.
    pub(super) fn blocks(&self) -> u64 {
        let units = u64::from(self.columns) * u64::from(self.rows);
        units * self.components.iter().map(|c| u64::from(c.h * c.v)).sum::<u64>()
    }

    /// Whether every coefficient has been read to its last bit.
    pub(super) fn is_complete(&self) -> bool {
        self.components.iter().all(|component| component.precision.iter().all(|&bits| bits == 1))
    }
}

/// A component in a scan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    /// Its index in the frame.
    pub(super) component: usize,
    pub(super) dc: u8,
    pub(super) ac: u8,
}

/// A scan header.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) parts: Vec<Part>,
    /// The first coefficient.
    pub(super) first: u8,
    /// The last coefficient.
    pub(super) last: u8,
    /// Whether it refines coefficients that an earlier scan began.
    pub(super) refines: bool,
    /// Bits of each coefficient that later scans give.
    pub(super) shift: u8,
}

impl Scan {
    /// Reads a start-of-scan segment, and notes in the frame which bits of which coefficients it has.
    pub(super) fn new(segment: &[u8], frame: &mut Frame, tables: &Tables) -> Result<Self, Problem> {
        let wrong = || malformed("a scan header with impossible parameters");
        let (&count, rest) = segment.split_first().ok_or_else(wrong)?;
        let (list, rest) = rest.split_at_checked(2 * usize::from(count)).ok_or_else(wrong)?;
        let &[first, last, bits] = rest else { return Err(wrong()) };
        if !(1..=4).contains(&count) || last > 63 || first > last {
            return Err(wrong());
        }
        let mut parts: Vec<Part> = Vec::new();
        for &[id, selectors] in list.as_chunks::<2>().0 {
            let component = frame.components.iter().position(|component| component.id == id).ok_or_else(wrong)?;
            if parts.iter().any(|part| part.component == component) || selectors >> 4 > 3 || selectors & 15 > 3 {
                return Err(wrong());
            }
            parts.push(Part { component, dc: selectors >> 4, ac: selectors & 15 });
        }
        let blocks = parts.iter().filter_map(|part| frame.components.get(part.component)).map(|c| c.h * c.v);
        if parts.len() > 1 && blocks.sum::<u32>() > MAX_UNIT_BLOCKS {
            return Err(malformed("a scan of more blocks a unit than there may be"));
        }
        let scan = Self { parts, first, last, refines: bits >> 4 != 0, shift: bits & 15 };
        let fits = match frame.process {
            Process::Sequential => (first, last, bits) == (0, 63, 0),
            Process::Progressive => {
                let high = bits >> 4;
                let kinds = if first == 0 { last == 0 } else { scan.parts.len() == 1 };
                kinds && scan.shift <= 13 && (high == 0 || high == scan.shift + 1)
            }
        };
        if !fits {
            return Err(wrong());
        }
        for part in &scan.parts {
            let Some(component) = frame.components.get_mut(part.component) else { continue };
            if component.quantisers.is_none() {
                component.quantisers = Some(tables.quantisers(component.table)?);
            }
            scan.note_precision(component)?;
        }
        Ok(scan)
    }

    /// Each coefficient is begun once, refined bit by bit, and its DC comes first.
    fn note_precision(&self, component: &mut Component) -> Result<(), Problem> {
        let out_of_order = || malformed("its scans come in an impossible order");
        if self.first > 0 && component.precision.first() == Some(&0) {
            return Err(out_of_order());
        }
        for precision in &mut component.precision[usize::from(self.first)..=usize::from(self.last)] {
            let expected = if self.refines { self.shift + 2 } else { 0 };
            if *precision != expected {
                return Err(out_of_order());
            }
            *precision = self.shift + 1;
        }
        Ok(())
    }
}

/// Tables, as they stand at a place in the file.
pub(super) struct Tables {
    quantisers: [Option<[u16; 64]>; 4],
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    /// Units between restart markers; 0 for none.
    pub(super) restart: u32,
}

impl Tables {
    /// None.
    pub(super) const fn new() -> Self {
        Self { quantisers: [None; 4], dc: [const { None }; 4], ac: [const { None }; 4], restart: 0 }
    }

    /// Takes the codes of the standard's annex K for those that a sequential file has not brought before its first scan, as motion
    /// JPEG leaves them out. A progressive file must bring its own.
    pub(super) fn complete(&mut self) -> Result<(), Problem> {
        let [dc0, dc1, ac0, ac1] = standard::codes()?;
        for (table, code) in [(&mut self.dc, [dc0, dc1]), (&mut self.ac, [ac0, ac1])] {
            for (slot, code) in table.iter_mut().zip(code) {
                slot.get_or_insert(code);
            }
        }
        Ok(())
    }

    fn quantisers(&self, slot: u8) -> Result<[u16; 64], Problem> {
        self.quantisers
            .get(usize::from(slot))
            .copied()
            .flatten()
            .ok_or_else(|| malformed("a quantisation table is missing"))
    }

    pub(super) fn dc(&self, slot: u8) -> Result<&Huffman, Problem> {
        self.dc.get(usize::from(slot)).and_then(Option::as_ref).ok_or_else(|| malformed("a Huffman table is missing"))
    }

    pub(super) fn ac(&self, slot: u8) -> Result<&Huffman, Problem> {
        self.ac.get(usize::from(slot)).and_then(Option::as_ref).ok_or_else(|| malformed("a Huffman table is missing"))
    }

    /// Reads a DQT segment.
    pub(super) fn read_quantisers(&mut self, mut segment: &[u8]) -> Result<(), Problem> {
        let wrong = || malformed("a quantisation table that is none");
        while let Some((&head, rest)) = segment.split_first() {
            let slot = self.quantisers.get_mut(usize::from(head & 15)).ok_or_else(wrong)?;
            let width = match head >> 4 {
                0 => 1,
                1 => 2,
                _ => return Err(wrong()),
            };
            let (values, rest) = rest.split_at_checked(64 * width).ok_or_else(wrong)?;
            let mut table = [0; 64];
            for (value, &place) in values.chunks_exact(width).zip(&ZIGZAG) {
                table[usize::from(place)] = value.iter().fold(0, |sum, &byte| sum << 8 | u16::from(byte));
            }
            *slot = Some(table);
            segment = rest;
        }
        Ok(())
    }

    /// Reads a DHT segment.
    pub(super) fn read_codes(&mut self, mut segment: &[u8]) -> Result<(), Problem> {
        let wrong = || malformed("a Huffman table that is none");
        while let Some((&head, rest)) = segment.split_first() {
            let (lengths, rest) = rest.split_first_chunk::<16>().ok_or_else(wrong)?;
            let count = lengths.iter().map(|&count| usize::from(count)).sum();
            let (symbols, rest) = rest.split_at_checked(count).ok_or_else(wrong)?;
            let kind = match head >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return Err(wrong()),
            };
            let slot = kind.get_mut(usize::from(head & 15)).ok_or_else(wrong)?;
            *slot = Some(Huffman::new(lengths, symbols, head >> 4 == 0)?);
            segment = rest;
        }
        Ok(())
    }

    /// Reads a DRI segment.
    pub(super) fn read_restart(&mut self, segment: &[u8]) -> Result<(), Problem> {
        let &[high, low] = segment else { return Err(malformed("a restart interval that is none")) };
        self.restart = u32::from(u16::from_be_bytes([high, low]));
        Ok(())
    }
}

/// Refuses a frame whose first scan cannot be in so few bytes: a block takes a bit at least.
pub(super) fn check_length(frame: &Frame, scan: &Scan, bytes: usize) -> Result<(), Problem> {
    let parts = scan.parts.iter().filter_map(|part| frame.components.get(part.component));
    let blocks: u64 = parts.map(|c| u64::from(c.width.div_ceil(8)) * u64::from(c.height.div_ceil(8))).sum();
    if blocks.div_ceil(8) > bytes as u64 {
        return Err(damaged("a scan ends before its last block: data are missing"));
    }
    Ok(())
}
