//! Words about files, folders, locks and the store of installed packages.

crate::message::messages! { "store";
    read(path: &str, reason: &str) = "{path} cannot be read: {reason}";
    write(path: &str, reason: &str) = "{path} cannot be written: {reason}";
    create(path: &str, reason: &str) = "the folder {path} cannot be made: {reason}";
    rename(path: &str, reason: &str) = "{path} cannot be put in its place: {reason}";
    remove(path: &str, reason: &str) = "{path} cannot be removed: {reason}";
    list(path: &str, reason: &str) = "the folder {path} cannot be listed: {reason}";
    lock(path: &str, reason: &str) = "{path} cannot be locked: {reason}";
    run(path: &str, reason: &str) = "{path} cannot be run: {reason}";
    no_space(path: &str) = "the disk is full: {path} cannot be written";
    too_large(path: &str, limit: u64) = "{path} is larger than {limit} bytes";
    encoding(path: &str) = "{path} is not UTF-8 text";
    reason_not_found() = "there is no such file or folder";
    reason_permission() = "permission denied";
    reason_read_only() = "the file system is read-only";
    reason_exists() = "it exists already";
    reason_is_folder() = "it is a folder";
    reason_not_folder() = "it is not a folder";
    busy(path: &str) = "another process holds the lock {path}";
    busy_holder(path: &str, holder: &str) = "another process holds the lock {path}: {holder}";
    damaged(path: &str, reason: &str) = "the store is damaged: {path}: {reason}";
    damaged_help(path: &str) = "rm -r {path}, then install again";
    reason_no_marker() = "its marker is missing";
    reason_other_tree() = "it is the list of another package";
    reason_no_number() = "it does not hold the number of a generation";
    reason_newer(version: u32) = "it has the form {version}, which is newer than this program";
    program_taken(program: &str, by: &str, wanted: &str) = "{wanted} and {by} both provide the program `{program}`";
    uninstall_help(package: &str) = "vitte package uninstall {package}";
    shim_taken(path: &str) = "{path} is in the way: it was not written by vitte package";
    shim_taken_help(path: &str) = "move it elsewhere: mv {path} {path}.old";
    not_installed(package: &str) = "{package} is not installed";
    version_not_installed(package: &str, version: &str) = "{package} {version} is not installed";
    versions_installed(versions: &str) = "installed are: {versions}";
    list_help() = "vitte package list";
    shim_gone(program: &str) = "{program} is not installed any more";
}
