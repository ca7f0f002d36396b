//! Words about manifest.

crate::messages! { "manifest";
    shape_text() =
        "a string",
        "une chaîne";
    shape_flag() =
        "`true` or `false`",
        "`true` ou `false`";
    shape_texts() =
        "an array of strings",
        "un tableau de chaînes";
    shape_table() =
        "a table",
        "une table";
    shape_tables() =
        "an array of tables",
        "un tableau de tables";
    shape_dependency() =
        "a version requirement or a table",
        "une contrainte de version ou une table";
    type_string() =
        "a string",
        "une chaîne";
    type_integer() =
        "an integer",
        "un entier";
    type_float() =
        "a float",
        "un nombre à virgule";
    type_boolean() =
        "a boolean",
        "un booléen";
    type_datetime() =
        "a date-time",
        "une date et heure";
    type_array() =
        "an array",
        "un tableau";
    type_table() =
        "a table",
        "une table";
    too_large(len: u64, limit: u64) =
        "the manifest has {len} bytes, more than {limit}",
        "le manifeste a {len} octets, plus que {limit}";
    merge() =
        "the manifest holds the marks of an unfinished merge",
        "le manifeste contient les marques d’une fusion inachevée";
    merge_help() =
        "keep one side of each conflict and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`",
        "garder un côté de chaque conflit et supprimer les lignes qui commencent par `<<<<<<<`, `=======` et `>>>>>>>`";
    syntax(reason: &str) =
        "the manifest is not valid TOML: {reason}",
        "le manifeste n’est pas du TOML valide : {reason}";
    syntax_quote(name: &str) =
        "put the name in quotes: \"{name}\" = \"1.0\"",
        "mettre le nom entre guillemets : \"{name}\" = \"1.0\"";
    not_utf8(at: u64) =
        "byte {at} is not UTF-8",
        "l’octet {at} n’est pas en UTF-8";
    integer_range() =
        "an integer does not fit 64 bits",
        "un entier ne tient pas en 64 bits";
    table_unread(table: &str) =
        "nothing reads the table `[{table}]` of vitte.toml",
        "la table `[{table}]` de vitte.toml est inconnue";
    unknown_key(key: &str, table: &str) =
        "`{key}` is not a key of `{table}`",
        "`{key}` n’est pas une clé de `{table}`";
    nearest(word: &str) =
        "did you mean `{word}`?",
        "vouliez-vous dire `{word}` ?";
    known_keys(table: &str, keys: &str) =
        "`{table}` may have `{keys}`",
        "`{table}` peut contenir `{keys}`";
    wrong_type(key: &str, expected: &str, got: &str) =
        "`{key}` needs {expected}, found {got}",
        "`{key}` demande {expected}, mais a reçu {got}";
    example(line: &str) =
        "write: {line}",
        "écrire : {line}";
    add(line: &str) =
        "add: {line}",
        "ajouter : {line}";
    no_table(key: &str) =
        "the manifest has no `[{key}]`",
        "le manifeste n’a pas de `[{key}]`";
    only_workspace() =
        "this is the root of a workspace, and no package by itself",
        "c’est la racine d’un espace de travail, pas un paquet";
    only_workspace_help() =
        "run the command in the folder of a member, or give its `vitte.toml` with `--manifest`",
        "lancer la commande dans le dossier d’un membre, ou donner son `vitte.toml` avec `--manifest`";
    missing(key: &str, table: &str) =
        "`{table}` has no `{key}`",
        "`{table}` n’a pas de `{key}`";
    license(given: &str) =
        "`{given}` is not an SPDX licence expression",
        "`{given}` n’est pas une expression de licence SPDX";
    license_rule() =
        "write identifiers of spdx.org/licenses joined by AND, OR and WITH, for example \"MIT OR Apache-2.0\"; for another licence \"LicenseRef-<name>\"",
        "écrire des identifiants de spdx.org/licenses reliés par AND, OR et WITH, par exemple \"MIT OR Apache-2.0\" ; pour une autre licence \"LicenseRef-<name>\"";
    empty(key: &str) =
        "`{key}` is empty",
        "`{key}` est vide";
    empty_help(key: &str) =
        "give `{key}` a value, or remove the key",
        "donner une valeur à `{key}`, ou supprimer la clé";
    control(key: &str) =
        "`{key}` holds a control character",
        "`{key}` contient un caractère de contrôle";
    control_help() =
        "write it on one line, without tabs",
        "l’écrire sur une seule ligne, sans tabulations";
    long(key: &str, limit: u64) =
        "`{key}` is longer than {limit} bytes",
        "`{key}` dépasse {limit} octets";
    long_help(limit: u64) =
        "shorten it to {limit} bytes; the readme has room for more",
        "le raccourcir à {limit} octets ; le readme a plus de place";
    many_keywords(count: u64, limit: u64) =
        "there are {count} keywords, and at most {limit} may be",
        "il y a {count} mots-clés, et {limit} au plus sont admis";
    many_dependencies(count: u64, limit: u64) =
        "there are {count} dependencies, and at most {limit} may be",
        "il y a {count} dépendances, et {limit} au plus sont admises";
    many_features(count: u64, limit: u64) =
        "there are {count} features, and at most {limit} may be",
        "il y a {count} fonctionnalités, et {limit} au plus sont admises";
    many_sections(count: u64, limit: u64) =
        "there are {count} sections, and at most {limit} may be declared",
        "il y a {count} sections, et {limit} au plus peuvent être déclarées";
    many_help(limit: u64) =
        "keep {limit} of them",
        "en garder {limit}";
    edition(given: &str) =
        "`{given}` is not an edition: it needs four digits",
        "`{given}` n’est pas une édition : il faut quatre chiffres";
    version(given: &str) =
        "`{given}` is not a semantic version",
        "`{given}` n’est pas une version sémantique";
    requirement(given: &str) =
        "`{given}` is not a version requirement",
        "`{given}` n’est pas une contrainte de version";
    target_help() =
        "write a target triple such as `x86_64-unknown-linux-gnu`; `cfg(…)` is not understood",
        "écrire un triplet de cible comme `x86_64-unknown-linux-gnu` ; `cfg(…)` n’est pas compris";
    url(key: &str) =
        "`{key}` is not a safe address",
        "`{key}` n’est pas une adresse sûre";
    url_help() =
        "write a whole address that begins with `https://`, without user name or password",
        "écrire une adresse complète qui commence par `https://`, sans nom d’utilisateur ni mot de passe";
    keyword(given: &str) =
        "`{given}` is not a keyword",
        "`{given}` n’est pas un mot-clé";
    keyword_help() =
        "a keyword has 1 to 32 characters of `[a-z0-9-]` and begins with a letter or digit",
        "un mot-clé a 1 à 32 caractères de `[a-z0-9-]` et commence par une lettre ou un chiffre";
    word(key: &str, given: &str) =
        "`{key}` cannot be `{given}`",
        "`{key}` ne peut pas être `{given}`";
    word_help(allowed: &str) =
        "write `{allowed}`",
        "écrire `{allowed}`";
    pattern(key: &str, given: &str) =
        "the pattern `{given}` of `{key}` does not stay in the package",
        "le motif `{given}` de `{key}` sort du paquet";
    pattern_help() =
        "write it relative to the folder of vitte.toml, without `..` and with `/`",
        "l’écrire relativement au dossier de vitte.toml, sans `..` et avec `/`";
    section(given: &str) =
        "`{given}` is not a section's name",
        "`{given}` n’est pas le nom d’une section";
    section_help() =
        "a section has 1 to 32 characters of `[a-z0-9-]` and begins with a letter",
        "une section a 1 à 32 caractères de `[a-z0-9-]` et commence par une lettre";
    own_section(given: &str) =
        "the section `{given}` is filled by the format itself",
        "la section `{given}` est remplie par le format lui-même";
    own_section_help() =
        "choose another name, for example `docs`",
        "choisir un autre nom, par exemple `docs`";
    program(given: &str) =
        "`{given}` is not a program's name",
        "`{given}` n’est pas le nom d’un programme";
    program_reserved(given: &str) =
        "`{given}` is reserved: `vitte` and names that begin with `vitte-` are Vitte's own commands",
        "`{given}` est réservé : `vitte` et les noms qui commencent par `vitte-` sont les commandes de Vitte";
    program_reserved_help() =
        "choose another name for the program",
        "choisir un autre nom pour le programme";
    program_help() =
        "a program has 1 to 64 characters of `[A-Za-z0-9_-]`, begins with a letter or digit and is not a device name on Windows",
        "un programme a 1 à 64 caractères de `[A-Za-z0-9_-]`, commence par une lettre ou un chiffre et n’est pas un nom de périphérique sous Windows";
    registry_name(given: &str) =
        "`{given}` is not a registry's name",
        "`{given}` n’est pas le nom d’un registre";
    registry_name_help() =
        "a registry's name has 1 to 64 characters of `[a-z0-9_-]` and begins with a letter",
        "le nom d’un registre a 1 à 64 caractères de `[a-z0-9_-]` et commence par une lettre";
    folder(key: &str, given: &str) =
        "`{key}` cannot be the folder `{given}`",
        "`{key}` ne peut pas être le dossier `{given}`";
    folder_help() =
        "write it relative to the folder of vitte.toml, with `/` between folders",
        "l’écrire relativement au dossier de vitte.toml, avec `/` entre les dossiers";
    trusted(given: &str) =
        "`{given}` is neither a package nor a namespace",
        "`{given}` n’est ni un paquet ni un espace de noms";
    trusted_help() =
        "write \"<namespace>/*\" for all packages of a namespace, or the whole name of one package",
        "écrire \"<namespace>/*\" pour tous les paquets d’un espace de noms, ou le nom complet d’un paquet";
    not_inherited() =
        "`workspace = false` says nothing",
        "`workspace = false` ne dit rien";
    not_inherited_help() =
        "remove the key, or write `workspace = true`",
        "supprimer la clé, ou écrire `workspace = true`";
    inherited_header(key: &str) =
        "`{key}` is inherited by a table header of its own, which cannot be packed",
        "`{key}` est hérité par un en-tête de table propre, ce qui ne peut pas être empaqueté";
    no_source(name: &str) =
        "the dependency `{name}` has neither `version` nor `path`",
        "la dépendance `{name}` n’a ni `version` ni `path`";
    no_source_help(name: &str) =
        "write: \"{name}\" = \"1.0\"",
        "écrire : \"{name}\" = \"1.0\"";
    unquoted(name: &str) =
        "the name `{name}` has a slash, not a dot",
        "il y a un point là où le nom `{name}` a une barre oblique";
    no_place(name: &str) =
        "the registry `{name}` has neither `index` nor `directory`",
        "le registre `{name}` n’a ni `index` ni `directory`";
    digest(key: &str, given: &str) =
        "`{key}` is not a SHA-256 digest: `{given}`",
        "`{key}` n’est pas une empreinte SHA-256 : `{given}`";
    digest_help() =
        "write 64 hexadecimal digits, with or without `sha256:` before them",
        "écrire 64 chiffres hexadécimaux, avec ou sans `sha256:` devant";
    no_place_help() =
        "add `index = \"https://…/\"` for a server, or `directory = \"…\"` for a folder",
        "ajouter `index = \"https://…/\"` pour un serveur, ou `directory = \"…\"` pour un dossier";
    program_twice(name: &str) =
        "there are two programs `{name}` (upper and lower case are the same on some systems)",
        "il y a deux programmes `{name}` (majuscules et minuscules sont confondues sur certains systèmes)";
    program_twice_help() =
        "rename one of them",
        "renommer l’un des deux";
    place_twice(name: &str) =
        "the registry `{name}` has both `index` and `directory`",
        "le registre `{name}` a à la fois `index` et `directory`";
    place_twice_help() =
        "keep `index` for a server, or `directory` for a folder",
        "garder `index` pour un serveur, ou `directory` pour un dossier";
    namespace_twice(namespace: &str, first: &str, second: &str) =
        "the namespace `{namespace}` belongs to two registries, `{first}` and `{second}`",
        "l’espace de noms `{namespace}` appartient à deux registres, `{first}` et `{second}`";
    namespace_twice_help() =
        "remove it from one of the two: a namespace comes from one place only",
        "le supprimer de l’un des deux : un espace de noms ne vient que d’un seul endroit";
    registry_clash(name: &str, registry: &str, owner: &str) =
        "`{name}` is asked of the registry `{registry}`, and its namespace belongs to `{owner}`",
        "`{name}` est demandé au registre `{registry}`, et son espace de noms appartient à `{owner}`";
    registry_clash_help(owner: &str) =
        "write: registry = \"{owner}\"",
        "écrire : registry = \"{owner}\"";
    dependency_twice(name: &str) =
        "the dependency `{name}` is listed twice for one kind and target",
        "la dépendance `{name}` est déclarée deux fois pour un même type et une même cible";
    dependency_twice_help() =
        "keep one of the two",
        "garder l’une des deux";
    target_twice(name: &str) =
        "the dependency `{name}` has a `target` inside a `[target]` table",
        "la dépendance `{name}` a un `target` dans une table `[target]`";
    target_twice_help() =
        "remove the key: the table says the target",
        "supprimer la clé : la table donne la cible";
    depends_on_itself(name: &str) =
        "`{name}` depends on itself",
        "`{name}` dépend de lui-même";
    depends_on_itself_help() =
        "remove the line",
        "supprimer la ligne";
    dev_optional(name: &str) =
        "the development dependency `{name}` is optional",
        "la dépendance de développement `{name}` est facultative";
    dev_optional_help() =
        "remove `optional`: development dependencies are there in development only",
        "supprimer `optional` : les dépendances de développement ne servent qu’au développement";
    inherited_key(name: &str, key: &str) =
        "`{name}` is inherited from the workspace and has a `{key}` of its own",
        "`{name}` est hérité de l’espace de travail et a son propre `{key}`";
    inherited_key_help(key: &str) =
        "remove `{key}`, or `workspace = true`",
        "supprimer `{key}`, ou `workspace = true`";
    link_chain(alias: &str) =
        "`{alias}` is an alias and also the file of an alias",
        "`{alias}` est à la fois un alias et le fichier d’un alias";
    link_chain_help() =
        "let every alias name a file",
        "faire désigner un fichier par chaque alias";
    alias_twice(alias: &str, first: &str) =
        "the aliases `{first}` and `{alias}` are the same on some systems",
        "les alias `{first}` et `{alias}` sont confondus sur certains systèmes";
    alias_twice_help() =
        "rename one of them",
        "renommer l’un des deux";
    include_and_exclude() =
        "`include` and `exclude` cannot be used together",
        "`include` et `exclude` ne peuvent pas être utilisés ensemble";
    include_and_exclude_help() =
        "keep one: `include` is the whole list, and takes `!pattern` for exceptions",
        "en garder un : `include` est la liste complète, et accepte `!pattern` pour les exceptions";
    feature_syntax(given: &str) =
        "`{given}` is not a feature's name",
        "`{given}` n’est pas le nom d’une fonctionnalité";
    feature_syntax_help() =
        "a feature has 1 to 64 characters of `[A-Za-z0-9_+.-]` and begins with a letter, a digit or `_`",
        "une fonctionnalité a 1 à 64 caractères de `[A-Za-z0-9_+.-]` et commence par une lettre, un chiffre ou `_`";
    feature_unknown(feature: &str, item: &str) =
        "the feature `{feature}` names `{item}`, and there is no such feature",
        "la fonctionnalité `{feature}` nomme `{item}`, et il n’y a pas de telle fonctionnalité";
    feature_unknown_help(item: &str) =
        "add: {item} = []",
        "ajouter : {item} = []";
    feature_bare(feature: &str, item: &str) =
        "the feature `{feature}` names the dependency `{item}` as if it were a feature",
        "la fonctionnalité `{feature}` nomme la dépendance `{item}` comme si c’était une fonctionnalité";
    feature_bare_help(item: &str) =
        "write: \"dep:{item}\"",
        "écrire : \"dep:{item}\"";
    feature_no_dependency(feature: &str, name: &str) =
        "the feature `{feature}` names the dependency `{name}`, and there is none",
        "la fonctionnalité `{feature}` nomme la dépendance `{name}`, qui n’existe pas";
    feature_no_dependency_help(name: &str) =
        "add under [dependencies]: \"{name}\" = {{ version = \"1.0\", optional = true }}",
        "ajouter sous [dependencies] : \"{name}\" = {{ version = \"1.0\", optional = true }}";
    feature_not_optional(feature: &str, name: &str) =
        "the feature `{feature}` switches `{name}` on, which is not optional",
        "la fonctionnalité `{feature}` active `{name}`, qui n’est pas facultatif";
    feature_not_optional_help() =
        "add to the dependency: optional = true",
        "ajouter à la dépendance : optional = true";
    feature_itself(feature: &str) =
        "the feature `{feature}` holds itself",
        "la fonctionnalité `{feature}` se contient elle-même";
    feature_itself_help() =
        "remove the item",
        "supprimer l’élément";
    inherits_without_workspace(key: &str) =
        "`{key}` is inherited, and no workspace is near",
        "`{key}` est hérité, et il n’y a pas d’espace de travail autour";
    inherits_without_workspace_help() =
        "add the package to `members` of the workspace's vitte.toml, or write the value here",
        "ajouter le paquet à `members` dans le vitte.toml de l’espace de travail, ou écrire la valeur ici";
    inherits_nothing(key: &str, table: &str) =
        "`{key}` is inherited, and `{table}` of the workspace does not have it",
        "`{key}` est hérité, et `{table}` de l’espace de travail ne l’a pas";
    inherits_nothing_help(key: &str, table: &str) =
        "add `{key}` to `{table}`",
        "ajouter `{key}` à `{table}`";
    to_publish(key: &str) =
        "`{key}` is needed to publish",
        "il faut `{key}` pour publier";
    to_publish_version(name: &str) =
        "the dependency `{name}` has no `version`, and a path alone cannot be published",
        "la dépendance `{name}` n’a pas de `version`, et un chemin seul ne peut pas être publié";
    to_publish_version_help() =
        "add the versions that will do next to the path: version = \"1.0\"",
        "ajouter à côté du chemin les versions qui conviennent : version = \"1.0\"";
    cannot_pack() =
        "`path` and `workspace` cannot be taken out of the manifest in the form they have here",
        "`path` et `workspace` ne peuvent pas être ôtés du manifeste dans la forme qu’ils ont ici";
    cannot_pack_help() =
        "write the dependencies as `\"name\" = {{ … }}`, one a line, and the workspace's tables with their own headers",
        "écrire les dépendances comme `\"name\" = {{ … }}`, une par ligne, et les tables de l’espace de travail avec leurs propres en-têtes";
}
