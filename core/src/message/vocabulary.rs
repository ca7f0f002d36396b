//! Words about names, versions, digests, targets and sizes.

crate::messages! { "vocabulary";
    digest_hex(text: &str) = "`{text}` is not a SHA-256 digest: it needs 64 lower-case hexadecimal digits";
    digest_prefix(text: &str, prefix: &str) = "`{text}` is not a digest of this kind: it must begin with `{prefix}`";
    name_empty() = "the name is empty";
    name_slashes(name: &str) = "`{name}` has more than one `/`";
    name_start(name: &str, part: &str) = "`{part}` in the name `{name}` does not begin with a lower-case letter";
    name_character(name: &str, character: char) = "`{character}` cannot stand in the name `{name}`";
    name_end(name: &str, part: &str) = "`{part}` in the name `{name}` ends in `-` or `_`";
    name_length(name: &str, limit: u64) = "a part of the name `{name}` is longer than {limit} characters";
    name_device(name: &str, part: &str) = "`{part}` in the name `{name}` is a device name on Windows";
    name_reserved(name: &str, part: &str) = "the namespace `{part}` of `{name}` is reserved";
    name_reserved_hint() = "choose another namespace; reserved words may be names within one, for example `acme/core`";
    name_registered(name: &str) = "`{name}` cannot be registered: namespace and name need lower-case letters, digits and single `-` between them";
    name_no_namespace(name: &str) = "`{name}` has no namespace";
    name_hint(name: &str) = "write `{name}`";
    name_rule() = "each part of a name is `[a-z][a-z0-9_-]{{0,63}}` and ends in a letter or digit, for example `roussov/vitte-math`";
    name_namespace_hint(name: &str) = "name = \"<namespace>/{name}\"";
    version_syntax(text: &str, reason: &str) = "`{text}` is not a semantic version: {reason}";
    version_length(limit: u64) = "the version is longer than {limit} bytes";
    version_hint() = "write three numbers: MAJOR.MINOR.PATCH, for example \"1.0.0\"";
    requirement_syntax(text: &str, reason: &str) = "`{text}` is not a version requirement: {reason}";
    requirement_hint() = "write it as cargo does, for example \"1.2\", \"~1.2.3\" or \">=1.2, <2\"";
    target_syntax(text: &str) = "`{text}` is not a target: it needs 1 to 64 characters of `[a-z0-9_.-]`, beginning with a letter or digit";
    kind_unknown(text: &str) = "`{text}` is not a kind of package: `vitpkg` and `vitmod` are";
}
