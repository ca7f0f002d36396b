//! The bytes of `.vitpkg` and `.vitmod`.
