//! One verdict about a package, from its first byte to its last.
