//! Words about store.

crate::message::messages! { "store";
}
