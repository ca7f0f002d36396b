//! Words about usage.

crate::message::messages! { "usage";
}
