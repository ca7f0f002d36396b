//! Words about archive.

crate::message::messages! { "archive";
    // paths
    path_utf8(path: &str) = "the path `{path}` is not UTF-8";
    path_empty() = "a path is empty";
    path_length(path: &str, len: u64, limit: u64) = "the path `{path}` has {len} bytes, more than {limit}";
    path_component_length(path: &str, len: u64, limit: u64) = "a component of the path `{path}` has {len} bytes, more than {limit}";
    path_depth(path: &str, depth: u64, limit: u64) = "the path `{path}` is {depth} levels deep, more than {limit}";
    path_header(path: &str) = "the path `{path}` does not fit a tar header: no `/` leaves at most 155 bytes before it and 100 after";
    path_empty_component(path: &str) = "the path `{path}` is absolute, or has an empty component";
    path_dot_component(path: &str) = "the path `{path}` has a component `.` or `..`";
    path_character(path: &str, character: &str) = "the path `{path}` has the character {character}, which has a meaning on some systems";
    path_invisible(path: &str, character: &str) = "the path `{path}` has the character {character}, which is not seen";
    path_unassigned(path: &str, character: &str) = "the path `{path}` has the code point {character}, which Unicode 16.0 does not assign";
    path_normal(path: &str) = "the path `{path}` is not in Unicode normal form C";
    path_end(path: &str, component: &str) = "`{component}` in the path `{path}` ends in a dot or a space, which Windows drops";
    path_device(path: &str, component: &str) = "`{component}` in the path `{path}` is a device name on Windows";
    path_reserved(path: &str, component: &str) = "`{component}` in the path `{path}` is reserved";
    path_duplicate(path: &str, other: &str) = "`{path}` and `{other}` are the same file where case is ignored";
    path_file_and_folder(file: &str, below: &str) = "`{file}` is a file, and `{below}` needs it to be a folder";
    path_hint() = "rename the file, or leave it out: exclude = [\"<path>\"] under [package]";
    path_normal_hint() = "rename the file with composed characters: convmv -f utf8 -t utf8 --nfc --notest FILE";
    path_reserved_hint() = "`.git` and names that begin with `.vitte-` belong to version control and to the store";
    path_duplicate_hint() = "rename one of the two, or leave it out: exclude = [\"<path>\"] under [package]";
}
