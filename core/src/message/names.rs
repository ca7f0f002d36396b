//! Words about names, versions, digests, targets and sizes.

crate::messages! { "names";
    digest_hex(text: &str) =
        "`{text}` is not a SHA-256 digest: it needs 64 lower-case hexadecimal digits",
        "`{text}` n’est pas une empreinte SHA-256 : il faut 64 chiffres hexadécimaux en minuscules";
    digest_prefix(text: &str, prefix: &str) =
        "`{text}` is not a digest of this kind: it must begin with `{prefix}`",
        "`{text}` n’est pas une empreinte de ce genre : elle doit commencer par `{prefix}`";
    name_empty() =
        "the name is empty",
        "le nom est vide";
    name_slashes(name: &str) =
        "`{name}` has more than one `/`",
        "`{name}` a plus d’un `/`";
    name_start(name: &str, part: &str) =
        "`{part}` in the name `{name}` does not begin with a lower-case letter",
        "`{part}` dans le nom `{name}` ne commence pas par une lettre minuscule";
    name_character(name: &str, character: char) =
        "`{character}` is not allowed in the name `{name}`",
        "`{character}` n’est pas admis dans le nom `{name}`";
    name_end(name: &str, part: &str) =
        "`{part}` in the name `{name}` ends in `-` or `_`",
        "`{part}` dans le nom `{name}` se termine par `-` ou `_`";
    name_length(name: &str, limit: u64) =
        "a part of the name `{name}` is longer than {limit} characters",
        "une partie du nom `{name}` dépasse {limit} caractères";
    name_device(name: &str, part: &str) =
        "`{part}` in the name `{name}` is a device name on Windows",
        "`{part}` dans le nom `{name}` est un nom de périphérique sous Windows";
    name_reserved(name: &str, part: &str) =
        "the namespace `{part}` of `{name}` is reserved",
        "l’espace de noms `{part}` de `{name}` est réservé";
    name_reserved_hint() =
        "choose another namespace; reserved words may be names within one, for example `acme/core`",
        "choisir un autre espace de noms ; les mots réservés peuvent être des noms dans un espace de noms, par exemple `acme/core`";
    name_registered(name: &str) =
        "`{name}` cannot be registered: namespace and name need lower-case letters, digits and single `-` between them",
        "`{name}` ne peut pas être enregistré : l’espace de noms et le nom demandent des minuscules, des chiffres et des `-` isolés";
    name_no_namespace(name: &str) =
        "`{name}` has no namespace",
        "`{name}` n’a pas d’espace de noms";
    name_hint(name: &str) =
        "write `{name}`",
        "écrire `{name}`";
    name_rule() =
        "each part of a name is `[a-z][a-z0-9_-]{{0,63}}` and ends in a letter or digit, for example `roussov/vitte-math`",
        "chaque partie d’un nom est `[a-z][a-z0-9_-]{{0,63}}` et se termine par une lettre ou un chiffre, par exemple `roussov/vitte-math`";
    name_namespace_hint(name: &str) =
        "name = \"<namespace>/{name}\"",
        "name = \"<namespace>/{name}\"";
    version_syntax(text: &str, reason: &str) =
        "`{text}` is not a semantic version: {reason}",
        "`{text}` n’est pas une version sémantique : {reason}";
    version_length(limit: u64) =
        "the version is longer than {limit} bytes",
        "la version dépasse {limit} octets";
    version_hint() =
        "write three numbers: MAJOR.MINOR.PATCH, for example \"1.0.0\"",
        "écrire trois nombres : MAJOR.MINOR.PATCH, par exemple \"1.0.0\"";
    requirement_syntax(text: &str, reason: &str) =
        "`{text}` is not a version requirement: {reason}",
        "`{text}` n’est pas une contrainte de version : {reason}";
    requirement_hint() =
        "write it as cargo does, for example \"1.2\", \"~1.2.3\" or \">=1.2, <2\"",
        "l’écrire comme cargo, par exemple \"1.2\", \"~1.2.3\" ou \">=1.2, <2\"";
    target_syntax(text: &str) =
        "`{text}` is not a target: it needs 1 to 64 characters of `[a-z0-9_.-]`, beginning with a letter or digit",
        "`{text}` n’est pas une cible : il faut 1 à 64 caractères de `[a-z0-9_.-]`, en commençant par une lettre ou un chiffre";
    kind_unknown(text: &str) =
        "`{text}` is not a kind of package: `vitpkg` and `vitmod` are",
        "`{text}` n’est pas un type de paquet : les types sont `vitpkg` et `vitmod`";
}
