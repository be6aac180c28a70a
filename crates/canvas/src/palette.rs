//! The sixteen colours, and the style of a cell that picks from them.

/// What an untouched screen shows. Black, so that a new surface is right without being filled.
pub const BACKGROUND: u32 = PALETTE[0];

/// The ANSI colours, `0x00RRGGBB`: black, red, green, yellow, blue, magenta, cyan, white; then their bright forms.
pub const PALETTE: [u32; 16] = [
    0x00_0000, 0xd9_5f5f, 0x87_b35e, 0xd6_a657, 0x68_9bd8, 0xb4_89cc, 0x5c_b3b0, 0xc6_cac9, //
    0x6f_777d, 0xff_8a80, 0xb4_d97c, 0xf4_cc74, 0x8f_bdf5, 0xd6_a8ec, 0x7f_dcd8, 0xf5_f7f6,
];

const BOLD: u8 = 1;
const UNDERLINE: u8 = 2;
const REVERSE: u8 = 4;

/// How a cell is drawn: two colours of the palette and three attributes, in two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// Foreground in the low half, background in the high half.
    colours: u8,
    attributes: u8,
}

impl Default for Style {
    fn default() -> Self {
        Self { colours: 7, attributes: 0 }
    }
}

impl Style {
    /// Foreground and background as pixels. Bold shows as bright.
    pub fn pixels(self) -> (u32, u32) {
        let bright = if self.has(BOLD) { 8 } else { 0 };
        let foreground = PALETTE[usize::from(self.colours & 15 | bright)];
        let background = PALETTE[usize::from(self.colours >> 4)];
        if self.has(REVERSE) { (background, foreground) } else { (foreground, background) }
    }

    pub fn is_underlined(self) -> bool {
        self.has(UNDERLINE)
    }

    /// The style of cells erased while this one is set: its background, nothing else.
    pub fn erased(self) -> Self {
        Self { colours: self.colours & 0xf0 | Self::default().colours, attributes: 0 }
    }

    /// Applies the parameters of one SGR sequence (ECMA-48, 8.3.117); what is not known is skipped.
    pub fn apply(&mut self, parameters: &[u16]) {
        if parameters.is_empty() {
            *self = Self::default();
        }
        let mut rest = parameters;
        while let Some((&first, tail)) = rest.split_first() {
            rest = tail;
            match first {
                0 => *self = Self::default(),
                1 => self.set(BOLD, true),
                4 => self.set(UNDERLINE, true),
                7 => self.set(REVERSE, true),
                22 => self.set(BOLD, false),
                24 => self.set(UNDERLINE, false),
                27 => self.set(REVERSE, false),
                30..=37 => self.foreground(first - 30),
                38 => (self.colours, rest) = extended(tail, self.colours, 0),
                39 => self.foreground(7),
                40..=47 => self.background(first - 40),
                48 => (self.colours, rest) = extended(tail, self.colours, 4),
                49 => self.background(0),
                90..=97 => self.foreground(first - 90 + 8),
                100..=107 => self.background(first - 100 + 8),
                _ => {}
            }
        }
    }

    fn has(self, attribute: u8) -> bool {
        self.attributes & attribute != 0
    }

    fn set(&mut self, attribute: u8, on: bool) {
        self.attributes = if on { self.attributes | attribute } else { self.attributes & !attribute };
    }

    fn foreground(&mut self, colour: u16) {
        self.colours = with_half(self.colours, 0, colour as u8);
    }

    fn background(&mut self, colour: u16) {
        self.colours = with_half(self.colours, 4, colour as u8);
    }
}

fn with_half(colours: u8, shift: u8, colour: u8) -> u8 {
    colours & !(15 << shift) | (colour & 15) << shift
}

/// The colour after a 38 or 48, brought down to the palette, and the parameters behind it.
fn extended(parameters: &[u16], colours: u8, shift: u8) -> (u8, &[u16]) {
    let (colour, rest) = match parameters {
        [5, index, rest @ ..] => (indexed(*index), rest),
        [2, red, green, blue, rest @ ..] => (nearest(*red, *green, *blue), rest),
        // Cut off or unknown: there is no telling what the numbers behind it mean.
        _ => return (colours, &[]),
    };
    (with_half(colours, shift, colour), rest)
}

/// A colour of xterm's 256: the sixteen, a 6×6×6 cube, 24 greys.
fn indexed(index: u16) -> u8 {
    match index {
        0..=15 => index as u8,
        16..=231 => {
            let level = |part: u16| part % 6 * 51;
            nearest(level((index - 16) / 36), level((index - 16) / 6), level(index - 16))
        }
        _ => {
            let grey = (index.min(255) - 232) * 10 + 8;
            nearest(grey, grey, grey)
        }
    }
}

/// The palette's colour with the same channels lit.
fn nearest(red: u16, green: u16, blue: u16) -> u8 {
    let peak = red.max(green).max(blue);
    if peak < 48 {
        return 0;
    }
    let lit = |channel: u16, bit: u8| if channel > peak / 2 { bit } else { 0 };
    let hue = lit(red, 1) | lit(green, 2) | lit(blue, 4);
    match (hue, peak) {
        (7, 48..=143) => 8,
        (_, 208..) => hue | 8,
        _ => hue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styled(parameters: &[u16]) -> (u32, u32) {
        let mut style = Style::default();
        style.apply(parameters);
        style.pixels()
    }

    #[test]
    fn colours_and_attributes() {
        assert_eq!(styled(&[]), (PALETTE[7], PALETTE[0]));
        assert_eq!(styled(&[31, 44]), (PALETTE[1], PALETTE[4]));
        assert_eq!(styled(&[1]), (PALETTE[15], PALETTE[0]));
        assert_eq!(styled(&[1, 22, 92, 103]), (PALETTE[10], PALETTE[11]));
        assert_eq!(styled(&[7, 31]), (PALETTE[0], PALETTE[1]));
        assert_eq!(styled(&[31, 44, 39, 49]), (PALETTE[7], PALETTE[0]));
        assert_eq!(styled(&[31, 0]), styled(&[0]));
        assert_eq!(styled(&[999, 73, 31]), (PALETTE[1], PALETTE[0]));
    }

    #[test]
    fn larger_palettes_come_down_to_sixteen() {
        assert_eq!(styled(&[38, 5, 9, 48, 5, 4]), (PALETTE[9], PALETTE[4]));
        assert_eq!(styled(&[38, 2, 255, 0, 0, 4]), (PALETTE[9], PALETTE[0]));
        assert_eq!(styled(&[38, 5, 196]), (PALETTE[9], PALETTE[0]));
        assert_eq!(styled(&[38, 5, 240]), (PALETTE[8], PALETTE[0]));
        assert_eq!(styled(&[38, 5, 65535]), (PALETTE[15], PALETTE[0]));
        assert_eq!(styled(&[38, 2, 1]), styled(&[]));
        assert_eq!(styled(&[38]), styled(&[]));
    }
}
