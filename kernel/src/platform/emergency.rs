//! Text out when nothing can be relied on: straight to the serial port and the framebuffer, no locks, no heap.

use crate::boot::Framebuffer;
use core::fmt;
use core::sync::atomic::{AtomicPtr, Ordering};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use spin::Once;
use x86_64::instructions::port::Port;

/// First serial port.
const COM1: u16 = 0x3f8;
/// Turns of waiting for the transmitter before giving a byte up.
const PATIENCE: u32 = 100_000;
const ROW: u32 = 16;
/// Dark red, behind white text.
const BACKGROUND: u32 = 0x0040_0000;

static SCREEN: Once<(Framebuffer, AtomicPtr<u8>)> = Once::new();

/// Tells where the framebuffer is mapped, so that reports can be drawn.
pub fn set_screen(frame: Framebuffer, mapped: *mut u8) {
    SCREEN.call_once(|| (frame, AtomicPtr::new(mapped)));
}

fn serial_byte(byte: u8) {
    // SAFETY: 1. reading the line status and writing the transmitter of COM1 has no effect on memory; an absent port
    // reads as all ones and ignores writes.
    unsafe {
        let mut status = Port::<u8>::new(COM1 + 5);
        let ready = (0..PATIENCE).any(|_| status.read() & 0x20 != 0);
        if ready {
            Port::<u8>::new(COM1).write(byte);
        }
    }
}

/// Writes `text` and a line end to the serial port.
pub fn serial_line(text: &str) {
    text.bytes().chain(*b"\r\n").for_each(serial_byte);
}

/// A writer to serial line and screen.
pub struct Emergency {
    x: u32,
    y: u32,
}

impl Emergency {
    /// A writer at the top of the screen; nothing is cleared but the rows that are written.
    #[must_use]
    pub fn open() -> Self {
        Self { x: 0, y: 0 }
    }

    fn screen_char(&mut self, character: char) {
        let Some((frame, base)) = SCREEN.get() else { return };
        let width = get_raster_width(FontWeight::Regular, RasterHeight::Size16) as u32;
        if character == '\n' || self.x + width > frame.width {
            (self.x, self.y) = (0, self.y + ROW);
            self.clear_row(frame, base.load(Ordering::Relaxed));
        }
        let Some(glyph) = get_raster(character, FontWeight::Regular, RasterHeight::Size16) else { return };
        for (dy, line) in (0..).zip(glyph.rows()) {
            for (dx, &shade) in (0..).zip(line.iter()) {
                let grey = u32::from(shade);
                let color = grey.max(BACKGROUND >> 16) << 16 | grey << 8 | grey;
                pixel(frame, base.load(Ordering::Relaxed), self.x + dx, self.y + dy, color);
            }
        }
        self.x += width;
    }

    fn clear_row(&self, frame: &Framebuffer, base: *mut u8) {
        for y in self.y..self.y + ROW {
            for x in 0..frame.width {
                pixel(frame, base, x, y, BACKGROUND);
            }
        }
    }
}

/// Draws one pixel; outside the screen nothing happens.
fn pixel(frame: &Framebuffer, base: *mut u8, x: u32, y: u32, color: u32) {
    if x < frame.width && y < frame.height {
        let offset = y as usize * frame.pitch as usize + x as usize * 4;
        // SAFETY: 1. inside the screen, hence inside the mapped framebuffer of `pitch * height` bytes; 2. rows and
        // pixels are 4-aligned as the base is page-aligned and the pitch a multiple of 4 (checked when mapped).
        unsafe { base.add(offset).cast::<u32>().write_volatile(color) };
    }
}

impl fmt::Write for Emergency {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if character == '\n' {
                serial_byte(b'\r');
            }
            let mut buffer = [0; 4];
            character.encode_utf8(&mut buffer).bytes().for_each(serial_byte);
            self.screen_char(character);
        }
        Ok(())
    }
}
