//! Every limit of the formats, in one place, with unit and reason.
//!
//! A length read from input is compared with one of these before anything is allocated for it.

/// Bytes of one part of a package's name.
pub const NAME_PART_LEN: usize = 64;
/// Bytes of a registered namespace: shorter than a name, so that both fit a file name with a version.
pub const REGISTERED_NAMESPACE_LEN: usize = 40;
/// Bytes of a version.
pub const VERSION_LEN: usize = 64;
/// Bytes of a target.
pub const TARGET_LEN: usize = 64;

/// Bytes of a manifest: 256 KiB.
pub const MANIFEST_LEN: usize = 256 * 1024;
/// Bytes of a description, an author or an address in a manifest: what a page and a line of output can show.
pub const MANIFEST_TEXT_LEN: usize = 1_000;
/// Bytes of a keyword.
pub const KEYWORD_LEN: usize = 32;
/// Keywords of a manifest.
pub const KEYWORDS: usize = 10;
/// Dependencies of one release, as an index line holds them.
pub const DEPENDENCIES: usize = 500;
/// Features of one release.
pub const FEATURES: usize = 256;

/// Bytes of a path in a package. Leaves room for the store's folder on systems with 260 characters.
pub const PATH_LEN: usize = 200;
/// Bytes of one component of a path: the name field of a tar header.
pub const PATH_COMPONENT_LEN: usize = 100;
/// Components of a path.
pub const PATH_DEPTH: usize = 32;
/// Bytes of the prefix field of a tar header.
pub const USTAR_PREFIX_LEN: usize = 155;
/// Bytes of the name field of a tar header.
pub const USTAR_NAME_LEN: usize = 100;

/// Files of a tree and the folders they are in, together: what an unpacked package may ask of a file system.
pub const TREE_ENTRIES: usize = 65_535;
/// Sections of a tree, `meta` and `-` included.
pub const TREE_SECTIONS: usize = 16;
/// Bytes of a section's name.
pub const SECTION_NAME_LEN: usize = 32;
/// Bytes of the contents of section `meta`: what one ranged request should bring.
pub const META_LEN: u64 = 1024 * 1024;
/// Bytes of one file: what 32-bit readers can hold.
pub const FILE_LEN: u64 = (1 << 31) - 1;
/// Bytes of all files of a package.
pub const CONTENT_LEN: u64 = 4 * 1024 * 1024 * 1024;

/// Bytes of the tree text.
pub const TREE_TEXT_LEN: u32 = 32 * 1024 * 1024;
/// Bytes of the frame table text.
pub const FRAMES_TEXT_LEN: u32 = 8 * 1024 * 1024;
/// Bytes of the stored TOC.
pub const TOC_STORED_LEN: u32 = 16 * 1024 * 1024;
/// Bytes of the SIGS payload.
pub const SIGS_LEN: u32 = 262_144;
/// Bytes of a frame before compression: 8 MiB, also the window of RFC 9659.
pub const FRAME_RAW_LEN: u64 = 8 * 1024 * 1024;

/// Bytes of a TOC before compression: the longest tree text and frame table.
pub const TOC_RAW_LEN: usize = TREE_TEXT_LEN as usize + FRAMES_TEXT_LEN as usize;

/// Greatest stored length of a frame of `raw` bytes: raw blocks cost 3 bytes in 128 KiB.
pub const fn frame_stored_len(raw: u64) -> u64 {
    raw + raw / 128 + 64
}

/// Bytes that one patch of a delta gives, and bytes it begins from: what a machine with little memory can hold twice.
pub const DELTA_PATCH_LEN: u64 = 64 * 1024 * 1024;
/// Bytes that all patches of a delta give.
pub const DELTA_CONTENT_LEN: u64 = 256 * 1024 * 1024;
/// Patches of a delta, the one of the list of files included.
pub const DELTA_PATCHES: u64 = 1_024;
/// Places in the old files that one patch begins from.
pub const DELTA_BASE_RANGES: usize = 4_096;
/// Bytes that the columns of a difference may have above what it gives: random data has as many.
pub const DELTA_COLUMNS_ABOVE: u64 = 64 * 1024;
/// Bytes of history that a patch of one frame may refer to: what `zstd --long` takes unasked, as a power of two.
pub const DELTA_WINDOW_LOG: u32 = 27;

/// Bytes a worker may hold for one frame: stored, raw and decoder window.
pub const WORKER_MEMORY: u64 = 24 * 1024 * 1024;

/// Bytes a foreign archive may inflate to when it is only shown.
pub const FOREIGN_INSPECT_LEN: u64 = 256 * 1024 * 1024;
/// Bytes a foreign archive may inflate to when it is imported.
pub const FOREIGN_IMPORT_LEN: u64 = 4 * 1024 * 1024 * 1024;

/// Bytes of a key file in PEM: an encrypted key has some 400.
pub const PEM_LEN: usize = 16 * 1024;
/// Bytes of a registry's id.
pub const REGISTRY_ID_LEN: usize = 255;
/// Bytes of a signed envelope.
pub const ENVELOPE_LEN: usize = 49_152;
/// Trust roots that a client follows in one go, from the one it trusts to the newest.
pub const TRUST_ROOT_STEPS: u64 = 256;
/// Signatures of one envelope.
pub const ENVELOPE_SIGNATURES: usize = 16;
/// Levels of nesting in a signed payload.
pub const PAYLOAD_NESTING: usize = 16;
/// Members of `build` in a release statement.
pub const STATEMENT_BUILD: usize = 16;
/// Bytes of a member of `build` in a release statement.
pub const STATEMENT_BUILD_LEN: usize = 512;
/// Envelopes in the SIGS frame.
pub const SIGS_ENVELOPES: usize = 16;
/// Keys of a namespace record.
pub const NAMESPACE_KEYS: usize = 64;

/// Bytes of a log leaf: entry bundles prefix each with 16 bits of length.
pub const LEAF_LEN: usize = 65_535;
/// Bytes of a signed note that is a checkpoint.
pub const NOTE_LEN: usize = 65_536;
/// Signature lines of a note.
pub const NOTE_LINES: usize = 64;
/// Bytes of an index file.
pub const INDEX_LEN: usize = 8 * 1024 * 1024;
/// Bytes that the lines of an index file have at most behind a new release: what is left is for changes of status.
pub const INDEX_RELEASES_LEN: usize = 6 * 1024 * 1024;
/// Bytes that they have at most behind a change of status: what is left is for the first line and the signatures.
pub const INDEX_LINES_LEN: usize = INDEX_LEN - 64 * 1024;
/// Bytes of a lockfile: 100,000 packages.
pub const LOCKFILE_LEN: u64 = 64 * 1024 * 1024;
/// Packages one question about many index files may name.
pub const BATCH_NAMES: usize = 1_000;
/// Files of an answer to it.
pub const BATCH_FILES: usize = 2_000;
/// Bytes of an answer to it.
pub const BATCH_LEN: usize = 32 * 1024 * 1024;
/// Bytes of the line before a file in it: a name of 129 bytes, a tag and two numbers.
pub const BATCH_LINE_LEN: usize = 512;
/// Bytes of a tag in such a line.
pub const BATCH_ETAG_LEN: usize = 256;
/// Bytes of a line of an index file.
pub const INDEX_LINE_LEN: usize = 64 * 1024;
/// Bytes of the line of a new release: what is left is for its status, three texts of 500 bytes that JSON may escape.
pub const INDEX_RELEASE_LINE_LEN: usize = INDEX_LINE_LEN - 16 * 1024;
/// Bytes of a `.tlog-proof`: a leaf in base64, 63 hashes and a checkpoint note.
pub const TLOG_PROOF_LEN: usize = 256 * 1024;
/// Bytes of the text of a status record.
pub const STATUS_TEXT_LEN: usize = 500;
/// Bytes of a namespace file: all records of a namespace, one a line.
pub const NAMESPACE_FILE_LEN: usize = 8 * 1024 * 1024;
/// Bytes that it has at most behind a record that revokes no key: what is left is for those that do.
pub const NAMESPACE_RECORDS_LEN: usize = 7 * 1024 * 1024;
