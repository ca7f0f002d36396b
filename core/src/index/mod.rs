//! What a client reads to know the releases of a package.
//!
//! [`entry`]: the index file, a line for each artifact. [`VerifiedIndex`]: one whose signature was checked.
//! [`address`]: the same as addresses, of which only unambiguous ones are followed.
//! [`newest()`]: which release is chosen where no version is given.
//! [`core_line()`]: the part of a line that the author signs, from a manifest and a tree.

pub mod address;
mod core_line;
pub mod entry;
mod newest;
mod verified;

pub use address::{Address, AddressError};
pub use core_line::core_line;
pub use entry::{Core, IndexEntry, IndexError, IndexFile, IndexStatus};
pub use newest::{Admission, Age, Host, Rule, is_deprecated, is_yanked, newest, newest_of, suitability};
pub use verified::VerifiedIndex;
