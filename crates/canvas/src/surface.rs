//! A raster of `0x00RRGGBB` pixels: fill, move, and blend a coverage mask, each clipped to the raster.
//!
//! Inner loops run over slices of one row, without division and without a call per pixel: under an emulator every
//! instruction counts twentyfold.

use alloc::{vec, vec::Vec};
use velocity_hal::Rect;

/// Pixels a surface may have: 64 MiB worth, enough for 5120×2880.
pub const MAX_PIXELS: usize = 16 * 1024 * 1024;

/// Shades between two colours, from none of the second to all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp([u32; 32]);

impl Ramp {
    /// The shades from `background` to `foreground`.
    #[must_use]
    pub fn new(background: u32, foreground: u32) -> Self {
        let mut shades = [foreground; 32];
        for (weight, shade) in (0..).step_by(33).zip(&mut shades[..31]) {
            *shade = mix(background, foreground, weight >> 2);
        }
        Self(shades)
    }

    /// The shade for `coverage`, 0 to 255.
    #[must_use]
    pub const fn shade(&self, coverage: u8) -> u32 {
        self.0[(coverage >> 3) as usize]
    }
}

/// `weight` of 256 parts `over`, the rest `under`, for each channel.
const fn mix(under: u32, over: u32, weight: u32) -> u32 {
    // Red and blue share one multiplication: 8 bits times 8 bits never reach the next channel, 16 bits up.
    let rest = 256 - weight;
    let red_blue = ((under & 0xff_00ff) * rest + (over & 0xff_00ff) * weight) >> 8 & 0xff_00ff;
    let green = ((under & 0xff00) * rest + (over & 0xff00) * weight) >> 8 & 0xff00;
    red_blue | green
}

/// How much of each pixel a shape covers, 0 to 255, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Mask<'a> {
    /// Pixels in a row.
    pub width: usize,
    /// The coverage of all pixels; a last row that is short is left out.
    pub coverage: &'a [u8],
}

/// A rectangle of pixels.
#[derive(Clone, Debug)]
pub struct Surface {
    width: usize,
    height: usize,
    pixels: Vec<u32>,
}

impl Surface {
    /// A surface without pixels.
    pub const EMPTY: Self = Self { width: 0, height: 0, pixels: Vec::new() };

    /// A black surface; `None` when it would have more than [`MAX_PIXELS`].
    #[must_use]
    pub fn new(width: u32, height: u32) -> Option<Self> {
        let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
        let count = width.checked_mul(height).filter(|&count| count <= MAX_PIXELS)?;
        // A vector of zeros is asked for as zeroed memory, which costs a host nothing until it is touched.
        Some(Self { width, height, pixels: vec![0; count] })
    }

    /// All pixels, row by row without padding.
    #[must_use]
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    /// The whole surface.
    #[must_use]
    pub fn bounds(&self) -> Rect {
        Rect { x: 0, y: 0, width: self.width as u32, height: self.height as u32 }
    }

    /// Sets every pixel of `rect` to `colour`.
    pub fn fill(&mut self, rect: Rect, colour: u32) {
        let area = self.clip(rect);
        for y in area.top..area.bottom {
            self.row(y, area.left, area.right).fill(colour);
        }
    }

    /// Draws `mask` with its top left corner at `x`, `y`, in the shades of `ramp`.
    pub fn blend(&mut self, x: u32, y: u32, mask: Mask<'_>, ramp: &Ramp) {
        if mask.width == 0 {
            return;
        }
        let rows = mask.coverage.chunks_exact(mask.width);
        let rect = Rect { x, y, width: mask.width as u32, height: rows.len() as u32 };
        let area = self.clip(rect);
        for (y, coverage) in (area.top..area.bottom).zip(rows) {
            for (pixel, &covered) in self.row(y, area.left, area.right).iter_mut().zip(coverage) {
                *pixel = ramp.shade(covered);
            }
        }
    }

    /// Moves what `rect` shows up by `by` rows; what leaves its top is lost, its last `by` rows keep their pixels.
    pub fn move_up(&mut self, rect: Rect, by: u32) {
        let area = self.clip(rect);
        for y in area.top..area.bottom.saturating_sub(by as usize) {
            let from = (y + by as usize) * self.width;
            self.pixels.copy_within(from + area.left..from + area.right, y * self.width + area.left);
        }
    }

    fn row(&mut self, y: usize, left: usize, right: usize) -> &mut [u32] {
        let start = y * self.width;
        self.pixels.get_mut(start + left..start + right).unwrap_or_default()
    }

    fn clip(&self, rect: Rect) -> Area {
        let limit = |start: u32, length: u32, end: usize| (start.saturating_add(length) as usize).min(end);
        let (right, bottom) = (limit(rect.x, rect.width, self.width), limit(rect.y, rect.height, self.height));
        Area { left: (rect.x as usize).min(right), top: (rect.y as usize).min(bottom), right, bottom }
    }
}

/// A clipped rectangle: `left <= right <= width`, `top <= bottom <= height`.
struct Area {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

/// The smallest rectangle that holds both; an empty one adds nothing.
#[must_use]
pub fn union(a: Rect, b: Rect) -> Rect {
    if a.width == 0 || a.height == 0 {
        return b;
    }
    if b.width == 0 || b.height == 0 {
        return a;
    }
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    let right = a.x.saturating_add(a.width).max(b.x.saturating_add(b.width));
    let bottom = a.y.saturating_add(a.height).max(b.y.saturating_add(b.height));
    Rect { x, y, width: right - x, height: bottom - y }
}
