//! Words about building archives and looking into them.

pub use vitte_package_core::message::build::*;

vitte_package_core::messages! { "build";
    not_regular(path: &str) = "{path} is not a regular file";
    not_regular_hint() = "a package holds regular files only: replace it by a copy, or leave it out";
    changed(path: &str) = "{path} changed while it was packaged";
    changed_hint() = "stop whatever writes to it, then run the command again";
    ends_early() = "the archive ends before its table of contents does";
    source_has_no_target(target: &str) = "a `.vitmod` holds sources for every target, not for `{target}` alone";
    out_is_link(folder: &str) = "the folder for the build's files, {folder}, is a symbolic link";
    out_is_link_help() = "remove the link, or choose another folder: out = \"target/vitpkg\"";
    out_is_taken(folder: &str) = "{folder} holds files that no build left there; the folder is emptied before each build";
    out_is_taken_help() = "remove the folder if its files can be made again, or choose another: out = \"target/vitpkg\"";
    sources_changed(command: &str, first: &str, count: u64) = [count:
        "the build command `{command}` changed a source file: {first}",
        "the build command `{command}` changed {count} source files, {first} among them"];
    sources_changed_hint() = "let the command write only to the folder in VITTE_OUT, or leave the files it makes out of the package";
    out_is_packed(folder: &str) = "{folder} is inside the folder that is packed";
    out_is_packed_hint() = "give another folder: vitte package build --out target";
    running(line: &str) = "running {line}";
    command_absent(program: &str, reason: &str) = "the build command `{program}` cannot be run: {reason}";
    command_failed(line: &str, status: i32) = "the build command `{line}` ended with status {status}";
    command_killed(line: &str) = "the build command `{line}` was ended by a signal";
    command_hint(target: &str, out: &str, line: &str) = "VITTE_TARGET={target} VITTE_OUT={out} {line}";
    not_reproducible(name: &str, count: u64) = [count:
        "building {name} twice gave two packages: a file differs",
        "building {name} twice gave two packages: {count} files differ"];
    not_reproducible_hint() = "let the build command write no times, paths, random names or unordered lists";
    built(name: &str, files: u64, content: &str, stored: &str) = [files:
        "{name}  {files} file, {content} → {stored}",
        "{name}  {files} files, {content} → {stored}"];
    built_checked(line: &str) = "{line}, reproducible";
    listed(name: &str, files: u64, content: &str) = [files:
        "{name}  {files} file, {content}",
        "{name}  {files} files, {content}"];
    shown_package(name: &str, version: &str, kind: &str) = "{name} {version}  {kind}";
    shown_identity(tree: &str) = "identity    {tree}";
    shown_head(head: &str) = "head        {head}";
    shown_sizes(files: u64, content: &str, stored: &str) = [files:
        "content     {files} file, {content}; archive {stored}",
        "content     {files} files, {content}; archive {stored}"];
    shown_frames(frames: u64, codec: &str) = "frames      {frames}, {codec}";
    shown_unsigned() = "signatures  none";
    shown_signature(key: &str, payload: &str) = "signature   {key}, not checked ({payload})";
    shown_section(name: &str, files: u64, content: &str) = [files:
        "section     {name}: {files} file, {content}",
        "section     {name}: {files} files, {content}"];
    shown_dependency(name: &str, requirement: &str) = "needs       {name} {requirement}";
    shown_foreign(format: &str, entries: u64) = [entries:
        "{format} archive of another tool, {entries} entry; nothing of it can be verified",
        "{format} archive of another tool, {entries} entries; nothing of it can be verified"];
    foreign_has_no_tree() = "an archive of another tool has no list of files of ours";
    foreign_content(path: &str) = "`{path}` is not a file of the archive, but a folder, link or special entry";
}
