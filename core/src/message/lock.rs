//! Words about lock.

crate::message::messages! { "lock";
}
