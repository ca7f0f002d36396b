//! Words about resolve.

crate::message::messages! { "resolve";
}
