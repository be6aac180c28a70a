//! A screen.

/// A rectangle in pixels; empty when a side is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// Something that shows pixels.
pub trait Display: Send {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    /// Shows the part `damage` of `pixels`, a whole screen of `0x00RRGGBB`, row by row without padding.
    ///
    /// `damage` is clipped to the screen; a short `pixels` shows as far as it goes.
    fn present(&mut self, pixels: &[u32], damage: Rect);
}
