//! Words about verify.

crate::message::messages! { "verify";
}
