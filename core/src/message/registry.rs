//! Words about registries and publishing.

crate::messages! { "registry";
    registry_file_missing(path: &str) = "the registry has no `{path}`";
    registry_file_long(path: &str, len: u64, limit: u64) = "the registry's `{path}` has {len} bytes; no such file has more than {limit}";
    registry_other_id(got: &str, expected: &str) = "it is of the registry `{got}`, not of `{expected}`";
    registry_untrusted(id: &str) = "the registry `{id}` is not known here: nobody has said that its keys are to be believed";

    older_log(served: u64, seen: u64) = [seen: "this copy of the registry is older than what you have seen ({served} of {seen} entry)", "this copy of the registry is older than what you have seen ({served} of {seen} entries)"];
    older_trust_root(seen: u64) = "this copy of the registry is older than what you have seen: it does not have trust root {seen}";
    older_no_checkpoint() = "this copy of the registry has no checkpoint: it is not complete";
    older_offline() = "with --offline, cached copies of the registry's files are used";
    older_lacks(older: &str, path: &str) = "{older}, and does not have `{path}`";
    older_index(older: &str, package: &str, got: u64, seen: u64) = "{older}: its index of `{package}` has revision {got}, you have seen {seen}";
    older_records(older: &str, namespace: &str) = "{older}: it does not have all records of the namespace `{namespace}`";
    older_help() = "try again later, or use another copy of the registry";
    copy_lacks(path: &str) = "this copy of the registry does not have `{path}`: it is not complete, or still being copied";
    copy_lacks_seen(path: &str) = "this copy of the registry does not have `{path}`, which you have seen before: it is older, or not complete";
    copy_index_ahead(package: &str, log_size: u64, size: u64) = "this copy of the registry is not complete: its index of `{package}` belongs to a log of {log_size} entries, its checkpoint has {size}";
    trust_root_walk(limit: u64) = "the registry has more than {limit} trust roots that you have not seen";
    index_rollback(package: &str, got: u64, seen: u64) = "the index file of `{package}` has revision {got}; {seen} was seen before";
    index_line_altered(artifact: &str) = "the index line of {artifact} is not the one that was logged";
    namespace_forgotten(namespace: &str, seq: u64) = "the records of the namespace `{namespace}` do not contain record {seq}, which was seen before";
    same_size_other_root(size: u64) = "two logs of {size} entries have different roots";
    split_view(before: u64, now: u64, reason: &str) = "the log of {now} entries does not agree with that of {before} seen before: {reason}";

    release_missing(release: &str, registry: &str) = "`{registry}` has no `{release}`";
}
