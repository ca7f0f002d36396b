//! Reading a registry: where its files come from, and everything a client checks before it trusts a release.
//!
//! * [`location`]: how the user names a registry. [`source`]: where its files come from; [`directory`] is the one
//!   that is a folder, [`http`] the one at an address, `download` how its archives come, `parts` how parts of
//!   them do, `way` which of both is cheaper; [`offline`] the cached copies
//!   of it.
//! * [`client`]: what a client checks. [`state`]: what it remembers, so that a registry cannot take anything back.
//!   [`receive`]: its archives; [`by_delta`]: those that are made of a delta; [`examine`]: one archive, read from first byte to last.
//! * [`api`]: what only a server can be asked.
//! * [`trust_root`]: the chain of trust roots; [`pinning`]: trusting a registry; [`known`]: the registries that are trusted, and where they were.

pub mod api;
pub mod by_delta;
pub mod client;
pub mod directory;
mod download;
pub mod examine;
pub mod http;
pub mod known;
pub mod location;
pub mod log_files;
pub mod offline;
mod parts;
pub mod pinning;
pub mod receive;
pub mod source;
pub mod state;
pub mod trust_root;
mod way;
