//! Words about network.

crate::message::messages! { "network";
}
