//! Words about verification.

crate::messages! { "verify";
    // checks, as the steps of a verdict
    check_container() = "the archive has the form of a package";
    check_toc() = "the table of contents is the one the head names";
    check_tree() = "the list of files is well-formed and has the digest it claims";
    check_identity() = "the package is the one that was expected";
    check_signature() = "the signature over the list of files checks";
    check_key() = "the signer may sign for this package";
    check_subject() = "the signature is for this package, version, kind and target";
    check_registry() = "the signature is for this registry";
    check_manifest() = "the packed manifest is the one that was signed, and names this package";
    check_frames() = "every compressed frame has its digest";
    check_headers() = "every tar header is the one the list of files asks for";
    check_files() = "every file has its digest";
    check_end() = "the archive ends where it must";
    // checks of what a registry says about a release
    check_trust_root() = "the registry's keys follow from the trust root that is believed";
    check_checkpoint() = "the registry's log has signed its size and root";
    check_continuity() = "the log continues the one that was seen here before";
    check_index() = "the registry's signed index names this release";
    check_entry() = "the release is in the log, as the index says";
    check_authority() = "the signer might sign for this package there, by the namespace's records in the log";
    // what a passed check found
    found_container(kind: &str, codec: &str, bytes: &str) = "{kind}, {codec}, {bytes} bytes of signatures";
    found_toc(frames: u64) = [frames: "{frames} frame", "{frames} frames"];
    found_tree(tree: &str) = "{tree}";
    found_signers(signers: &str) = "{signers}";
    found_release(package: &str, version: &str, kind: &str, target: &str) = "{package} {version}, {kind}, {target}";
    found_frames(done: u64, frames: u64) = [frames: "{done} of {frames} frame", "{done} of {frames} frames"];
    found_headers(files: u64) = [files: "{files} header", "{files} headers"];
    found_files(files: u64, bytes: u64) = [files: "{files} file, {bytes} bytes", "{files} files, {bytes} bytes"];
    found_trust_root(registry: &str, version: u64) = "{registry}, trust root {version}";
    found_checkpoint(size: u64) = [size: "{size} entry", "{size} entries"];
    found_continuity(before: u64) = [before: "{before} entry before", "{before} entries before"];
    found_index(release: &str, revision: u64) = "{release}, revision {revision}";
    found_entry(log: u64, size: u64) = "entry {log} of {size}";
    found_authority(signers: &str, records: u64) = [records: "{signers}, by {records} record", "{signers}, by {records} records"];
    // faults
    frame_digest(frame: u64, frames: u64) = "frame {frame} of {frames} is not what the table of contents says";
    frame_decode(frame: u64, frames: u64, reason: &str) = "frame {frame} of {frames} cannot be decompressed: {reason}";
    frame_length(frame: u64, expected: u64, got: u64) = "frame {frame} has {got} bytes instead of {expected}";
    header_mismatch(path: &str) = "the tar header in front of `{path}` contradicts the list of files";
    padding(path: &str) = "the padding behind `{path}` is not zero";
    file_digest(path: &str) = "`{path}` is not what the list of files says";
    release_altered(release: &str, what: &str) = "{release} is not what its author signed: {what}";
    unexpected_tree(expected: &str, got: &str) = "the package is {got}, expected was {expected}";
    unexpected_kind(expected: &str, got: &str) = "the package is a {got}, expected was a {expected}";
    manifest_name(expected: &str, got: &str) = "the packed manifest is of {got}, expected was {expected}";
    manifest_unreadable(reason: &str) = "the packed manifest cannot be read: {reason}";
    unproven() = "no proof leads from its signatures to the trust root: the package holds none";
    unproven_help() = "ask for a copy with its proofs (`vitte package staple FILE` adds them), or give the address of the registry";
    memory_of_another_root() = "what was kept of earlier looks belongs to another trust root";
    other_archive(frame: u64) = "frame {frame} was checked against the table of contents of another archive";
    frame_order(expected: u64, got: u64) = "frame {got} came before frame {expected}";
    incomplete(missing: u64) = [missing: "{missing} frame was never checked", "{missing} frames were never checked"];
    // verdicts
    verdict_verified() = "verified";
    verdict_unsigned() = "unsigned: the contents are whole, but nobody vouches for them";
    verdict_untrusted() = "untrusted: the contents are whole, but the signer is not one you trust";
    verdict_tampered() = "tampered with";
}
