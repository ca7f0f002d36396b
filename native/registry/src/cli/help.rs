//! Help, and what is wrong with a command line, in the operator's language. The definitions of the commands are English;
//! for help that is shown in French, their texts are replaced by those of [`super::help_texts`].

use super::help_texts;
use clap::builder::{PossibleValue, PossibleValuesParser, Str, StyledStr};
use clap::error::ErrorKind;
use std::ffi::OsString;
use vitte_package_core::message::{Language, language};

/// Words that clap puts into every help, and what they are in French. What follows them may be on the next line.
const CLAP: &[(&str, &str)] = &[
    ("Usage:", "Utilisation\u{202f}:"),
    ("Arguments:", "Arguments\u{202f}:"),
    ("Options:", "Options\u{202f}:"),
    ("Commands:", "Commandes\u{202f}:"),
    ("Possible values:", "Valeurs possibles\u{202f}:"),
    ("[possible values:", "[valeurs possibles\u{202f}:"),
    ("[default:", "[défaut\u{202f}:"),
    ("[env:", "[environnement\u{202f}:"),
    ("Print help (see more with '--help')", "Afficher l’aide (plus complète avec «\u{202f}--help\u{202f}»)"),
    ("Print help (see a summary with '-h')", "Afficher l’aide (résumé avec «\u{202f}-h\u{202f}»)"),
    ("Print help", "Afficher l’aide"),
    ("Print version", "Afficher la version"),
];

/// What clap says of a command line that is wrong.
const FAULTS: &[(&str, &str)] = &[
    ("error:", "erreur\u{202f}:"),
    ("the following required arguments were not provided:", "il manque les arguments suivants\u{202f}:"),
    ("unexpected argument", "argument inattendu"),
    ("unrecognized subcommand", "commande inconnue"),
    ("requires a subcommand but one was not provided", "demande une commande, et il n’y en a pas"),
    ("[subcommands: ", "[commandes\u{202f}: "),
    ("invalid value", "valeur non valide"),
    ("a value is required for", "il faut une valeur pour"),
    (" but none was supplied", ""),
    ("the argument ", "l’argument "),
    ("cannot be used with:", "ne s’emploie pas avec\u{202f}:"),
    ("cannot be used with", "ne s’emploie pas avec"),
    ("cannot be used multiple times", "ne s’emploie qu’une fois"),
    (" found", ""),
    (" for '", " pour '"),
    ("  tip: a similar argument exists: ", "  conseil\u{202f}: un argument proche existe\u{202f}: "),
    ("  tip: a similar value exists: ", "  conseil\u{202f}: une valeur proche existe\u{202f}: "),
    ("  tip: a similar subcommand exists: ", "  conseil\u{202f}: une commande proche existe\u{202f}: "),
    (
        "  tip: some similar subcommands exist: ",
        "  conseil\u{202f}: des commandes proches existent\u{202f}: ",
    ),
    ("  tip: to pass ", "  conseil\u{202f}: pour donner "),
    (" as a value, use ", " comme valeur, écrire "),
    ("For more information, try ", "Pour en savoir plus\u{202f}: "),
];

/// Shows what clap made of a command line that starts nothing, and gives the exit status.
pub(super) fn show(command: clap::Command, arguments: &[OsString], english: clap::Error) -> i32 {
    let status = english.exit_code();
    let is_help = matches!(
        english.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if language() == Language::English {
        let _ = english.print();
        return status;
    }
    let asked = if is_help { french(command).try_get_matches_from(arguments).err() } else { None };
    let text = asked.unwrap_or(english).render().to_string();
    let translated = |text: String, words: &[(&str, &str)]| {
        words.iter().fold(text, |text, (english, french)| text.replace(english, french))
    };
    let text = if is_help { text } else { translated(text, FAULTS) };
    let text = translated(text, CLAP);
    match status {
        0 => crate::output::line(text.trim_end()),
        _ => crate::output::note(text.trim_end()),
    }
    status
}

/// A command whose help is French. It is for help only: values are not parsed into types.
fn french(command: clap::Command) -> clap::Command {
    let about = text(command.get_about());
    let mut command = command.mut_args(french_argument).mut_subcommands(french);
    if command.has_subcommands() {
        command = command.subcommand_value_name("COMMANDE");
    }
    match about {
        Some(about) => command.about(about),
        None => command,
    }
}

fn french_argument(argument: clap::Arg) -> clap::Arg {
    let help = text(argument.get_help());
    let values = argument.get_possible_values();
    let mut argument = argument;
    if values.iter().any(|value| value.get_help().is_some()) {
        argument = argument.value_parser(PossibleValuesParser::new(values.into_iter().map(french_value)));
    }
    if let Some(help) = help {
        argument = argument.help(help);
    }
    if let Some(names) = argument.get_value_names() {
        let name = |name: &Str| help_texts::value_name(name).map_or_else(|| name.clone(), Str::from);
        let names: Vec<Str> = names.iter().map(name).collect();
        argument = argument.value_names(names);
    }
    argument
}

fn french_value(value: PossibleValue) -> PossibleValue {
    match text(value.get_help()) {
        Some(help) => value.help(help),
        None => value,
    }
}

/// The French of a text of the definitions. That of a setting has its default behind it.
fn text(english: Option<&StyledStr>) -> Option<String> {
    let english = english?.to_string();
    let (plain, default) = english.split_once(" [default: ").unwrap_or((&english, ""));
    let french = help_texts::french(plain)?;
    Some(if default.is_empty() { french.to_owned() } else { format!("{french} [default: {default}") })
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;
    use clap::CommandFactory as _;
    use std::collections::BTreeSet;

    /// Every text of the definitions that is shown in help, without the defaults of settings.
    fn texts(command: &clap::Command, into: &mut BTreeSet<String>) {
        into.extend(
            [command.get_about(), command.get_long_about()].into_iter().flatten().map(ToString::to_string),
        );
        for argument in command.get_arguments() {
            let helps = [argument.get_help(), argument.get_long_help()].into_iter().flatten();
            let plain = |help: String| help.split(" [default: ").next().map(str::to_owned);
            into.extend(helps.filter_map(|help| plain(help.to_string())));
            let values = argument.get_possible_values();
            into.extend(values.iter().filter_map(|value| Some(value.get_help()?.to_string())));
        }
        command.get_subcommands().for_each(|below| texts(below, into));
    }

    /// The names of values in help that are not themselves typed.
    fn value_names(command: &clap::Command, into: &mut BTreeSet<String>) {
        let arguments = command.get_arguments().filter(|argument| argument.get_action().takes_values());
        let names = arguments.filter_map(|argument| argument.get_value_names()).flatten();
        let is_typed =
            |name: &String| name.contains('|') && name.bytes().all(|byte| !byte.is_ascii_uppercase());
        into.extend(names.map(ToString::to_string).filter(|name| !is_typed(name)));
        command.get_subcommands().for_each(|below| value_names(below, into));
    }

    #[test]
    fn every_help_text_has_its_french_and_none_is_left_over() {
        let mut shown = BTreeSet::new();
        texts(&Cli::command(), &mut shown);
        let known: BTreeSet<String> =
            help_texts::TEXTS.iter().map(|(english, _)| (*english).to_owned()).collect();
        let missing: Vec<_> = shown.difference(&known).collect();
        assert!(missing.is_empty(), "without French in help_texts.rs: {missing:#?}");
        let left: Vec<_> = known.difference(&shown).collect();
        assert!(left.is_empty(), "not shown any more, in help_texts.rs: {left:#?}");
        let mut names = BTreeSet::new();
        value_names(&Cli::command(), &mut names);
        let known: BTreeSet<String> =
            help_texts::VALUE_NAMES.iter().map(|(english, _)| (*english).to_owned()).collect();
        assert_eq!(names, known);
        for (english, french) in help_texts::TEXTS {
            assert_ne!(english, french);
            for mark in [':', ';', '!', '?'] {
                let bare = format!(" {mark}");
                assert!(!french.contains(&bare), "U+202F before `{mark}`: {french}");
            }
        }
    }
}
