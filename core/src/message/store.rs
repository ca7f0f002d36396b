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
}
