//! Words about credentials.

crate::message::messages! { "credentials";
}
