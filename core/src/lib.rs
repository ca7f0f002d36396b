//! The pure core of vitte-package: what a package *is*, and what must hold before anyone trusts it.
//!
//! Nothing here opens a file or socket, reads a clock or the environment, starts a thread or draws a
//! random number: bytes and values come in, values and errors go out. The terminal, the browser and the
//! registry are thin drivers of this one crate, so they reach the same verdict about the same bytes.
//!
//! # Reading order
//! 1. Vocabulary: [`name`], [`version`], [`digest`], [`path`], [`target`], [`limits`], [`dependency`], one validated type each.
//! 2. [`diagnostic`]: codes, places and hints that every error here can be turned into; [`message`]: their words.
//! 3. [`manifest`]: `vitte.toml`. [`tree`]: the canonical list of files, whose digest is a package's identity.
//! 4. [`archive`] and [`codec`]: the bytes of `.vitpkg` and `.vitmod`; [`delta`]: those of `.vitdelta`.
//! 5. [`sign`]: keys, envelopes, statements, in the strict [`json`]. [`verify`]: all of it composed into one verdict.
//! 6. [`log`] and [`index`]: the transparency log, and what a registry says of a package. [`registry`]: its files;
//!    [`api`]: what client and server say to one another.
//!
//! # Three API shapes, no fourth
//! * **Function**: values in, `Result` out.
//! * **Push machine**: `push(&[u8])`, `next() -> Option<Event>`, `finish()`; any cutting of the input gives
//!   the same events.
//! * **Plan, supply, check**: core says what it needs, the shell brings it, core judges.
//!
//! Time, randomness, limits, trust and codecs are arguments. There are no callbacks towards IO and no async.

#![forbid(unsafe_code)]

pub mod api;
pub mod archive;
pub mod codec;
pub mod delta;
pub mod dependency;
pub mod diagnostic;
pub mod digest;
pub mod index;
pub mod json;
#[cfg(feature = "schema")]
mod json_schema;
pub mod limits;
pub mod lockfile;
pub mod log;
pub mod manifest;
pub mod message;
pub mod name;
pub mod nearest;
mod ordered;
pub mod path;
pub mod registry;
pub mod resolve;
pub mod sign;
pub mod target;
pub mod tree;
pub mod verify;
pub mod version;

/// The formats and words, as `core/docs` has them.
#[cfg(all(doc, not(doctest)))]
#[allow(
    rustdoc::broken_intra_doc_links,
    rustdoc::bare_urls,
    rustdoc::invalid_html_tags,
    reason = "they are read as files too"
)]
pub mod documents {
    #[doc = include_str!("../docs/archive-format.md")]
    pub mod archive_format {}
    #[doc = include_str!("../docs/trust.md")]
    pub mod trust {}
    #[doc = include_str!("../docs/registry-format.md")]
    pub mod registry_format {}
    #[doc = include_str!("../docs/glossary.md")]
    pub mod glossary {}
}
