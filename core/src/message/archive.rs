//! Words about archives: trees, frames, containers, codecs.

crate::messages! { "archive";
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
    // trees
    tree_utf8(line: u64) = "line {line} of the list of files is not UTF-8";
    tree_last_line() = "the list of files does not end with a line feed";
    tree_first_line(got: &str) = "the list of files begins with `{got}` instead of `vitte-tree 1`";
    tree_line(line: u64, got: &str) = "line {line} of the list of files is neither a section nor a file: `{got}`";
    tree_size(line: u64, got: &str) = "`{got}` on line {line} of the list of files is not a size in plain decimal digits";
    tree_entry_digest(line: u64, got: &str) = "`{got}` on line {line} of the list of files is not a SHA-256 digest";
    tree_section_name(got: &str) = "`{got}` is not the name of a section: it needs 1 to 32 characters of `[a-z0-9-]`, beginning with a letter";
    tree_section_order(got: &str) = "section `{got}` stands in the wrong place in the list of files, or twice";
    tree_section_empty(got: &str) = "section `{got}` has no files";
    tree_manifest_first(got: &str) = "the list of files begins with `{got}` instead of section `meta` and `vitte.toml`";
    tree_meta_file(got: &str) = "`{got}` may not stand in section `meta`";
    tree_path_order(got: &str) = "`{got}` stands in the wrong place in the list of files, or twice";
    tree_text_len(got: u64, limit: u64) = "the list of files has {got} bytes, the limit is {limit}";
    tree_entries(got: u64, limit: u64) = "the package has {got} files or more, the limit is {limit}";
    tree_folders(files: u64, folders: u64, limit: u64) = "the package has {files} files in {folders} folders or more, the limit for both together is {limit}";
    tree_sections(got: u64, limit: u64) = "the package has {got} sections or more, the limit is {limit}";
    tree_file_len(path: &str, got: u64, limit: u64) = "`{path}` has {got} bytes, the limit for a file is {limit}";
    tree_content_len(got: u64, limit: u64) = "the files of the package have {got} bytes or more together, the limit is {limit}";
    tree_meta_len(got: u64, limit: u64) = "the files of section `meta` have {got} bytes or more together, the limit is {limit}";
    tree_no_manifest() = "the package has no `vitte.toml`";
    // containers
    not_a_package(bytes: &str) = "this is not a Vitte package: it begins with the bytes {bytes}";
    not_a_package_foreign(format: &str) = "it looks like a {format} file; `vitte package inspect FILE` lists foreign archives";
    not_a_package_unread(format: &str) = "it looks like a file of {format}, which this program does not read";
    head_too_short(got: u64) = "the archive ends after {got} bytes, before its table of contents and signatures do";
    head_major(got: u16) = "the archive has format version {got}, this tool reads version 1";
    head_incompat(bits: &str) = "the archive uses features {bits} that this tool does not know";
    head_field(field: &str, got: u64) = "the head of the archive has {got} as `{field}`, which this tool does not know";
    head_limit(field: &str, got: u64, limit: u64) = "the head of the archive has {got} as `{field}`, the limit is {limit}";
    archive_is_delta() = "this is a delta between two packages, not a package";
    skippable(offset: u64) = "the part of the archive at byte {offset} does not begin as the head says";
    sigs_len(got: u64, limit: u64) = "the signatures have {got} bytes, the limit is {limit}";
    toc_digest() = "the table of contents is not the one the head names";
    toc_frame(reason: &str) = "the table of contents does not decompress: {reason}";
    toc_len(expected: u64, got: u64) = "the table of contents has {got} bytes instead of {expected}";
    tree_digest() = "the list of files is not the one the head names";
    frame_table_line(line: u64, got: &str) = "line {line} of the frame table is malformed: `{got}`";
    frame_count(expected: u64, got: u64) = "the frame table has {got} frames or more, the list of files needs {expected}";
    frame_raw_len(frame: u64, expected: u64, got: u64) = "frame {frame} has {got} bytes before compression, the list of files needs {expected}";
    frame_stored_len(frame: u64, got: u64, limit: u64) = "frame {frame} has {got} bytes, it needs 1 to {limit}";
    total_len(expected: u64, got: u64) = "the file has {got} bytes, its parts have {expected} together";
    trailing_data(expected: u64, got: u64) = "the archive ends at byte {expected}, but {got} bytes are there";
    end_frame(offset: u64) = "the archive does not end as it must at byte {offset}";
    truncated(got: u64) = "the data ends after {got} bytes, before the archive does";
    truncated_of(got: u64, expected: u64) = "the data ends after {got} of {expected} bytes";
}
