//! Registries as a client sees them, and a registry that is a plain folder as its owner does.
//!
//! * [`location`]: how the user names a registry. [`source`]: where its files come from; [`directory`] is the one
//!   that is a folder, and the only one that can be written here; [`http`] the one at an address, `download` how
//!   its archives come; [`offline`] the copies that are kept of it.
//! * [`client`]: everything a client checks before it trusts a release. [`state`]: what it remembers, so that
//!   a registry cannot take anything back. [`receive`]: its archives.
//! * [`pinning`]: trusting a registry.
//! * [`write`](mod@write): what a command hands in, wherever the registry is. Of a registry of one's own, [`keys`] are its keys,
//!   [`sequencer`] locks it and applies what core decides, reading through [`mod@derive`]; [`audit`] checks all of it
//!   from scratch.
//!
//! Layout and order of writing: `core/docs/registry-format.md` and `core/docs/trust.md`, sections 6 and 8.

pub mod audit;
pub mod client;
pub mod derive;
pub mod directory;
mod download;
pub mod examine;
pub mod http;
pub mod keys;
pub mod known;
pub mod location;
pub mod log_files;
pub mod offline;
pub mod pinning;
pub mod receive;
pub mod sequencer;
pub mod source;
pub mod state;
pub mod write;
