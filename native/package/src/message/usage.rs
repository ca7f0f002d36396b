//! Words about the command line and the configuration.

pub use vitte_package_core::message::usage::*;

vitte_package_core::messages! { "usage";
    unknown_command(name: &str) = "there is no command `{name}`";
    unknown_flag(flag: &str) = "unknown flag `{flag}`";
    unexpected_argument(argument: &str) = "unexpected argument `{argument}`";
    missing_argument(argument: &str) = "missing {argument}";
    missing_command() = "a command is missing";
    missing_value(flag: &str) = "`{flag}` needs a value";
    invalid_value(value: &str, flag: &str) = "`{value}` is not a value of `{flag}`";
    invalid_value_because(value: &str, flag: &str, reason: &str) = "`{value}` is not a value of `{flag}`: {reason}";
    conflicting_flags(one: &str, other: &str) = "`{one}` cannot be used with `{other}`";
    repeated_flag(flag: &str) = "`{flag}` is given twice";
    other(text: &str) = "the command line is not understood: {text}";
    possible_values(values: &str) = "one of: {values}";
    see_help(command: &str) = "{command} --help";
    argument_encoding(argument: &str) = "the argument `{argument}` is not UTF-8";
    variable_encoding(name: &str) = "the environment variable {name} is not UTF-8";
    no_home() = "there is no home folder, and VITTE_HOME is not set";
    no_home_help() = "export VITTE_HOME=/a/folder/of/yours";
    no_current_folder(reason: &str) = "the current folder cannot be found: {reason}";
    needs_answer(question: &str) = "a question needs an answer, and there is no terminal to ask on: {question}";
    needs_answer_help(flag: &str) = "give {flag} to answer yes";
    config_syntax(reason: &str) = "the configuration is not valid TOML: {reason}";
    config_key(key: &str) = "there is no setting `{key}`";
    config_type(key: &str) = "the setting `{key}` needs a text in quotes";
    config_value(key: &str, value: &str, allowed: &str) = "`{value}` is not a value of the setting `{key}`: {allowed}";
    config_project(key: &str) = "a project may not set `{key}`";
    config_plain_http(key: &str) = "a project may not set `{key}` to an `http://` address of another machine";
    config_plain_http_help(key: &str) = "{key} = \"https://HOST/\"";
    exec_arguments(argument: &str) = "what the program is given goes behind --: vitte package exec NAME -- {argument}";
    config_project_help(variable: &str) = "set it in your own configuration, or by the variable {variable}";
    unknown_code(text: &str) = "there is no error code `{text}`";
    see_codes() = "vitte package explain";
    no_registry_help() = "give --registry DIR, or export VITTE_REGISTRY=DIR";
    unknown_shell(name: &str) = "no completions can be written for the shell `{name}`";
    version_missing(text: &str) = "`{text}` names no version: write NAME@VERSION";
}
