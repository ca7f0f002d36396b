//! Words about ui.

crate::message::messages! { "ui";
}
