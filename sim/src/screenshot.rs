//! The screen as a PNG file.

use crate::error::SimError;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

/// Pixels as `0x00RRGGBB`, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width * height` pixels.
    pub pixels: Vec<u32>,
}

impl Picture {
    /// Writes a PNG to `path`.
    ///
    /// # Errors
    /// [`SimError::File`] when the file cannot be made or written.
    pub fn save(&self, path: &Path) -> Result<(), SimError> {
        self.encode(path).map_err(|error| SimError::File {
            role: "screenshot",
            path: path.into(),
            error,
            advice: "name a file in a folder that you may write to",
        })
    }

    fn encode(&self, path: &Path) -> io::Result<()> {
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        let bytes: Vec<u8> =
            self.pixels.iter().flat_map(|pixel| [16, 8, 0].map(|shift| (pixel >> shift) as u8)).collect();
        writer.write_image_data(&bytes)?;
        Ok(writer.finish()?)
    }
}
