//! A screen that remembers: for tests, screenshots and the window.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use velocity_hal::{Display, Rect};

#[derive(Default)]
struct Screen {
    pixels: Vec<u32>,
    presents: u64,
    damage: Option<Rect>,
}

/// A screen of `0x00RRGGBB` pixels. Clones show the same picture, so one goes into the machine and one stays outside.
#[derive(Clone)]
pub struct RecordingDisplay {
    width: u32,
    height: u32,
    screen: Arc<Mutex<Screen>>,
}

impl RecordingDisplay {
    /// A black screen.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let pixels = vec![0; width as usize * height as usize];
        Self { width, height, screen: Arc::new(Mutex::new(Screen { pixels, ..Screen::default() })) }
    }

    fn lock(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of the picture, row by row.
    #[must_use]
    pub fn pixels(&self) -> Vec<u32> {
        self.lock().pixels.clone()
    }

    /// Shows the picture to `look` without copying it.
    pub fn with_pixels<T>(&self, look: impl FnOnce(&[u32]) -> T) -> T {
        look(&self.lock().pixels)
    }

    /// How often something was presented.
    #[must_use]
    pub fn presents(&self) -> u64 {
        self.lock().presents
    }

    /// The smallest rectangle around everything presented since the last call.
    #[must_use]
    pub fn take_damage(&self) -> Option<Rect> {
        self.lock().damage.take()
    }
}

/// The part of `rect` on a screen of `width` by `height`.
fn clip(rect: Rect, width: u32, height: u32) -> Option<Rect> {
    let (x, y) = (rect.x.min(width), rect.y.min(height));
    let clipped = Rect { x, y, width: rect.width.min(width - x), height: rect.height.min(height - y) };
    (clipped.width != 0 && clipped.height != 0).then_some(clipped)
}

/// The smallest rectangle around both; both lie on one screen.
fn around(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    let (right, bottom) = ((a.x + a.width).max(b.x + b.width), (a.y + a.height).max(b.y + b.height));
    Rect { x, y, width: right - x, height: bottom - y }
}

impl Display for RecordingDisplay {
    fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn present(&mut self, pixels: &[u32], damage: Rect) {
        let Some(damage) = clip(damage, self.width, self.height) else { return };
        let width = self.width as usize;
        let mut screen = self.lock();
        for row in damage.y as usize..(damage.y + damage.height) as usize {
            let start = row * width + damage.x as usize;
            let end = (start + damage.width as usize).min(pixels.len());
            if let Some(source) = pixels.get(start..end) {
                screen.pixels[start..end].copy_from_slice(source);
            }
        }
        screen.presents += 1;
        screen.damage = Some(screen.damage.map_or(damage, |earlier| around(earlier, damage)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_damaged_part_is_taken_and_clipped() {
        let mut display = RecordingDisplay::new(4, 3);
        let outside = display.clone();
        display.present(&[7; 12], Rect { x: 2, y: 1, width: u32::MAX, height: 1 });
        display.present(&[9; 12], Rect { x: 0, y: 2, width: 1, height: u32::MAX });
        assert_eq!(outside.pixels(), [0, 0, 0, 0, 0, 0, 7, 7, 9, 0, 0, 0]);
        assert_eq!(outside.take_damage(), Some(Rect { x: 0, y: 1, width: 4, height: 2 }));
        display.present(&[1; 12], Rect { x: 4, y: 0, width: 1, height: 1 });
        assert_eq!((outside.presents(), outside.take_damage()), (2, None));
    }

    #[test]
    fn a_short_picture_shows_as_far_as_it_goes() {
        let mut display = RecordingDisplay::new(2, 2);
        display.present(&[5; 3], Rect { x: 0, y: 0, width: 2, height: 2 });
        assert_eq!(display.pixels(), [5, 5, 5, 0]);
        display.present(&[], Rect { x: 0, y: 0, width: 2, height: 2 });
        assert_eq!(display.pixels(), [5, 5, 5, 0]);
    }
}
