//! Words about the command line and the configuration.

pub use vitte_package_core::message::usage::*;

vitte_package_core::messages! { "usage";
    unknown_command(name: &str) =
        "there is no command `{name}`",
        "la commande `{name}` n’existe pas";
    unknown_flag(flag: &str) =
        "unknown flag `{flag}`",
        "option `{flag}` inconnue";
    unexpected_argument(argument: &str) =
        "unexpected argument `{argument}`",
        "argument `{argument}` inattendu";
    missing_argument(argument: &str) =
        "missing {argument}",
        "{argument} manque";
    missing_command() =
        "a command is missing",
        "il manque une commande";
    missing_value(flag: &str) =
        "`{flag}` needs a value",
        "`{flag}` attend une valeur";
    invalid_value(value: &str, flag: &str) =
        "`{value}` is not a value of `{flag}`",
        "`{value}` n’est pas une valeur de `{flag}`";
    invalid_value_because(value: &str, flag: &str, reason: &str) =
        "`{value}` is not a value of `{flag}`: {reason}",
        "`{value}` n’est pas une valeur de `{flag}` : {reason}";
    conflicting_flags(one: &str, other: &str) =
        "`{one}` cannot be used with `{other}`",
        "`{one}` ne peut pas être utilisé avec `{other}`";
    repeated_flag(flag: &str) =
        "`{flag}` is given twice",
        "`{flag}` est donné deux fois";
    other(text: &str) =
        "the command line is not understood: {text}",
        "la ligne de commande n’est pas comprise : {text}";
    possible_values(values: &str) =
        "one of: {values}",
        "valeurs possibles : {values}";
    see_help(command: &str) =
        "{command} --help",
        "{command} --help";
    argument_encoding(argument: &str) =
        "the argument `{argument}` is not UTF-8",
        "l’argument `{argument}` n’est pas en UTF-8";
    variable_encoding(name: &str) =
        "the environment variable {name} is not UTF-8",
        "la variable d’environnement {name} n’est pas en UTF-8";
    no_home() =
        "there is no home folder, and VITTE_HOME is not set",
        "il n’y a pas de dossier personnel, et VITTE_HOME n’est pas défini";
    no_home_help() =
        "export VITTE_HOME=/a/folder/of/yours",
        "export VITTE_HOME=/un/dossier/personnel";
    no_current_folder(reason: &str) =
        "the current folder cannot be found: {reason}",
        "le dossier courant est introuvable : {reason}";
    needs_answer(question: &str) =
        "a question needs an answer, and there is no terminal to ask on: {question}",
        "une question attend une réponse, et il n’y a pas de terminal où la poser : {question}";
    needs_answer_help(flag: &str) =
        "give {flag} to answer yes",
        "ajouter {flag} pour répondre oui";
    config_syntax(reason: &str) =
        "the configuration is not valid TOML: {reason}",
        "la configuration n’est pas du TOML valide : {reason}";
    config_key(key: &str) =
        "there is no setting `{key}`",
        "le réglage `{key}` n’existe pas";
    config_type(key: &str) =
        "the setting `{key}` needs a text in quotes",
        "le réglage `{key}` attend un texte entre guillemets";
    config_value(key: &str, value: &str, allowed: &str) =
        "`{value}` is not a value of the setting `{key}`: {allowed}",
        "`{value}` n’est pas une valeur du réglage `{key}` : {allowed}";
    config_project(key: &str) =
        "a project may not set `{key}`",
        "un projet ne peut pas définir `{key}`";
    config_plain_http(key: &str) =
        "a project may not set `{key}` to an `http://` address of another machine",
        "un projet ne peut pas donner à `{key}` l’adresse `http://` d’une autre machine";
    config_plain_http_help(key: &str) =
        "{key} = \"https://HOST/\"",
        "{key} = \"https://HOST/\"";
    exec_arguments(argument: &str) =
        "what the program is given goes behind --: vitte package exec NAME -- {argument}",
        "les arguments du programme se placent après -- : vitte package exec NOM -- {argument}";
    config_project_help(variable: &str) =
        "set it in your own configuration, or by the variable {variable}",
        "le définir dans votre configuration, ou par la variable {variable}";
    unknown_code(text: &str) =
        "there is no error code `{text}`",
        "le code d’erreur `{text}` n’existe pas";
    see_codes() =
        "vitte package explain",
        "vitte package explain";
    no_registry_help() =
        "give --registry DIR, or export VITTE_REGISTRY=DIR",
        "ajouter --registry DOSSIER, ou définir la variable : export VITTE_REGISTRY=DOSSIER";
    unknown_shell(name: &str) =
        "no completions can be written for the shell `{name}`",
        "la complétion n’existe pas pour le shell `{name}`";
    version_missing(text: &str) =
        "`{text}` names no version: write NAME@VERSION",
        "`{text}` ne donne pas de version : écrire NOM@VERSION";
}
