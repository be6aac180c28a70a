//! The window: shows the machine's screen, takes keys and mouse.
//!
//! It lives on the process's first thread, because some hosts allow nothing else, and talks to the machine only through
//! the recorded display and the input queue. Text comes as characters in the host's layout, other keys by name.

use crate::plug::Plug;
use minifb::{InputCallback, Key as HostKey, MouseButton, MouseMode, Scale, ScaleMode, WindowOptions};
use std::sync::atomic::{AtomicBool, Ordering};
use velocity_hal::{InputEvent, Key, KeyEvent, Modifiers, MouseEvent};
use velocity_models::RecordingDisplay;

/// Screen updates a second, at most.
const FRAMES_PER_SECOND: usize = 60;

/// An open window.
pub struct Window {
    window: minifb::Window,
    screen: RecordingDisplay,
    size: (usize, usize),
    mouse: Mouse,
}

impl Window {
    /// Opens a window for `screen`, of `size` pixels.
    ///
    /// # Errors
    /// What the host says, for example that there is no display.
    pub fn open(screen: RecordingDisplay, size: (u32, u32)) -> Result<Self, minifb::Error> {
        let size = (size.0 as usize, size.1 as usize);
        let options = WindowOptions {
            scale: Scale::FitScreen,
            scale_mode: ScaleMode::AspectRatioStretch,
            ..WindowOptions::default()
        };
        let mut window = minifb::Window::new("VELOCITY-OS", size.0, size.1, options)?;
        window.set_target_fps(FRAMES_PER_SECOND);
        Ok(Self { window, screen, size, mouse: Mouse::default() })
    }

    /// Shows the screen and sends keys and mouse to `plug` until the window is closed or `over` is set.
    pub fn run(mut self, plug: &Plug, over: &AtomicBool) {
        let keyboard = Keyboard { plug: plug.clone(), held: Modifiers::default() };
        self.window.set_input_callback(Box::new(keyboard));
        while self.window.is_open() && !over.load(Ordering::Acquire) {
            self.show();
            if let Some(event) = self.mouse.look(&self.window) {
                plug.push(InputEvent::Mouse(event));
            }
        }
    }

    /// One frame: sends pixels only when some changed.
    fn show(&mut self) {
        if self.screen.take_damage().is_none() {
            return self.window.update();
        }
        let (width, height) = self.size;
        let window = &mut self.window;
        // A frame that the host refuses shows up again with the next one; a closed window ends the loop.
        let _refused = self.screen.with_pixels(|pixels| window.update_with_buffer(pixels, width, height));
    }
}

/// Turns the window's key events into the machine's.
struct Keyboard {
    plug: Plug,
    held: Modifiers,
}

impl Keyboard {
    fn push(&self, key: Key) {
        self.plug.push(InputEvent::Key(KeyEvent { key, modifiers: self.held }));
    }
}

impl InputCallback for Keyboard {
    fn add_char(&mut self, code: u32) {
        // With Ctrl some hosts send the letter, others a control character; `set_key_state` handles both. Ctrl and Alt
        // together are AltGr, which types characters.
        if self.held.control && !self.held.alt {
            return;
        }
        if let Some(character) = char::from_u32(code).filter(|character| !character.is_control()) {
            let modifiers = Modifiers::default();
            self.plug.push(InputEvent::Key(KeyEvent { key: Key::Char(character), modifiers }));
        }
    }

    fn set_key_state(&mut self, key: HostKey, is_down: bool) {
        match key {
            HostKey::LeftShift | HostKey::RightShift => self.held.shift = is_down,
            HostKey::LeftCtrl | HostKey::RightCtrl => self.held.control = is_down,
            HostKey::LeftAlt | HostKey::RightAlt => self.held.alt = is_down,
            _ if !is_down => {}
            _ => match (named(key), letter(key)) {
                (Some(named), _) => self.push(named),
                (None, Some(letter)) if self.held.control && !self.held.alt => self.push(Key::Char(letter)),
                _ => {}
            },
        }
    }
}

/// Keys that type no character.
fn named(key: HostKey) -> Option<Key> {
    Some(match key {
        HostKey::Enter | HostKey::NumPadEnter => Key::Enter,
        HostKey::Backspace => Key::Backspace,
        HostKey::Delete => Key::Delete,
        HostKey::Tab => Key::Tab,
        HostKey::Escape => Key::Escape,
        HostKey::Up => Key::Up,
        HostKey::Down => Key::Down,
        HostKey::Left => Key::Left,
        HostKey::Right => Key::Right,
        HostKey::Home => Key::Home,
        HostKey::End => Key::End,
        HostKey::PageUp => Key::PageUp,
        HostKey::PageDown => Key::PageDown,
        _ => Key::Function(offset(key, HostKey::F1, 12)? + 1),
    })
}

/// The letter on a key, for Ctrl.
fn letter(key: HostKey) -> Option<char> {
    offset(key, HostKey::A, 26).map(|offset| char::from(b'a' + offset))
}

/// How far `key` stands behind `first` in a run of `count` keys.
fn offset(key: HostKey, first: HostKey, count: u8) -> Option<u8> {
    (key as u8).checked_sub(first as u8).filter(|offset| *offset < count)
}

/// The mouse as last seen.
#[derive(Default)]
struct Mouse {
    position: Option<(f32, f32)>,
    buttons: u8,
}

impl Mouse {
    /// What changed since the last look, if anything did.
    fn look(&mut self, window: &minifb::Window) -> Option<MouseEvent> {
        let position = window.get_mouse_pos(MouseMode::Discard);
        let (dx, dy) = match (self.position, position) {
            (Some(from), Some(to)) => ((to.0 - from.0) as i16, (to.1 - from.1) as i16),
            _ => (0, 0),
        };
        let wheel = window.get_scroll_wheel().map_or(0, |(_, notches)| notches.clamp(-127.0, 127.0) as i8);
        let buttons = [MouseButton::Left, MouseButton::Right, MouseButton::Middle];
        let buttons =
            (0..).zip(buttons).fold(0, |bits, (bit, button)| bits | u8::from(window.get_mouse_down(button)) << bit);
        let changed = (dx, dy, wheel) != (0, 0, 0) || buttons != self.buttons;
        if changed || self.position.is_none() {
            self.position = position;
        }
        self.buttons = buttons;
        changed.then_some(MouseEvent { dx, dy, wheel, buttons })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use velocity_hal::Input;
    use velocity_models::{QueueInput, WakeHandle};

    #[test]
    fn text_named_keys_and_control_letters_arrive_once_each() {
        let mut queue = QueueInput::new(64, WakeHandle::new());
        let plug = Plug::default();
        plug.connect(queue.handle());
        let mut keyboard = Keyboard { plug, held: Modifiers::default() };
        keyboard.set_key_state(HostKey::A, true);
        keyboard.add_char('a'.into());
        keyboard.set_key_state(HostKey::A, false);
        keyboard.set_key_state(HostKey::LeftCtrl, true);
        keyboard.set_key_state(HostKey::C, true);
        keyboard.add_char('c'.into());
        keyboard.add_char(3);
        keyboard.set_key_state(HostKey::LeftAlt, true);
        keyboard.add_char('@'.into());
        keyboard.set_key_state(HostKey::LeftCtrl, false);
        keyboard.set_key_state(HostKey::LeftAlt, false);
        keyboard.set_key_state(HostKey::Enter, true);
        keyboard.add_char(13);
        keyboard.set_key_state(HostKey::F12, true);
        let plain = Modifiers::default();
        let expected = [
            (Key::Char('a'), plain),
            (Key::Char('c'), Modifiers { control: true, ..plain }),
            (Key::Char('@'), plain),
            (Key::Enter, plain),
            (Key::Function(12), plain),
        ];
        let keys: Vec<_> = std::iter::from_fn(|| queue.next()).collect();
        assert_eq!(keys, expected.map(|(key, modifiers)| InputEvent::Key(KeyEvent { key, modifiers })));
    }
}
