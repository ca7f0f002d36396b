//! Words about archive.

crate::message::messages! { "archive";
}
