//! `gc`: what nobody needs any more is removed.

use super::DataArg;
use crate::care::{self, Collected, Garbage, Task, words};
use crate::error::Result;
use crate::output;
use crate::serve::runtime;
use vitte_package_core::message::size;

#[derive(Debug, clap::Args)]
pub(super) struct Gc {
    #[command(flatten)]
    data: DataArg,
    /// Only count what would be removed
    #[arg(long)]
    dry_run: bool,
    /// How old files are that may go, in hours; fewer than the default only while nothing is published
    #[arg(long, value_name = "HOURS", default_value = "48", value_parser = clap::value_parser!(u64).range(0..=87600))]
    older_than: u64,
}

impl Gc {
    pub(super) fn run(self) -> Result<()> {
        let doing = if self.dry_run { Task::Counting } else { Task::Removing };
        let age = self.older_than * 60 * 60;
        let garbage = care::collect(&self.data.folder()?, doing, age, &runtime()?)?;
        let Garbage { expired, staged, orphans, partial, leftover, passed_over } = garbage;
        for (what, found) in [
            (words::gc_expired(), expired),
            (words::gc_staged(), staged),
            (words::gc_orphans(), orphans),
            (words::gc_partial(), partial),
            (words::gc_leftover(), leftover),
        ] {
            let Collected { count, bytes } = found;
            output::line(&words::gc_line(&what, count, &size(bytes)));
        }
        if !passed_over.is_empty() {
            let packages: Vec<_> = passed_over.into_iter().take(10).collect();
            output::note(&words::gc_passed_over(&packages.join(", ")));
        }
        if self.dry_run {
            output::note(&words::gc_dry_run());
        }
        Ok(())
    }
}
