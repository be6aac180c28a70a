//! The framebuffer as a [`Display`].

use super::emergency;
use crate::boot::Framebuffer;
use crate::memory::{mmio, paging};
use velocity_hal::{Display, Rect};

/// A mapped framebuffer.
pub struct Screen {
    frame: Framebuffer,
    base: *mut u8,
    /// Bytes mapped at `base`.
    len: usize,
    /// Whether the loader's picture is still there.
    foreign: bool,
}

// SAFETY: 1. the framebuffer stays mapped and is written by its owner (and by fault reports, which end everything).
unsafe impl Send for Screen {}

impl Screen {
    /// Maps `frame` write-combining; `None` if its figures make no sense or it cannot be mapped. The loader's picture stays
    /// until the first [`Display::present`], so that the serial line need not wait for megabytes of black.
    #[must_use]
    pub fn map(frame: Framebuffer) -> Option<Self> {
        let len = frame.byte_len().filter(|_| frame.pitch.is_multiple_of(4) && frame.base.0.is_multiple_of(4))?;
        let base = mmio::map_device(frame.base, len, paging::WRITE_COMBINING).ok()?;
        emergency::set_screen(frame, base);
        Some(Self { frame, base, len: len as usize, foreign: true })
    }

    /// The console draws only what it changes on a black screen.
    fn clear_once(&mut self) {
        if core::mem::take(&mut self.foreign) {
            // SAFETY: 1. `len` bytes are mapped at `base`, for good.
            unsafe { self.base.write_bytes(0, self.len) };
        }
    }

    fn is_xrgb(&self) -> bool {
        self.frame.shifts == [16, 8, 0]
    }

    fn row(&mut self, y: u32, x: u32, pixels: &[u32]) {
        let offset = y as usize * self.frame.pitch as usize + x as usize * 4;
        let target = self.base.wrapping_add(offset).cast::<u32>();
        if self.is_xrgb() {
            // SAFETY: 1. the caller clipped to the screen, so all bytes lie in the mapped framebuffer; 2. aligned to 4.
            unsafe { target.copy_from_nonoverlapping(pixels.as_ptr(), pixels.len()) };
            return;
        }
        for (index, &pixel) in pixels.iter().enumerate() {
            // SAFETY: 1. the caller clipped to the screen, so all bytes lie in the mapped framebuffer; 2. aligned to 4.
            unsafe { target.add(index).write_volatile(shuffle(pixel, self.frame.shifts)) };
        }
    }
}

/// Moves the three colours to where the framebuffer wants them.
fn shuffle(pixel: u32, [red, green, blue]: [u8; 3]) -> u32 {
    let place = |value: u32, shift: u8| (value & 0xff).checked_shl(u32::from(shift)).unwrap_or(0);
    place(pixel >> 16, red) | place(pixel >> 8, green) | place(pixel, blue)
}

impl Display for Screen {
    fn size(&self) -> (u32, u32) {
        (self.frame.width, self.frame.height)
    }

    fn present(&mut self, pixels: &[u32], damage: Rect) {
        self.clear_once();
        let (width, height) = self.size();
        let left = damage.x.min(width);
        let right = damage.x.saturating_add(damage.width).min(width);
        let bottom = damage.y.saturating_add(damage.height).min(height);
        for y in damage.y.min(height)..bottom {
            let row = y as usize * width as usize;
            if let Some(part) = pixels.get(row + left as usize..row + right as usize) {
                self.row(y, left, part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_where_the_mode_wants_them() {
        assert_eq!(shuffle(0x0012_3456, [16, 8, 0]), 0x0012_3456);
        assert_eq!(shuffle(0x0012_3456, [0, 8, 16]), 0x0056_3412);
        assert_eq!(shuffle(0x0012_3456, [24, 16, 8]), 0x1234_5600);
        assert_eq!(shuffle(0x0012_3456, [40, 8, 0]), 0x0000_3456);
    }
}
