//! The blocks of a scan: sequential, and the four kinds of progressive ones.

use super::{
    bits::{Bits, Huffman},
    damaged,
    frame::{Frame, Part, Process, Scan, Tables, ZIGZAG},
};
use crate::error::Problem;

/// The coefficients of a block in raster order.
pub(super) type Block = [i16; 64];

/// Who takes a scan's blocks.
pub(super) trait Visitor {
    /// Reads the next block, that of a component at a place in blocks.
    fn block(&mut self, coder: &mut Coder<'_>, part: usize, x: u32, y: u32) -> Result<(), Problem>;

    /// A row of units is read.
    fn row(&mut self) -> Result<(), Problem> {
        Ok(())
    }
}

/// Reads a scan's blocks in their order.
pub(super) fn visit(frame: &Frame, coder: &mut Coder<'_>, visitor: &mut impl Visitor) -> Result<(), Problem> {
    let parts: Vec<_> = coder.parts.iter().filter_map(|(part, ..)| frame.components.get(part.component)).collect();
    // The units of a scan of one component are its blocks, without those that fill up.
    let (columns, rows) = match *parts {
        [one] => (one.width.div_ceil(8), one.height.div_ceil(8)),
        _ => (frame.columns, frame.rows),
    };
    let sizes: Vec<_> = parts.iter().map(|c| if parts.len() == 1 { (1, 1) } else { (c.h, c.v) }).collect();
    let mut unit = 0;
    for row in 0..rows {
        for column in 0..columns {
            coder.next_unit(unit)?;
            unit += 1;
            for (part, &(h, v)) in sizes.iter().enumerate() {
                for y in 0..v {
                    for x in 0..h {
                        visitor.block(coder, part, column * h + x, row * v + y)?;
                    }
                }
            }
        }
        visitor.row()?;
    }
    Ok(())
}

/// Decodes blocks.
pub(super) struct Coder<'a> {
    bits: Bits<'a>,
    /// Each component with its codes, where the kind of scan has them.
    parts: Vec<(Part, Option<&'a Huffman>, Option<&'a Huffman>)>,
    first: usize,
    last: usize,
    shift: u8,
    kind: Kind,
    restart: u32,
    /// The last DC of each component.
    levels: [i32; 4],
    /// Blocks from here on that have nothing more.
    empty: u32,
}

/// What a scan has of a block.
#[derive(Clone, Copy)]
enum Kind {
    All,
    Dc,
    DcBit,
    Ac,
    AcBit,
}

fn overrun() -> Problem {
    damaged("a block with more than 64 coefficients")
}

fn too_large() -> Problem {
    damaged("a coefficient that no picture has")
}

impl<'a> Coder<'a> {
    pub(super) fn new(process: Process, scan: &Scan, tables: &'a Tables, bits: Bits<'a>) -> Result<Self, Problem> {
        let kind = match (process, scan.first, scan.refines) {
            (Process::Sequential, ..) => Kind::All,
            (_, 0, false) => Kind::Dc,
            (_, 0, true) => Kind::DcBit,
            (.., false) => Kind::Ac,
            (.., true) => Kind::AcBit,
        };
        let mut parts = Vec::new();
        for part in &scan.parts {
            let dc = if matches!(kind, Kind::All | Kind::Dc) { Some(tables.dc(part.dc)?) } else { None };
            let ac = if matches!(kind, Kind::All | Kind::Ac | Kind::AcBit) { Some(tables.ac(part.ac)?) } else { None };
            parts.push((*part, dc, ac));
        }
        let (first, last) = (usize::from(scan.first), usize::from(scan.last));
        let restart = tables.restart;
        Ok(Self { bits, parts, first, last, shift: scan.shift, kind, restart, levels: [0; 4], empty: 0 })
    }

    /// The component of a part of the scan.
    pub(super) fn component(&self, part: usize) -> usize {
        self.parts.get(part).map_or(0, |(part, ..)| part.component)
    }

    fn next_unit(&mut self, unit: u32) -> Result<(), Problem> {
        if self.restart == 0 || unit == 0 || !unit.is_multiple_of(self.restart) {
            return Ok(());
        }
        self.check_run()?;
        self.bits.restart(((unit / self.restart - 1) % 8) as u8)?;
        self.levels = [0; 4];
        Ok(())
    }

    fn check_run(&self) -> Result<(), Problem> {
        if self.empty > 0 { Err(damaged("a run of blocks goes past the end of its scan")) } else { Ok(()) }
    }

    /// Ends the scan: see [`Bits::finish`].
    pub(super) fn finish(self) -> Result<(usize, usize), Problem> {
        self.check_run()?;
        self.bits.finish()
    }

    /// Reads what the scan has of a block.
    pub(super) fn block(&mut self, part: usize, block: &mut Block) -> Result<(), Problem> {
        match self.kind {
            Kind::All => {
                block[0] = self.level(part)?;
                self.coefficients(part, 1, 63, block)
            }
            Kind::Dc => {
                block[0] = self.level(part)?;
                Ok(())
            }
            Kind::DcBit => {
                if self.bits.bit()? {
                    block[0] |= 1 << self.shift;
                }
                Ok(())
            }
            Kind::Ac => self.coefficients(part, self.first, self.last, block),
            Kind::AcBit => self.refine(part, block),
        }
    }

    fn level(&mut self, part: usize) -> Result<i16, Problem> {
        let Some((_, Some(code), _)) = self.parts.get(part).copied() else { return Ok(0) };
        let size = self.bits.symbol(code)?;
        let difference = self.bits.signed(u32::from(size))?;
        let level = self.levels.get_mut(part).ok_or_else(too_large)?;
        *level += difference;
        // Held back to 16 bits here: sums of differences would leave 32.
        i16::try_from(*level << self.shift).map_err(|_| too_large())
    }

    fn coefficients(&mut self, part: usize, first: usize, last: usize, block: &mut Block) -> Result<(), Problem> {
        if self.empty > 0 {
            self.empty -= 1;
            return Ok(());
        }
        let Some((.., Some(code))) = self.parts.get(part).copied() else { return Ok(()) };
        let mut k = first;
        while k <= last {
            let symbol = self.bits.symbol(code)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 && run < 15 {
                self.begin_run(run as u32)?;
                self.empty -= 1;
                return Ok(());
            }
            k += run;
            if k > last {
                return Err(overrun());
            }
            if size > 0 {
                let value = i16::try_from(self.bits.signed(size)? << self.shift).map_err(|_| too_large())?;
                *place(block, k) = value;
            }
            k += 1;
        }
        Ok(())
    }

    /// Begins a run of blocks that have nothing more; in sequential scans it is one block long.
    fn begin_run(&mut self, bits: u32) -> Result<(), Problem> {
        if matches!(self.kind, Kind::All) && bits > 0 {
            return Err(damaged("a code that sequential scans do not have"));
        }
        self.empty = (1 << bits) + self.bits.number(bits)?;
        Ok(())
    }

    /// One more bit of each coefficient that is not zero, and new ones of that bit.
    fn refine(&mut self, part: usize, block: &mut Block) -> Result<(), Problem> {
        let Some((.., Some(code))) = self.parts.get(part).copied() else { return Ok(()) };
        let bit = 1i16 << self.shift;
        let mut k = self.first;
        while self.empty == 0 && k <= self.last {
            let symbol = self.bits.symbol(code)?;
            let mut zeros = symbol >> 4;
            let new = match symbol & 15 {
                0 if zeros < 15 => {
                    self.begin_run(u32::from(zeros))?;
                    break;
                }
                0 => 0,
                1 => {
                    if self.bits.bit()? {
                        bit
                    } else {
                        -bit
                    }
                }
                _ => return Err(damaged("a refinement by more than a bit")),
            };
            // Past as many zeros as the code says, to the zero that becomes the new coefficient.
            loop {
                if k > self.last {
                    return Err(overrun());
                }
                let value = place(block, k);
                k += 1;
                if *value != 0 {
                    if self.bits.bit()? {
                        grow(value, bit)?;
                    }
                } else if zeros == 0 {
                    *value = new;
                    break;
                } else {
                    zeros -= 1;
                }
            }
        }
        if self.empty > 0 {
            self.empty -= 1;
            for k in k..=self.last {
                let value = place(block, k);
                if *value != 0 && self.bits.bit()? {
                    grow(value, bit)?;
                }
            }
        }
        Ok(())
    }
}

/// The `k`th coefficient in coding order.
fn place(block: &mut Block, k: usize) -> &mut i16 {
    &mut block[usize::from(ZIGZAG[k & 63]) & 63]
}

/// Adds a bit to a coefficient's absolute value.
fn grow(value: &mut i16, bit: i16) -> Result<(), Problem> {
    *value = value.checked_add(bit * value.signum()).ok_or_else(too_large)?;
    Ok(())
}
