//! Pictures to pixels, for whoever compares them: `tests/pictures` talks to it over its standard input and output.
//!
//! In: a picture's length (4 bytes, little-endian), then its bytes; again and again. Out, for each: the length of a line
//! of JSON, the line, and `3 * width * height` bytes where it was read. `--background RRGGBB` puts transparent pictures
//! on a colour.

use serde_json::json;
use std::io::{self, BufReader, BufWriter, Read, Write};
use veilmark_decode::{Background, Options, decode_bytes, fingerprint_bytes};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options::default();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {}
        ["--background", colour] => {
            let [_, r, g, b] = u32::from_str_radix(colour, 16)?.to_be_bytes();
            options.background = Some(Background([r, g, b]));
        }
        _ => return Err("usage: pixels [--background RRGGBB]".into()),
    }
    // A crate's panic is caught and reported as a refusal; its message would be noise.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut input, mut output) = (BufReader::new(io::stdin().lock()), BufWriter::new(io::stdout().lock()));
    let mut length = [0; 4];
    while input.read_exact(&mut length).is_ok() {
        let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
        input.read_exact(&mut bytes)?;
        let (line, raster) = match decode_bytes(&bytes, &options) {
            Ok(decoded) => {
                let streamed = fingerprint_bytes(&bytes, &options)?;
                let whole = veilmark_statement::pdq::pdq(&decoded.raster);
                let notes: Vec<_> = decoded.notes.iter().map(|note| note.name()).collect();
                let line = json!({
                    "width": decoded.raster.width(), "height": decoded.raster.height(), "notes": notes,
                    "decoder": decoded.decoder, "fingerprint": whole.fingerprint.to_string(),
                    "quality": whole.quality, "unstable_bits": whole.unstable_bits, "streamed_alike": streamed.pdq == whole,
                });
                (line, Some(decoded.raster))
            }
            Err(problem) => (json!({"error": problem.to_string(), "kind": format!("{:?}", problem.kind())}), None),
        };
        let line = line.to_string();
        output.write_all(&(line.len() as u32).to_le_bytes())?;
        output.write_all(line.as_bytes())?;
        if let Some(raster) = raster {
            output.write_all(raster.pixels().as_flattened())?;
        }
        output.flush()?;
    }
    Ok(())
}
