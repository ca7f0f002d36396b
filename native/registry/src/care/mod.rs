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
