//! A file's bytes as text, piece by piece.

use alloc::string::String;
use velocity_vt::Utf8Decoder;

/// Decodes UTF-8 and turns `\r\n` into `\n`, however the bytes are cut. Bad UTF-8 becomes U+FFFD.
///
/// Control characters stay in: the terminal makes them visible.
#[derive(Default)]
pub(super) struct TextStream {
    decoder: Utf8Decoder,
    /// A `\r` was the last character; what it means depends on the next.
    holds_return: bool,
}

impl TextStream {
    /// Appends to `text` what `bytes` complete.
    pub(super) fn push(&mut self, bytes: &[u8], text: &mut String) {
        for &byte in bytes {
            let decoded = self.decoder.push(byte);
            if decoded.broken {
                self.put(char::REPLACEMENT_CHARACTER, text);
            }
            if let Some(character) = decoded.character {
                self.put(character, text);
            }
        }
    }

    /// Appends to `text` what was held back for bytes that never came.
    pub(super) fn finish(&mut self, text: &mut String) {
        if self.decoder.finish() {
            self.put(char::REPLACEMENT_CHARACTER, text);
        }
        if core::mem::take(&mut self.holds_return) {
            text.push('\r');
        }
    }

    fn put(&mut self, character: char, text: &mut String) {
        if core::mem::take(&mut self.holds_return) && character != '\n' {
            text.push('\r');
        }
        if character == '\r' {
            self.holds_return = true;
        } else {
            text.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(pieces: &[&[u8]]) -> String {
        let (mut stream, mut text) = (TextStream::default(), String::new());
        pieces.iter().for_each(|piece| stream.push(piece, &mut text));
        stream.finish(&mut text);
        text
    }

    #[test]
    fn text_does_not_depend_on_how_it_is_cut() {
        let bytes = b"a\r\nb\r\rc\xc3\xa9\xff\xe2\x82\r\n\xf0\x9f\x98\x80\x1b[2J\r\n\xe2";
        let whole = decode(&[bytes]);
        assert_eq!(whole, "a\nb\r\rc\u{e9}\u{fffd}\u{fffd}\n\u{1f600}\u{1b}[2J\n\u{fffd}");
        for cut in 0..bytes.len() {
            assert_eq!(decode(&[&bytes[..cut], &bytes[cut..]]), whole, "cut at {cut}");
        }
        assert_eq!(decode(&[b"end\r"]), "end\r");
    }
}
