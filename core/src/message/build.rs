//! Words about building archives and looking into them.

crate::message::messages! { "build";
    not_regular(path: &str) = "{path} is not a regular file";
    not_regular_hint() = "a package holds regular files only: replace it by a copy, or leave it out";
    changed(path: &str) = "{path} changed while it was packaged";
    changed_hint() = "stop whatever writes to it, then run the command again";
    ends_early() = "the archive ends before its table of contents does";
    no_such_file(path: &str) = "the archive has no file `{path}`";
    file_digest(path: &str) = "`{path}` is not what the list of files says";
    frame_digest() = "a frame is not what the frame table says";
    header_mismatch() = "a tar header in a frame contradicts the list of files";
}
