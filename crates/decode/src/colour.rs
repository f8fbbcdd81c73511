//! What a file says of its colours, so that it can be said that it is ignored.

use crate::note::{Note, Notes};

/// Characters of the longest description that is shown.
const MAX_DESCRIPTION: usize = 60;

/// Notes a colour profile, unless it is sRGB's own.
pub(crate) fn note_profile(profile: &[u8], notes: &mut Notes) {
    let description = description(profile).unwrap_or_default();
    if !description.to_ascii_lowercase().starts_with("srgb") {
        notes.add(Note::ProfileIgnored { description });
    }
}

/// Notes a gamma, in a PNG's hundred-thousandths, unless it is nearly that of sRGB.
pub(crate) fn note_gamma(gamma: u32, notes: &mut Notes) {
    // sRGB's is written as 45455; 5% is what libpng calls no difference
    if gamma != 0 && !(43_182..=47_728).contains(&gamma) {
        notes.add(Note::GammaIgnored { gamma: f64::from(gamma) / 1e5 });
    }
}

/// The profile's description: an ICC profile's `desc` tag, as version 2 (ASCII) or 4 (UTF-16) has it.
fn description(profile: &[u8]) -> Option<String> {
    let number = |at: usize| Some(u32::from_be_bytes(*profile.get(at..)?.first_chunk()?) as usize);
    let tags = number(128)?.min(100);
    let tag = (0..tags).map(|index| 132 + 12 * index).find(|&at| profile.get(at..at + 4) == Some(b"desc"))?;
    let (at, length) = (number(tag + 4)?, number(tag + 8)?);
    let data = profile.get(at..at.checked_add(length)?)?;
    let text: String = match data.get(..4)? {
        b"desc" => data.get(12..)?.iter().take_while(|&&byte| byte != 0).map(|&byte| char::from(byte)).collect(),
        b"mluc" => {
            let field = |at: usize| Some(u32::from_be_bytes(*data.get(at..)?.first_chunk()?) as usize);
            let (length, from) = (field(20)?, field(24)?);
            let units = data.get(from..from.checked_add(length)?)?.as_chunks::<2>().0;
            char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit))).map_while(Result::ok).collect()
        }
        _ => return None,
    };
    Some(printable(&text))
}

/// A short text that a terminal can show.
pub(crate) fn printable(text: &str) -> String {
    let plain = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ' || (c.is_alphanumeric() && !c.is_control()));
    plain.take(MAX_DESCRIPTION).collect::<String>().trim().to_owned()
}
