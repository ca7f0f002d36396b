//! Words about wasm.

crate::message::messages! { "wasm";
}
