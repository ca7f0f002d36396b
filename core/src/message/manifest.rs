//! Words about manifest.

crate::message::messages! { "manifest";
}
