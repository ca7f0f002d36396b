//! How an operation tells what it is doing. It reports facts; whoever drives it decides what to show.

use crate::message::ui;
use vitte_package_core::diagnostic::Diagnostic;

/// A stage of work that may take long enough to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Task {
    /// Walking the project and choosing files.
    Select,
    /// Running the project's build command.
    Build,
    /// Compressing frames.
    Compress,
    /// Receiving bytes.
    Download,
    /// Checking digests and signatures.
    Verify,
    /// Writing files to a private folder.
    Unpack,
    /// Adding a release to a registry.
    Publish,
    /// Writing shims.
    Link,
    /// Waiting for another process to release a lock.
    Wait,
}

impl Task {
    /// Its name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Build => "build",
            Self::Compress => "compress",
            Self::Download => "download",
            Self::Verify => "verify",
            Self::Unpack => "unpack",
            Self::Publish => "publish",
            Self::Link => "link",
            Self::Wait => "wait",
        }
    }

    /// Its name for people.
    pub fn words(self) -> String {
        match self {
            Self::Select => ui::task_select(),
            Self::Build => ui::task_build(),
            Self::Compress => ui::task_compress(),
            Self::Download => ui::task_download(),
            Self::Verify => ui::task_verify(),
            Self::Unpack => ui::task_unpack(),
            Self::Publish => ui::task_publish(),
            Self::Link => ui::task_link(),
            Self::Wait => ui::task_wait(),
        }
    }
}

/// Receives the facts of an operation, possibly from several threads at once.
pub trait Reporter: Sync {
    /// Work on a task begins; `total` is the number of bytes it will take, where that is known.
    fn started(&self, task: Task, total: Option<u64>);
    /// So many more bytes of the task are done.
    fn advanced(&self, task: Task, bytes: u64);
    /// The task is done, or was given up.
    fn finished(&self, task: Task);
    /// A decision worth knowing when one asks why: shown with `-v`.
    fn decided(&self, text: String);
    /// Something that did not stop the operation but needs attention.
    fn warned(&self, warning: Diagnostic);
}

/// How an operation works: on how many threads, and who receives its reports.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// Threads at most.
    pub jobs: usize,
    /// Receives the facts.
    pub reporter: &'a dyn Reporter,
}

/// A reporter that drops everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn started(&self, _: Task, _: Option<u64>) {}
    fn advanced(&self, _: Task, _: u64) {}
    fn finished(&self, _: Task) {}
    fn decided(&self, _: String) {}
    fn warned(&self, _: Diagnostic) {}
}
