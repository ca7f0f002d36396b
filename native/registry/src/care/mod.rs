//! What keeps a registry in order over the years.
//!
//! * `gc`: what nobody needs is removed. `backup`, `restore`. `doctor`: everything checked, and what can be made anew made
//!   anew. `rebuild`: the files that follow from log and archives. `takedown`: archives that the operator removes.

mod backup;
mod doctor;
mod gc;
mod rebuild;
mod restore;
mod takedown;
pub(crate) mod words;

pub(crate) use backup::back_up;
pub(crate) use doctor::{Examined, Finding, Repairs, State, examine};
pub(crate) use gc::{Collected, Garbage, Task, collect};
pub(crate) use rebuild::rebuild;
pub(crate) use restore::restore;
pub(crate) use takedown::{TakenDown, take_down};

use crate::error::Result;
use crate::objects::Objects;
use vitte_package_core::registry::layout;

/// How many entries the derived files have taken in; none when nothing says so.
fn derived_size(files: &Objects) -> Result<Option<u64>> {
    let bytes = files.read(layout::DERIVED, 64)?;
    Ok(bytes.and_then(|bytes| std::str::from_utf8(&bytes).ok()?.trim().parse().ok()))
}
