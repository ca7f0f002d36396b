//! Words about building archives and looking into them.

crate::message::messages! { "build";
    not_regular(path: &str) = "{path} is not a regular file";
    not_regular_hint() = "a package holds regular files only: replace it by a copy, or leave it out";
    changed(path: &str) = "{path} changed while it was packaged";
    changed_hint() = "stop whatever writes to it, then run the command again";
}
