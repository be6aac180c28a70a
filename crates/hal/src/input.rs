//! Keyboard, mouse and serial input, from every source in one queue.

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character, after layout, shift and caps lock.
    Char(char),
    /// Enter or keypad enter.
    Enter,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Tab.
    Tab,
    /// Escape.
    Escape,
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// Cursor left.
    Left,
    /// Cursor right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, 1 to 12.
    Function(u8),
}

/// Modifier keys held while a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Modifiers {
    /// Shift.
    pub shift: bool,
    /// Control.
    pub control: bool,
    /// Alt (left) or AltGr.
    pub alt: bool,
}

/// A key press (releases are not reported).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyEvent {
    /// The key.
    pub key: Key,
    /// What was held.
    pub modifiers: Modifiers,
}

/// Relative mouse movement and the buttons' state after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct MouseEvent {
    /// Pixels to the right.
    pub dx: i16,
    /// Pixels down.
    pub dy: i16,
    /// Wheel notches, positive away from the person.
    pub wheel: i8,
    /// Left, right, middle in bits 0, 1, 2.
    pub buttons: u8,
}

/// One event of the input queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputEvent {
    /// A raw byte from a text port; escape sequences are decoded above.
    Byte {
        /// The text port's number in the machine's list.
        port: u8,
        /// The byte.
        byte: u8,
    },
    /// A key of the local keyboard.
    Key(KeyEvent),
    /// The local mouse.
    Mouse(MouseEvent),
}

/// The one queue that all input sources feed.
pub trait Input: Send {
    /// The oldest event, if any.
    fn next(&mut self) -> Option<InputEvent>;

    /// Whether an event waits; cheap enough for an idle loop.
    fn is_waiting(&self) -> bool;

    /// Events lost because the queue was full.
    fn lost(&self) -> u64;
}
