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

    // frames
    frame_truncated(offset: u64) = "the frame ends at byte {offset}, before its last block";
    frame_magic() = "there is no frame where one should begin";
    frame_reserved(offset: u64) = "byte {offset} of the frame uses something reserved or not allowed in archives";
    frame_dictionary() = "the frame needs a dictionary";
    frame_no_content_size() = "the frame does not state its length";
    frame_content_size(expected: u64, got: u64) = "the frame states a length of {got} bytes, and the frame table {expected}";
    frame_window(got: u64) = "the frame wants a window of {got} bytes, more than is allowed";
    frame_block(offset: u64, got: u64, limit: u64) = "the block at byte {offset} of the frame states {got} bytes, which does not fit {limit}";
    frame_trailing(extra: u64) = [extra: "a byte follows the end of the frame", "{extra} bytes follow the end of the frame"];
    frame_length(limit: u64) = "there are more than {limit} bytes, the limit";
    frame_output(expected: u64) = "the frame does not yield the {expected} bytes it states";
    frame_checksum() = "the checksum in the compressed data does not fit";
    frame_data(reason: &str) = "the compressed data is malformed: {reason}";
    frame_encoder(reason: &str) = "compressing failed: {reason}";

    // archives of other tools
    foreign_unknown() = "the file is neither a Vitte package nor a .tar, .tar.gz or .tar.zst archive";
    foreign_truncated() = "the tar archive ends within an entry";
    foreign_header(field: &str) = "the field `{field}` of a tar header is malformed";
    foreign_size() = "a tar entry states two different sizes";
    foreign_two_extensions() = "a tar entry is named by more than one extension header";
    foreign_long_extension(limit: u64) = "an extension header of a tar entry is longer than {limit} bytes";
    foreign_pax() = "the PAX records of a tar entry are malformed";
    foreign_global() = "a global PAX header changes the entries after it";
    foreign_name() = "the name of a tar entry is empty or has a NUL byte";
    foreign_sparse() = "a tar entry is a sparse file";
    foreign_link_content() = "a tar entry that is not a file has content";
    foreign_type() = "a tar entry is of an unknown type";
    foreign_trailing() = "bytes follow the end of the tar archive";
    foreign_entries(limit: u64) = "the archive has more than {limit} entries";
    foreign_file_length(size: u64, limit: u64) = "a file of the archive has {size} bytes, more than {limit}";
    foreign_symlink(name: &str, target: &str) = "`{name}` is a symbolic link to `{target}`";
    foreign_hard_link(name: &str, target: &str) = "`{name}` is a hard link to `{target}`";
    foreign_special(name: &str) = "`{name}` is neither a file nor a folder";
    foreign_not_regular_hint() = "a package holds regular files only: replace it by a copy, or leave it out";
}
