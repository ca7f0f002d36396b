//! Words about the lockfile.

crate::message::messages! { "lock";
    version(found: &str) = "the lockfile is of version {found}; this program knows version 1";
    version_hint() = "update vitte-package";
    merge() = "the lockfile holds the marks of an unfinished merge";
    head() = "the lockfile does not begin as this program writes it";
    line() = "this line does not belong into a lockfile";
    key_unknown(key: &str) = "nothing reads the key `{key}`";
    key_order(key: &str) = "the key `{key}` stands twice, or not in its place";
    key_missing(key: &str) = "the key `{key}` is missing";
    value(key: &str, reason: &str) = "the value of `{key}` cannot be read: {reason}";
    value_string() = "it is not a string in double quotes";
    value_number() = "it is not a plain whole number";
    value_list() = "it is not a list of strings in the form this program writes";
    order(name: &str, version: &str) = "{name} {version} is not in its place: packages are sorted by name, version, kind and target";
    twice(name: &str, version: &str) = "{name} {version} stands twice";
    list_order(key: &str) = "`{key}` is not sorted, or holds something twice";
    dependency_unknown(dependency: &str) = "`{dependency}` is not in the lockfile";
    dependency_form(dependency: &str, canonical: &str) = "`{dependency}` should be written `{canonical}`";
    dependencies_differ(name: &str, version: &str) = "two artifacts of {name} {version} have different dependencies";
    unreachable(name: &str, version: &str) = "nothing needs {name} {version}";
    hint_restore() = "restore vitte.lock from version control, or run: vitte package lock";
    stale_version(name: &str, locked: &str, now: &str) = "{name} is {now} and the lockfile has {locked}";
    stale_absent(name: &str) = "{name} is not in the lockfile";
    stale_requirement(name: &str, dependency: &str, requirement: &str) = "{name} wants {dependency} {requirement}, and the lockfile has no such release for it";
    stale_extra(name: &str, dependency: &str) = "{name} no longer wants {dependency}, and the lockfile has it";
    stale_registry(name: &str, locked: &str, now: &str) = "{name} is locked from {locked} and its namespace belongs to {now}";
    stale_no_registry(name: &str) = "{name} belongs to no registry";
    stale_hint() = "vitte package lock";
    tree_changed(name: &str, version: &str, locked: &str, found: &str) = "{name} {version} is locked as {locked} and the registry has {found}";
    signers_changed(name: &str, version: &str, before: &str, after: &str) = "{name} {version} was signed by {before} and is signed by {after}";
    signers_none() = "nobody";
    registry_changed(name: &str, locked: &str, now: &str) = "{name} is locked from the registry {locked} and would be taken from {now}";
    registry_changed_hint(name: &str) = "if it has moved: remove the tables of {name} from vitte.lock, and lock again";
    signers_hint(namespace: &str) = "see what changed: vitte package namespace show {namespace}";
    content_of_other(name: &str, version: &str, tree: &str, found: &str) = "{name} {version} is locked as {tree}, which is the content of {found}";
    tree_hint() = "see who changed vitte.lock: git log -p vitte.lock";
}
