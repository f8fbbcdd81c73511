//! A JPEG decoder behind the protocol of veilmark-decode's example `pixels`: `candidates zune-jpeg|jpeg-decoder`.

use std::io::{self, Read, Write};
use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};

type Picture = Option<(usize, usize, Vec<u8>)>;

fn zune(bytes: &[u8]) -> Picture {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let pixels = decoder.decode().ok()?;
    let (width, height) = decoder.dimensions()?;
    Some((width, height, pixels))
}

fn jpeg_decoder(bytes: &[u8]) -> Picture {
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let samples = decoder.decode().ok()?;
    let info = decoder.info()?;
    let pixels = match info.pixel_format {
        jpeg_decoder::PixelFormat::L8 => samples.iter().flat_map(|&grey| [grey; 3]).collect(),
        jpeg_decoder::PixelFormat::RGB24 => samples,
        _ => return None,
    };
    Some((info.width.into(), info.height.into(), pixels))
}

fn main() -> io::Result<()> {
    let decode = if std::env::args().nth(1).as_deref() == Some("zune-jpeg") { zune } else { jpeg_decoder };
    std::panic::set_hook(Box::new(|_| {}));
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut length = [0; 4];
    while input.read_exact(&mut length).is_ok() {
        let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
        input.read_exact(&mut bytes)?;
        let (line, pixels) = match std::panic::catch_unwind(|| decode(&bytes)).ok().flatten() {
            Some((width, height, pixels)) => (format!(r#"{{"width":{width},"height":{height}}}"#), pixels),
            None => (r#"{"error":"refused"}"#.to_owned(), Vec::new()),
        };
        output.write_all(&(line.len() as u32).to_le_bytes())?;
        output.write_all(line.as_bytes())?;
        output.write_all(&pixels)?;
        output.flush()?;
    }
    Ok(())
}
