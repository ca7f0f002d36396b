//! 01: manifest.

super::explanations! {
    ManifestSyntax: [
        "A quote or a bracket is not closed.",
        "A name with a slash is not quoted on the left of `=`.",
        "A table or a key is defined twice.",
    ] fr [
        "Un guillemet ou un crochet n’est pas fermé.",
        "Un nom avec une barre oblique est sans guillemets à gauche de `=`.",
        "Une table ou une clé est présente deux fois.",
    ] in "vitte.toml" { r#"name = "acme/app"# }
    @shell "vitte package build" => {
        r#"error[VP0101]: the manifest is not valid TOML: invalid basic string, expected `"`"#
        "--> vitte.toml:2:17"
    };

    Name: [
        "The name has upper-case letters, a dot or a space.",
        "A part of the name begins with a digit or ends in `-` or `_`.",
        "It is a reserved name, such as `vitte`, or a device name on Windows, such as `con`.",
    ] fr [
        "Le nom contient des majuscules, un point ou une espace.",
        "Une partie du nom commence par un chiffre ou se termine par `-` ou `_`.",
        "C’est un nom réservé, comme `vitte`, ou un nom de périphérique sous Windows, comme `con`.",
    ] in "vitte.toml" { r#"name = "Acme/App""# }
    @shell "vitte package build" => {
        "error[VP0102]: `Acme` in the name `Acme/App` does not begin with a lower-case letter"
        "= help: write `acme/app`"
    };

    Version: [
        "A number is missing, as in `1.0`, or there is a `v` before it.",
        "There is a letter where a digit is expected.",
        "A number begins with a zero that means nothing, as in `1.02.0`.",
    ] fr [
        "Il manque un nombre, comme dans `1.0`, ou il y a un `v` devant.",
        "Il y a une lettre à la place d’un chiffre.",
        "Un nombre commence par un zéro inutile, comme dans `1.02.0`.",
    ] in "vitte.toml" { r#"version = "1.O.0""# }
    @shell "vitte package build" => {
        "error[VP0103]: `1.O.0` is not a semantic version"
        r#"3 | version = "1.O.0""#
        "  |           ^^^^^^^ unexpected character 'O' while parsing minor version number"
    };

    Requirement: [
        "A word such as `latest` is used instead of versions.",
        "Two comparisons are not separated by a comma.",
    ] fr [
        "Un mot comme `latest` est à la place d’une version.",
        "Deux comparaisons ne sont pas séparées par une virgule.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "latest""# }
    @shell "vitte package lock" => {
        "error[VP0104]: `latest` is not a version requirement"
        r#"= help: write it as cargo does, for example "1.2", "~1.2.3" or ">=1.2, <2""#
    };

    ManifestKey: [
        "The key is misspelt.",
        "The key is in the wrong table.",
        "The key is another tool's, and does not stand under `[tool.NAME]`.",
    ] fr [
        "La clé est mal orthographiée.",
        "La clé est dans la mauvaise table.",
        "La clé est celle d’un autre outil, et n’est pas sous `[tool.NAME]`.",
    ] in "vitte.toml" { r#"licence = "MIT""# }
    @shell "vitte package build" => {
        "error[VP0105]: `licence` is not a key of `[package]`"
        "= help: did you mean `license`?"
    };

    ManifestType: [
        "A version is not quoted, so it is read as a number.",
        "There is a single text where a list is expected, or the other way round.",
    ] fr [
        "Une version est sans guillemets, et devient un nombre.",
        "Un texte seul est à la place d’une liste, ou l’inverse.",
    ] in "vitte.toml" { "version = 1.0" }
    @shell "vitte package build" => {
        "error[VP0106]: `version` needs a string, found a float"
        r#"= help: write: version = "0.1.0""#
    };

    ManifestMissing: [
        "`[package]` has no `name` or no `version`.",
        "The package is to be published, for which `license` and `description` are needed too.",
        "A dependency of a package that is to be published has a path and no `version`.",
    ] fr [
        "`[package]` n’a pas de `name` ou pas de `version`.",
        "Le paquet doit être publié, ce qui demande aussi `license` et `description`.",
        "Une dépendance d’un paquet à publier a un chemin et pas de `version`.",
    ] in "vitte.toml" { "[package]" r#"version = "1.0.0""# r#"edition = "2025""# }
    @shell "vitte package build" => {
        "error[VP0107]: `[package]` has no `name`"
        r#"= help: add: name = "<namespace>/<name>""#
    };

    ManifestValue: [
        "The value is of the right type and outside what the key allows: an edition, an address, a keyword, a pattern.",
        "A text is empty, too long or of several lines.",
        "A dependency has neither `version` nor `path`.",
    ] fr [
        "La valeur a le bon type mais sort de ce que permet la clé : une édition, une adresse, un mot-clé, un motif.",
        "Un texte est vide, trop long ou sur plusieurs lignes.",
        "Une dépendance n’a ni `version` ni `path`.",
    ] in "vitte.toml" { r#"edition = "next""# }
    @shell "vitte package build" => {
        "error[VP0108]: `next` is not an edition: it needs four digits"
        r#"= help: write: edition = "2025""#
    };

    ManifestConflict: [
        "`include` and `exclude` are used together.",
        "A dependency is said twice, or a namespace belongs to two registries.",
        "A key is inherited from the workspace and written here as well.",
    ] fr [
        "`include` et `exclude` sont utilisés ensemble.",
        "Une dépendance est déclarée deux fois, ou un espace de noms appartient à deux registres.",
        "Une clé est héritée de l’espace de travail et écrite aussi ici.",
    ] in "vitte.toml" { r#"include = ["src/"]"# r#"exclude = ["*.log"]"# }
    @shell "vitte package build" => {
        "error[VP0109]: `include` and `exclude` cannot be used together"
        "= help: keep one: `include` is the whole list, and takes `!pattern` for exceptions"
    };

    License: [
        "The licence is written in words instead of by its SPDX identifier.",
        "Two licences are joined by a comma or a slash instead of AND or OR.",
    ] fr [
        "La licence est écrite en toutes lettres au lieu de son identifiant SPDX.",
        "Deux licences sont reliées par une virgule ou une barre oblique au lieu de AND ou OR.",
    ] in "vitte.toml" { r#"license = "Apache 2""# }
    @shell "vitte package build" => {
        "error[VP0110]: `Apache 2` is not an SPDX licence expression"
        r#"5 | license = "Apache 2""#
        "  |            ^^^^^^ unknown term"
    };

    ManifestTooLarge: [
        "Data or generated text was put into the manifest.",
        "The file is another one that was given the manifest's name.",
    ] fr [
        "Des données ou un texte généré ont été mis dans le manifeste.",
        "Le fichier est un autre, auquel on a donné le nom du manifeste.",
    ]
    @shell "vitte package build" => {
        "error[VP0111]: the manifest has more than 262144 bytes"
        "--> vitte.toml"
    };

    Target: [
        "A condition such as `cfg(unix)` is used where the name of a target is expected.",
        "The name has upper-case letters, a slash or a space.",
    ] fr [
        "Une condition comme `cfg(unix)` est à la place du nom d’une cible.",
        "Le nom contient des majuscules, une barre oblique ou une espace.",
    ] in "vitte.toml" { r#"[target."cfg(unix)".dependencies]"# r#""acme/text" = "1""# }
    @shell "vitte package lock" => {
        "error[VP0112]: `cfg(unix)` is not a target: it needs 1 to 64 characters of `[a-z0-9_.-]`, beginning with a letter or digit"
    };

    Feature: [
        "A feature names another one that the manifest does not have.",
        "A feature names a dependency without `dep:`, or one that is not optional.",
    ] fr [
        "Une fonctionnalité en nomme une autre que le manifeste n’a pas.",
        "Une fonctionnalité nomme une dépendance sans `dep:`, ou une dépendance qui n’est pas facultative.",
    ] in "vitte.toml" { "[features]" r#"fast = ["simd"]"# }
    @shell "vitte package build" => {
        "error[VP0113]: the feature `fast` names `simd`, and there is no such feature"
        "= help: add: simd = []"
    };
}
