//! The screen as a PNG: QEMU writes a PPM, which is converted here.

use super::monitor::Monitor;
use crate::{Error, Result};
use serde_json::json;
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::BufWriter,
    path::Path,
    thread,
    time::Duration,
};

/// Time between two looks at the screen.
const LOOK: Duration = Duration::from_millis(100);

/// Looks at a screen that keeps changing, before it is taken as it is.
const MAX_LOOKS: usize = 20;

/// Takes a picture of the machine's screen into `out`.
///
/// # Errors
/// When QEMU cannot write it, or the picture is not what it should be.
pub fn take(monitor: &mut Monitor, scratch: &Path, out: &Path) -> Result<()> {
    let bytes = still(monitor, scratch)?;
    let (width, height, pixels) = parse_ppm(&bytes).ok_or_else(not_a_picture)?;
    write_png(out, width, height, pixels)
}

/// A picture that no longer changes: the machine may be in the middle of drawing what the serial port has said already.
fn still(monitor: &mut Monitor, scratch: &Path) -> Result<Vec<u8>> {
    let mut last = dump(monitor, scratch)?;
    for _ in 0..MAX_LOOKS {
        thread::sleep(LOOK);
        let next = dump(monitor, scratch)?;
        if next == last {
            break;
        }
        last = next;
    }
    Ok(last)
}

/// How many different colours the machine's screen shows.
///
/// # Errors
/// As [`take`].
pub fn colours(monitor: &mut Monitor, scratch: &Path) -> Result<usize> {
    let bytes = still(monitor, scratch)?;
    let (_, _, pixels) = parse_ppm(&bytes).ok_or_else(not_a_picture)?;
    Ok(pixels.as_chunks::<3>().0.iter().collect::<BTreeSet<_>>().len())
}

fn dump(monitor: &mut Monitor, scratch: &Path) -> Result<Vec<u8>> {
    let ppm = scratch.join("screen.ppm");
    monitor.execute("screendump", json!({ "filename": ppm.display().to_string() }))?;
    fs::read(&ppm).map_err(Error::io("reading QEMU's picture"))
}

fn not_a_picture() -> Error {
    let why = "it is not a P6 PPM with 8 bits a colour".to_owned();
    Error::Format { what: "QEMU's picture".to_owned(), why }
}

/// Writes 8-bit RGB pixels as a PNG.
///
/// # Errors
/// [`Error::Io`] or [`Error::Format`] when it cannot be written.
pub fn write_png(out: &Path, width: u32, height: u32, pixels: &[u8]) -> Result<()> {
    let file = File::create(out).map_err(Error::io(format!("making {}", out.display())))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels));
    written.map_err(|error| Error::Format { what: out.display().to_string(), why: error.to_string() })
}

/// Width, height and RGB bytes of a binary PPM (`P6`, white space, width, height, 255, one white-space byte, pixels).
fn parse_ppm(bytes: &[u8]) -> Option<(u32, u32, &[u8])> {
    let mut rest = bytes.strip_prefix(b"P6")?;
    let mut numbers = [0_u32; 3];
    for number in &mut numbers {
        let start = rest.iter().position(|b| !b.is_ascii_whitespace())?;
        let len = rest[start..].iter().position(u8::is_ascii_whitespace)?;
        *number = std::str::from_utf8(&rest[start..start + len]).ok()?.parse().ok()?;
        rest = &rest[start + len..];
    }
    let [width, height, 255] = numbers else { return None };
    let len = usize::try_from(u64::from(width).checked_mul(u64::from(height))?.checked_mul(3)?).ok()?;
    Some((width, height, rest.get(1..)?.get(..len)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_picture() {
        assert_eq!(parse_ppm(b"P6\n2 1\n255\nabcdef"), Some((2, 1, &b"abcdef"[..])));
    }

    #[test]
    fn damaged_pictures_are_refused() {
        for bad in [
            &b""[..],
            b"P5\n1 1\n255\nabc",
            b"P6\n2 1\n255\nabc",
            b"P6\n1 1\n65535\nabc",
            b"P6 4294967295 4294967295 255 ",
        ] {
            assert_eq!(parse_ppm(bad), None, "{bad:?}");
        }
    }
}
