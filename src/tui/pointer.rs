//! From what the terminal library reports of the mouse to what the app knows.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use crate::app::{Gesture, Mouse};

/// What a mouse event means; `None` for moves, releases and other buttons.
pub(super) const fn mouse(event: MouseEvent) -> Option<Mouse> {
    let gesture = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Gesture::Click,
        MouseEventKind::ScrollUp => Gesture::WheelUp,
        MouseEventKind::ScrollDown => Gesture::WheelDown,
        _ => return None,
    };
    Some(Mouse {
        column: event.column,
        row: event.row,
        gesture,
    })
}
