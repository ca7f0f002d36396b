//! Words about the transparency log, index files, namespaces and trust roots.

crate::messages! { "log";
    inclusion_index(index: u64, size: u64) = "entry {index} is outside the log, which has {size}";
    proof_length(hashes: u64, size: u64) = "a proof of {hashes} hashes has not the length that a log of {size} entries calls for";
    inclusion_root(index: u64, size: u64) = "entry {index} is not what the log of {size} entries has there";
    log_shrunk(old: u64, new: u64) = "the log had {old} entries and has {new} now";
    consistency_root(old: u64, new: u64) = "the log of {new} entries does not begin with the {old} seen before";
    tile_length(path: &str, expected: u64, got: u64) = "`{path}` has {got} bytes instead of {expected}";
    tile_missing(path: &str) = "`{path}` is missing";
    tile_altered(path: &str) = "`{path}` is not part of the signed log";
    bundle_entries(path: &str, expected: u64, got: u64) = "`{path}` has {got} whole entries instead of {expected}";
    entry_length(len: u64, limit: u64) = "a log entry of {len} bytes is longer than {limit}";
    log_full(limit: u64) = "the log has reached {limit} entries, its limit";
    edge_root(size: u64, got: &str, expected: &str) = "the tiles of the log of {size} entries give the root {got}, signed is {expected}";
    proof_syntax(line: u64) = "line {line} of the proof is malformed";
    proof_no_leaf() = "the proof does not say what it proves: it has no `extra` line";

    note_length(len: u64, limit: u64) = "the signed note has {len} bytes; at most {limit} are allowed";
    note_utf8() = "the signed note is not UTF-8";
    note_control() = "the signed note has a control character";
    note_no_signatures() = "the signed note does not end in an empty line and signature lines";
    note_signature_line() = "the signed note has a malformed signature line";
    note_too_many_signatures(limit: u64) = "the signed note has more than {limit} signature lines";
    note_key_name(name: &str) = "`{name}` cannot be the name of a key: it is empty or has a space or `+`";
    note_vkey(vkey: &str) = "`{vkey}` is not a verifier key of the type needed here";
    note_weak_key(name: &str) = "the key `{name}` is weak or not in canonical form";
    note_signature(name: &str) = "the signature of `{name}` does not check";
    note_unsigned(wanted: &str) = "the note is not signed by `{wanted}`";

    checkpoint_syntax(line: u64) = "line {line} of the checkpoint is malformed";
    checkpoint_origin(got: &str, expected: &str) = "the checkpoint is of the log `{got}`, not of `{expected}`";
    checkpoint_quorum(quorum: &str, seen: &str) = "the checkpoint lacks the witnesses of `{quorum}`; seen by: {seen}";

    policy_syntax(line: u64) = "line {line} of the log policy is malformed";
    policy_key(line: u64, reason: &str) = "line {line} of the log policy: {reason}";
    policy_duplicate(line: u64, name: &str) = "line {line} of the log policy: `{name}` stands there already";
    policy_undefined(line: u64, name: &str) = "line {line} of the log policy: `{name}` is not defined above";
    policy_no_quorum() = "the log policy has no `quorum` line";

    leaf_syntax(line: u64) = "line {line} of the log entry is malformed";
    leaf_kind(kind: &str) = "log entries of the kind `{kind}` are not known to this version";
    leaf_envelopes(got: u64) = "a log entry cannot hold {got} envelopes of a line each";
    leaf_order(index: u64) = "log entry {index} cannot stand there: its time or `prev` contradicts the entries before it";
    leaf_mismatch(what: &str, got: &str, expected: &str) = "the log entry names the {what} {got}, signed is {expected}";

    trust_root_malformed(reason: &str) = "the trust root contradicts itself: {reason}";
    trust_root_version() = "versions count from 1, and all but the first name the one before";
    trust_root_threshold(threshold: u64, keys: u64) = [keys: "a threshold of {threshold} cannot be met by {keys} key", "a threshold of {threshold} cannot be met by {keys} keys"];
    trust_root_log(origin: &str) = "it needs log keys, all of them named `{origin}`";
    trust_root_index(name: &str) = "it needs index keys, all of them named `{name}`";
    trust_root_pin(got: &str, expected: &str) = "the registry's trust root is {got}, pinned is {expected}";
    trust_root_rollback(known: u64, got: u64) = "trust root {got} does not follow the known {known}";
    trust_root_prev(version: u64) = "trust root {version} does not name the one before it";
    trust_root_overlap(version: u64) = "trust root {version} has no log key or no index key in common with the one before it";
    registry_mismatch(got: &str, expected: &str) = "it is meant for the registry `{got}`, not for `{expected}`";

    namespace_malformed(reason: &str) = "the namespace record contradicts itself: {reason}";
    namespace_keys(keys: u64, limit: u64) = "it has {keys} keys; 1 to {limit} are allowed";
    namespace_key_twice() = "a key stands there twice";
    namespace_threshold(role: &str, needed: u64, there: u64) = [there: "a threshold of {needed} for `{role}` cannot be met by {there} key", "a threshold of {needed} for `{role}` cannot be met by {there} keys"];
    namespace_pattern(pattern: &str) = "`{pattern}` is neither `*` nor the name of a package without its namespace";
    namespace_prev(seq: u64) = "record {seq}: all records but the first name the one before";
    namespace_file(line: u64) = "line {line} of the namespace file is malformed";
    namespace_chain(namespace: &str, reason: &str) = "the records of the namespace `{namespace}` do not form a chain: {reason}";
    chain_namespace(other: &str) = "one is of `{other}`";
    chain_seq(got: u64, expected: u64) = "record {got} stands in the place of record {expected}";
    chain_prev(seq: u64) = "record {seq} does not name the one before it";
    chain_order(seq: u64) = "record {seq} is not later in the log than the one before it";
    chain_revocation(key: &str) = "the revocation of {key} was dropped or moved to later";
    chain_stranger(seq: u64) = "record {seq} is not signed by any key of the one before it";
    namespace_not_in_force(namespace: &str, at: u64) = "the namespace `{namespace}` has no record before log entry {at}";
    namespace_not_authorised(package: &str, at: u64, signers: &str) = "no key that may sign for `{package}` at log entry {at} has signed; signers: {signers}";
    namespace_revoked(key: &str, since: u64, at: u64) = "the key {key} is revoked since log entry {since}; this was signed at {at}";
    namespace_policy(policy: &str) = "the namespace's policy `{policy}` asks for an attested workflow, which cannot be checked here";

    index_empty() = "it is empty";
    index_line_length(limit: u64) = "it is longer than {limit} bytes";
    index_order(log: u64) = "log entry {log} is out of order or beyond the log";
    index_build_metadata(version: &str, other: &str) = "{version} differs from {other} in build metadata only";
    index_twice(version: &str, kind: &str, target: &str) = "{version} {kind} {target} stands there twice";
    index_disagree(version: &str) = "the artifacts of {version} differ in manifest, dependencies or features";
    index_note(reason: &str) = "the index file is not signed by the registry: {reason}";
    index_version(version: u64) = "the index file is of form {version}; this version reads form 1";
    index_package(got: &str, expected: &str) = "the index file is of `{got}`, not of `{expected}`";
    index_line(line: u64, reason: &str) = "line {line} of the index file: {reason}";

    bundle_malformed(reason: &str) = "the stapled proofs are malformed: {reason}";
    bundle_version(version: u64) = "they are of form {version}; this version reads form 1";
    bundle_no_trust_root() = "they have no trust root";
    bundle_checkpoints() = "they are against several checkpoints";
}
