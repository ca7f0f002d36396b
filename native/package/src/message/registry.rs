//! Words about registries and publishing.

pub use vitte_package_core::message::registry::*;

vitte_package_core::messages! { "registry";
    line_ends_changed(path: &str) = "the line ends of {path} in this registry were changed from LF to CR LF, as git does with core.autocrlf; what was signed cannot be checked any more";
    line_ends_checkout(folder: &str) = "to check it out as it was published: git -C {folder} config core.autocrlf false && git -C {folder} rm -q -r --cached . && git -C {folder} reset -q --hard";
    line_ends_attributes(folder: &str) = "so that it stays so for everybody, its owner commits this file: echo '* -text' > {folder}/.gitattributes";
    location_file(given: &str) = "`{given}` does not name a folder of this machine";
    location_scheme(given: &str) = "`{given}` is neither a folder nor an address that begins with `https://`";
    location_http(url: &str) = "`{url}` is an address: this needs a registry server there, which this version does not speak to";
    location_http_help() = "run the command on the machine that holds the registry, with its folder: --registry DIR";
    location_scheme_missing(given: &str) = "`{given}` is neither a folder nor an address";
    location_scheme_missing_help(given: &str) = "an address begins with its scheme: --registry http://{given}";

    registry_layout(name: &str, path: &str) = "`{name}` is not a registry: it has no `{path}`";
    registry_layout_help_address() = "check the address: below the one of a registry there is a `config.json`";
    registry_absent(name: &str) = "there is no registry `{name}`: no such folder";
    registry_absent_help() = "check the path given as --registry, in VITTE_REGISTRY or as registry.default";
    registry_layout_help(name: &str) = "vitte package registry init {name}";
    registry_exists(name: &str) = "`{name}` is a registry already";
    registry_not_empty(name: &str) = "`{name}` is not empty";
    registry_file(path: &str, reason: &str) = "`{path}` is damaged: {reason}";
    registry_key_exists(path: &str) = "`{path}` exists: there are keys for that registry already";
    registry_no_keys(id: &str, folder: &str) = "only who holds the log key of `{id}` may publish there; there is none in `{folder}`";
    registry_no_keys_help() = "ask its owner to publish, or restore the keys";
    registry_pinned(id: &str, digest: &str) = "`{id}` is pinned already, to the trust root {digest}";
    registry_untrusted_help(name: &str, digest: &str) = "compare the digest with what its owner says, then: vitte package registry add {name} --trust-root-sha256 {digest}";

    older_used() = "what you have seen before stays in force";
    copy_records_ahead(namespace: &str, log_size: u64, size: u64) = "this copy of the registry is not complete: its records of the namespace `{namespace}` belong to a log of {log_size} entries, its checkpoint has {size}";
    seen_meanwhile(seen: u64, now: u64) = "another command has seen a log of {seen} entries meanwhile, and this copy of the registry cannot show that its {now} entries belong to it";
    seen_meanwhile_help() = "run the command again";
    index_ahead(package: &str, log_size: u64, size: u64) = "the index file of `{package}` is of a log of {log_size} entries; the checkpoint has {size}";
    evidence_kept(folder: &str) = "both checkpoints are kept in {folder}: show them to others who use the registry";

    registry_not_from_log(path: &str) = "`{path}` is not what follows from the log";
    registry_superseded_help(path: &str) = "remove `{path}`: a newer file has taken its place";
    registry_damaged(name: &str, reason: &str) = "{name} is damaged: {reason}";
    registry_root(size: u64, got: &str, expected: &str) = "the {size} entries of the log have the root {got}, signed is {expected}";
    registry_restored(reason: &str) = "the folder is not the one this log key signed last: {reason}";
    registry_restored_help() = "bring back the newest copy of the registry; signing another log of this name would show as a split view";
    registry_restored_lost(signed: &str, folder: &str) = "if there is no newer copy: remove {signed}, then run `vitte package registry rotate {folder} --log --yes` and `vitte package registry rotate {folder} --yes`; users who have seen the lost entries can go on once the old log key is dropped by the second";
    registry_older(entries: u64, signed: u64) = "it has {entries} entries, and the log key has signed {signed}: it is an older copy";
    registry_backup_foreign() = "this is not a backup of a registry's keys, as `registry key export` writes it";
    registry_backup_exists(path: &str) = "`{path}` exists; backups are never overwritten";
    registry_keys_exported(id: &str, path: &str) = "Exported the keys of registry `{id}` to {path}, under the passphrase";
    registry_keys_imported(id: &str, folder: &str) = "Imported the keys of registry `{id}` into {folder}";
    duplicate_release(artifact: &str, first: u64, second: u64) = "{artifact} was logged twice, at {first} and {second}";
    index_artifacts(got: u64, expected: u64) = "the index file has {got} artifacts, the log {expected}";
    archive_not_indexed(path: &str) = "`{path}` is not the file the index names";

    log_time(value: &str) = "VITTE_LOG_TIME is `{value}`; `accept` is the only value it takes";
    clock_far(now: &str, last: &str) = "this machine's clock says {now}, but the last entry of the registry's log is of {last}: nothing was logged, since a wrong time would stay in the log";
    clock_far_help() = "correct the clock; if it is right, run the command again with VITTE_LOG_TIME=accept";
    version_exists(artifact: &str) = "{artifact} is published already, with other content";
    version_contradicts(artifact: &str, reason: &str) = "{artifact} contradicts what is published of that version: {reason}";
    lz4_not_published() = "an archive in lz4 is not published: tools that read it as a tar see other files in it, or none";
    lz4_help() = "build it without --codec lz4: the content, and what it is known by, stay the same";
    raise_version() = "raise `version` in vitte.toml: what is published never changes";
    dependency_missing(package: &str, dependency: &str, requirement: &str, registry: &str) = "`{package}` needs `{dependency}` {requirement}, which `{registry}` does not have";
    circle_help(package: &str) = "leave out one of these dependencies: nobody could use this release of {package}";
    publish_together() = "publish it first, or both together: vitte package publish A.vitmod B.vitmod";

    begun(folder: &str, id: &str) = "{folder} is the registry `{id}` now; its keys are yours";
    begun_keys(keys: &str, folder: &str) = "its signing keys are in {keys}: back them up, for example with `vitte package registry key export {folder} --out registry-keys.pem`";
    begun_pin(folder: &str, digest: &str) = "others trust it by: vitte package registry add {folder} --trust-root-sha256 {digest}";
    audit_good(folder: &str, id: &str) = "{folder} is in order: registry `{id}`";
    audit_counts(entries: u64, namespaces: u64, packages: u64, artifacts: u64) = "log entries {entries}, namespaces {namespaces}, packages {packages}, artifacts {artifacts}";
    confirm_trust_root(id: &str) = "log the next trust root of `{id}`?";
    rotated(id: &str, version: u64, log: u64) = "trust root {version} of `{id}`: log entry {log}";
    rotated_overlap(folder: &str) = "a log or index key that was replaced counts until the next rotation: vitte package registry rotate {folder}";
    trust_accepted(id: &str) = "the registry `{id}` is believed by its new trust root; what was seen of it before counts no more";
    trust_evidence(folder: &str) = "what was seen before is kept: {folder}";
    registry_pinned_help() = "if its owner says that it was begun anew, and gives you this digest: vitte package trust accept REGISTRY --trust-root-sha256 HEX";
    believed(id: &str, version: u64, digest: &str) = "{id}  trust root {version}, {digest}";
    believed_seen(entries: u64) = [entries: "{entries} log entry seen", "{entries} log entries seen"];
    believed_at(address: &str) = "at {address}";
    believed_pinned(name: &str, place: &str, digest: &str) = "{name}  {place}, sha256:{digest}";
    believed_pinned_note() = "trusted for this project only, by its vitte.toml";
    only_known(address: &str) = "using registry {address}, the only one you have added";
    several_known(address: &str) = "one you trust: --registry {address}";
    believed_own() = "its keys are yours";
    believed_none() = "no registry is trusted yet";
    believed_none_help() = "vitte package registry add REGISTRY";
    registry_not_trusted(given: &str) = "no trusted registry matches `{given}`";
    registry_list_help() = "vitte package registry list";
    registry_remove_question(id: &str) = "stop trusting {id} and forget what was seen of it? Later a rolled-back log cannot be noticed";
    registry_kept(id: &str) = "{id} is still trusted; nothing was changed";
    registry_removed(id: &str) = "Removed the registry {id}";
    registry_evidence_stays(folder: &str) = "evidence against it stays in {folder}";
    registry_added(id: &str) = "the registry `{id}` is trusted now";

    token_visible() = "other users of this machine can see `--token` in the list of processes";
    token_visible_help() = "VITTE_TOKEN=… vitte package publish";
    plan(artifact: &str, registry: &str, signer: &str, files: u64, unpacked: &str, size: &str) = [files: "{artifact} to `{registry}`, signed by {signer}: {files} file, {unpacked} → {size}", "{artifact} to `{registry}`, signed by {signer}: {files} files, {unpacked} → {size}"];
    plan_signed_before(artifact: &str, signer: &str) = "{artifact} was signed before: your key {signer} does not sign it";
    plan_largest(files: &str) = "largest: {files}";
    plan_file(path: &str, size: &str) = "{path}  {size}";
    plan_by_include() = "the files are those that `include` in vitte.toml names, and the readme and licence; .gitignore has no say";
    plan_by_default() = "the files are all that neither `exclude` nor .gitignore leaves out: vitte.toml has no `include`";
    plan_by_build() = "the files are all that the build command wrote to VITTE_OUT, and the readme, licence and changelog";
    plan_namespace(namespace: &str, signer: &str) = "the namespace `{namespace}` is new: {signer} will own it";
    confirm_first(names: &str, registry: &str) = "publish {names} for the first time to `{registry}`?";
    dry_run_good(registry: &str) = "all checks passed; nothing was stored or logged in `{registry}`";
    published(artifact: &str, registry: &str, log: u64) = "published {artifact} to `{registry}`, log entry {log}";
    already_published(artifact: &str, log: u64) = "{artifact} is published already with the same content, log entry {log}";
    audit_unfinished(entries: u64) = [entries: "a writer was stopped: the last entry is not in the index yet; the next publish makes up for it", "a writer was stopped: the last {entries} entries are not in the index yet; the next publish makes up for it"];

    release_missing_help(package: &str) = "vitte package info {package}";
    content_missing(file: &str, registry: &str) = "`{registry}` has no release with the content of `{file}`";
    stapled_yanked(name: &str, version: &str, code: &str, reason: &str) = "{name} {version} was yanked ({code}): {reason}";
    offline_unknown(name: &str) = "{name} cannot be used with --offline: nothing of it is in the cache";
    offline_lacks(path: &str, name: &str) = "`{path}` of {name} is not in the cache";
    offline_lacks_index(package: &str, name: &str) = "the index of `{package}` in {name} is not in the cache";
    offline_help() = "run the command once without --offline";
    nothing_stapled(file: &str) = "`{file}` holds no proofs: it cannot be verified offline";
    staple_help(file: &str) = "while online: vitte package staple {file}";
    stapled(file: &str) = "{file} holds its proofs now: vitte package verify {file} --offline";
    proof_entry(log: u64, size: u64, registry: &str) = "in the log: entry {log} of {size} of `{registry}`";
    proof_signers(signers: &str, log: u64) = "signers authorised at entry {log}: {signers}";
    proof_unwitnessed() = "not witnessed: that everybody sees the same log rests on comparing checkpoints";
    proof_as_of(time: &str) = "as of {time}: what was revoked later cannot be seen offline";
    proof_status(action: &str, code: &str, reason: &str) = "status: {action} ({code}) {reason}";

    version_needed(package: &str) = "say which version: {package}@VERSION";
    owners_help(namespace: &str) = "who may: vitte package namespace owners {namespace}";
    verify_address(url: &str) = "`{url}` is an address, and only a folder can be looked through";
    verify_address_help(url: &str) = "vitte package log monitor --registry {url}";
    status_code(given: &str, known: &str) = "`{given}` is no reason code: {known}";
    confirm_status(action: &str, release: &str) = "{action} {release}?";
    status_logged(action: &str, release: &str, log: u64) = "{action} {release}: log entry {log}";

    status_stands(release: &str) = "{release} stands so already: nothing was logged";
    threshold_unmet(flag: &str, given: u64, namespace: &str, keys: u64, role: &str) = [keys:
        "`{flag} {given}` cannot be met: the namespace `{namespace}` has {keys} key with the role {role}",
        "`{flag} {given}` cannot be met: the namespace `{namespace}` has {keys} keys with the role {role}"];
    threshold_unmet_help(namespace: &str) = "vitte package namespace owners {namespace}";
    rotate_nothing() = "say what is to change: `--add`, `--remove`, `--root-threshold` or `--release-threshold`";
    namespace_exists(namespace: &str, registry: &str) = "the namespace `{namespace}` exists in `{registry}`";
    namespace_missing(namespace: &str, registry: &str) = "`{registry}` has no namespace `{namespace}`";
    confirm_keys(namespace: &str) = "change the keys of the namespace `{namespace}`?";
    role_needed() = "say what the added keys may do: `--role root`, `--role release`, `--role status`";
    role_unknown(given: &str) = "`{given}` is no role: root, release and status are";
    revocation_reason(given: &str) = "`{given}` is no reason: compromised and retired are";
    record(seq: u64, log: u64, keys: u64) = "record {seq}, log entry {log}, keys {keys}";
    namespace_key(key: &str, roles: &str, packages: &str) = "{key}  {roles}  {packages}";
    namespace_revoked(key: &str, since: u64, reason: &str) = "{key}  revoked since log entry {since} ({reason})";
    record_logged(namespace: &str, seq: u64, log: u64) = "record {seq} of the namespace `{namespace}`: log entry {log}";

    monitor_good(registry: &str, entries: u64) = [entries: "the log of `{registry}` is in order: {entries} entry replayed", "the log of `{registry}` is in order: {entries} entries replayed"];
    log_head(origin: &str, size: u64, root: &str) = [size: "{origin}  {size} entry  root {root}", "{origin}  {size} entries  root {root}"];
    log_no_entry(index: u64, size: u64) = [size: "the log has no entry {index}: it has {size} entry", "the log has no entry {index}: it has {size} entries"];
    log_newest(index: u64) = "the newest is: vitte package log show {index}";
    log_entry(log: u64, kind: &str, subject: &str) = "{log}  {kind}  {subject}";
}
