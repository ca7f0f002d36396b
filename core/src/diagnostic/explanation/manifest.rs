//! 01: manifest.

super::explanations! {
    ManifestSyntax: [
        "A quote or a bracket is not closed.",
        "A name with a slash stands without quotes on the left of `=`.",
        "A table or a key stands there twice.",
    ] in "vitte.toml" { r#"name = "acme/app"# }
    @shell "vitte package build" => {
        r#"error[VP0101]: the manifest is not valid TOML: invalid basic string, expected `"`"#
        "--> vitte.toml:2:17"
    };

    Name: [
        "The name has upper-case letters, a dot or a space.",
        "A part of the name begins with a digit or ends in `-` or `_`.",
        "It is a reserved name, such as `vitte`, or a device name on Windows, such as `con`.",
    ] in "vitte.toml" { r#"name = "Acme/App""# }
    @shell "vitte package build" => {
        "error[VP0102]: `Acme` in the name `Acme/App` does not begin with a lower-case letter"
        "= help: write `acme/app`"
    };

    Version: [
        "A number is missing, as in `1.0`, or there is a `v` before it.",
        "A letter stands where a digit should.",
        "A number begins with a zero that means nothing, as in `1.02.0`.",
    ] in "vitte.toml" { r#"version = "1.O.0""# }
    @shell "vitte package build" => {
        "error[VP0103]: `1.O.0` is not a semantic version"
        r#"3 | version = "1.O.0""#
        "  |           ^^^^^^^ unexpected character 'O' while parsing minor version number"
    };

    Requirement: [
        "A word such as `latest` stands where versions are meant.",
        "Two comparisons are not separated by a comma.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "latest""# }
    @shell "vitte package lock" => {
        "error[VP0104]: `latest` is not a version requirement"
        r#"= help: write it as cargo does, for example "1.2", "~1.2.3" or ">=1.2, <2""#
    };

    ManifestKey: [
        "The key is misspelt.",
        "The key stands in the wrong table.",
        "The key is another tool's, and does not stand under `[tool.NAME]`.",
    ] in "vitte.toml" { r#"licence = "MIT""# }
    @shell "vitte package build" => {
        "error[VP0105]: `licence` is not a key of `[package]`"
        "= help: did you mean `license`?"
    };

    ManifestType: [
        "A version stands without quotes, so that it is a number.",
        "A single text stands where a list is wanted, or the other way round.",
    ] in "vitte.toml" { "version = 1.0" }
    @shell "vitte package build" => {
        "error[VP0106]: `version` needs a string, found a float"
        r#"= help: write: version = "0.1.0""#
    };

    ManifestMissing: [
        "`[package]` has no `name` or no `version`.",
        "The package is to be published, for which `license` and `description` are needed too.",
        "A dependency of a package that is to be published has a path and no `version`.",
    ] in "vitte.toml" { "[package]" r#"version = "1.0.0""# r#"edition = "2025""# }
    @shell "vitte package build" => {
        "error[VP0107]: `[package]` has no `name`"
        r#"= help: add: name = "<namespace>/<name>""#
    };

    ManifestValue: [
        "The value is of the right type and outside what the key allows: an edition, an address, a keyword, a pattern.",
        "A text is empty, too long or of several lines.",
        "A dependency has neither `version` nor `path`.",
    ] in "vitte.toml" { r#"edition = "next""# }
    @shell "vitte package build" => {
        "error[VP0108]: `next` is not an edition: it needs four digits"
        r#"= help: write: edition = "2025""#
    };

    ManifestConflict: [
        "`include` and `exclude` are used together.",
        "A dependency is said twice, or a namespace belongs to two registries.",
        "A key is inherited from the workspace and written here as well.",
    ] in "vitte.toml" { r#"include = ["src/"]"# r#"exclude = ["*.log"]"# }
    @shell "vitte package build" => {
        "error[VP0109]: `include` and `exclude` cannot be used together"
        "= help: keep one: `include` is the whole list, and takes `!pattern` for exceptions"
    };

    License: [
        "The licence is written in words instead of by its SPDX identifier.",
        "Two licences are joined by a comma or a slash instead of AND or OR.",
    ] in "vitte.toml" { r#"license = "Apache 2""# }
    @shell "vitte package build" => {
        "error[VP0110]: `Apache 2` is not an SPDX licence expression"
        r#"5 | license = "Apache 2""#
        "  |            ^^^^^^ unknown term"
    };

    ManifestTooLarge: [
        "Data or generated text was put into the manifest.",
        "The file is another one that was given the manifest's name.",
    ]
    @shell "vitte package build" => {
        "error[VP0111]: the manifest has more than 262144 bytes"
        "--> vitte.toml"
    };

    Target: [
        "A condition such as `cfg(unix)` stands where the name of a target is wanted.",
        "The name has upper-case letters, a slash or a space.",
    ] in "vitte.toml" { r#"[target."cfg(unix)".dependencies]"# r#""acme/text" = "1""# }
    @shell "vitte package lock" => {
        "error[VP0112]: `cfg(unix)` is not a target: it needs 1 to 64 characters of `[a-z0-9_.-]`, beginning with a letter or digit"
    };

    Feature: [
        "A feature names another one that the manifest does not have.",
        "A feature names a dependency without `dep:`, or one that is not optional.",
    ] in "vitte.toml" { "[features]" r#"fast = ["simd"]"# }
    @shell "vitte package build" => {
        "error[VP0113]: the feature `fast` names `simd`, and there is no such feature"
        "= help: add: simd = []"
    };
}
