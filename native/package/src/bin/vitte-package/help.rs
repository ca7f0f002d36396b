//! Help in the chosen language. The definitions of the commands are English; for help that is shown in French, their
//! texts are replaced by those of [`vitte_package::message::help`].

use clap::builder::{PossibleValue, PossibleValuesParser, Str, StyledStr};
use vitte_package::message::{self, Language};

/// Words that clap puts into every help, and what they are in French.
const CLAP: &[(&str, &str)] = &[
    ("Usage:", "Utilisation\u{202f}:"),
    ("Arguments:", "Arguments\u{202f}:"),
    ("Options:", "Options\u{202f}:"),
    ("Commands:", "Commandes\u{202f}:"),
    ("Possible values:", "Valeurs possibles\u{202f}:"),
    ("[possible values: ", "[valeurs possibles\u{202f}: "),
    ("[default: ", "[défaut\u{202f}: "),
    ("[aliases: ", "[alias\u{202f}: "),
    ("[alias: ", "[alias\u{202f}: "),
    ("Print help (see more with '--help')", "Afficher l’aide (plus complète avec «\u{202f}--help\u{202f}»)"),
    ("Print help (see a summary with '-h')", "Afficher l’aide (résumé avec «\u{202f}-h\u{202f}»)"),
    (
        "Print this message or the help of the given subcommand(s)",
        "Afficher ce message ou l’aide d’une commande",
    ),
    ("Print help", "Afficher l’aide"),
    ("Print version", "Afficher la version"),
];

/// The command with its help in the chosen language. In French it is for help only: values are not parsed into types.
pub(crate) fn localised(command: clap::Command) -> clap::Command {
    match message::language() {
        Language::English => command,
        Language::French => french(command),
    }
}

/// A rendered help with clap's own words in the chosen language.
pub(crate) fn words(rendered: String) -> String {
    match message::language() {
        Language::English => rendered,
        Language::French => {
            CLAP.iter().fold(rendered, |text, (english, french)| text.replace(english, french))
        }
    }
}

/// Commands that serve one purpose.
#[derive(Debug)]
pub(crate) struct Group {
    /// The purpose.
    pub(crate) heading: &'static str,
    /// The commands, as their variants are called.
    pub(crate) commands: &'static [&'static str],
}

/// The rendered help of the whole program with its list of commands cut into groups; what belongs to none comes last.
pub(crate) fn grouped(rendered: &str, groups: &[Group]) -> String {
    const HEADING: &str = "Commands:";
    if !rendered.contains(HEADING) {
        return rendered.to_owned();
    }
    let mut lines = rendered.lines();
    let mut text: String =
        lines.by_ref().take_while(|line| !line.contains(HEADING)).map(|line| format!("{line}\n")).collect();
    // A command and what was wrapped below it.
    let mut entries: Vec<(String, String)> = Vec::new();
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let plain = anstream::adapter::strip_str(line).to_string();
        let indent = plain.len() - plain.trim_start().len();
        let name = plain.split_whitespace().next().unwrap_or_default();
        match entries.last_mut() {
            Some((_, entry)) if indent > 2 => entry.push_str(&format!("\n{line}")),
            _ => entries.push((name.to_owned(), line.to_owned())),
        }
    }
    let style = anstyle::Style::new().bold().underline();
    for (place, group) in groups.iter().enumerate() {
        let heading = match message::language() {
            Language::English => group.heading,
            Language::French => message::help::french(group.heading).unwrap_or(group.heading),
        };
        text.push_str(&format!("{style}{heading}:{style:#}\n"));
        let is_last = place + 1 == groups.len();
        let is_here = |name: &str| group.commands.iter().any(|command| command.eq_ignore_ascii_case(name));
        let is_elsewhere = |name: &str| {
            groups.iter().flat_map(|group| group.commands).any(|command| command.eq_ignore_ascii_case(name))
        };
        for (name, entry) in &entries {
            if is_here(name) || is_last && !is_elsewhere(name) {
                text.push_str(&format!("{entry}\n"));
            }
        }
        text.push('\n');
    }
    text.extend(lines.map(|line| format!("{line}\n")));
    text
}

fn french(command: clap::Command) -> clap::Command {
    let (about, long_about) = (text(command.get_about()), text(command.get_long_about()));
    let (before, after) = (text(command.get_before_help()), text(command.get_after_help()));
    let mut command = command.mut_args(french_argument).mut_subcommands(french);
    if command.has_subcommands() {
        command = command.subcommand_value_name("COMMANDE");
    }
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(about) = long_about {
        command = command.long_about(about);
    }
    if let Some(before) = before {
        command = command.before_help(before);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    command
}

fn french_argument(argument: clap::Arg) -> clap::Arg {
    let (help, long_help) = (text(argument.get_help()), text(argument.get_long_help()));
    // The French of a heading ends in the space before its colon.
    let heading = argument.get_help_heading().and_then(message::help::french);
    let values = argument.get_possible_values();
    let mut argument = argument;
    if values.iter().any(|value| value.get_help().is_some()) {
        argument = argument.value_parser(PossibleValuesParser::new(values.into_iter().map(french_value)));
    }
    if let Some(help) = help {
        argument = argument.help(help);
    }
    if let Some(help) = long_help {
        argument = argument.long_help(help);
    }
    if let Some(names) = argument.get_value_names() {
        let name = |name: &Str| message::value_name::french(name).map_or_else(|| name.clone(), Str::from);
        let names: Vec<Str> = names.iter().map(name).collect();
        argument = argument.value_names(names);
    }
    match heading {
        Some(heading) => argument.help_heading(heading),
        None => argument,
    }
}

fn french_value(value: PossibleValue) -> PossibleValue {
    match text(value.get_help()) {
        Some(help) => value.help(help),
        None => value,
    }
}

/// The French of a text of the definitions. Of examples, the heading and the remarks behind `#` are translated.
fn text(english: Option<&StyledStr>) -> Option<String> {
    let english = english?.to_string();
    if let Some(french) = message::help::french(&english) {
        return Some(french.to_owned());
    }
    let examples = english.strip_prefix("Examples:")?;
    let line = |line: &str| match line.split_once("  # ") {
        Some((command, remark)) => {
            format!("{command}  # {}", message::help::french(remark).unwrap_or(remark))
        }
        None => line.to_owned(),
    };
    let lines: Vec<String> = examples.split('\n').map(line).collect();
    Some(format!("Exemples\u{202f}:{}", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command_line;
    use std::collections::BTreeSet;

    /// Every text of the definitions that is shown in help.
    fn texts(command: &clap::Command, into: &mut BTreeSet<String>) {
        let own = [command.get_about(), command.get_long_about(), command.get_after_help()];
        into.extend(own.into_iter().flatten().map(ToString::to_string));
        let examples = command.get_before_help().map(ToString::to_string).unwrap_or_default();
        if !examples.starts_with("Examples:") {
            into.insert(examples.clone());
        }
        into.extend(examples.lines().filter_map(|line| Some(line.split_once("  # ")?.1.to_owned())));
        for argument in command.get_arguments() {
            let helps = [argument.get_help(), argument.get_long_help()];
            into.extend(helps.into_iter().flatten().map(ToString::to_string));
            into.extend(argument.get_help_heading().map(str::to_owned));
            let values = argument.get_possible_values();
            into.extend(values.iter().filter_map(|value| Some(value.get_help()?.to_string())));
        }
        command.get_subcommands().for_each(|below| texts(below, into));
        into.remove("");
    }

    #[test]
    fn every_help_text_has_its_french_and_none_is_left_over() {
        let mut shown = BTreeSet::new();
        texts(&command_line(), &mut shown);
        shown.extend(crate::cli::GROUPS.iter().map(|group| group.heading.to_owned()));
        let missing: Vec<_> =
            shown.iter().filter(|english| message::help::french(english).is_none()).collect();
        assert!(missing.is_empty(), "without French in message/help.rs: {missing:#?}");
        let left: Vec<_> = message::help::table().filter(|(english, _)| !shown.contains(*english)).collect();
        assert!(left.is_empty(), "not shown any more, in message/help.rs: {left:#?}");
    }

    /// The names of values in help, of all commands.
    fn value_names(command: &clap::Command, into: &mut BTreeSet<String>) {
        let arguments = command.get_arguments().filter(|argument| argument.get_action().takes_values());
        let names = arguments.filter_map(|argument| argument.get_value_names()).flatten();
        into.extend(names.map(ToString::to_string));
        command.get_subcommands().for_each(|below| value_names(below, into));
    }

    #[test]
    fn every_value_name_has_its_french_and_none_is_left_over() {
        let mut shown = BTreeSet::new();
        value_names(&command_line(), &mut shown);
        let known: BTreeSet<String> =
            message::value_name::TABLE.iter().map(|(english, _)| (*english).to_owned()).collect();
        assert_eq!(shown, known, "what help shows, and what message/value_name.rs has");
        let build =
            french(command_line()).find_subcommand_mut("build").unwrap().render_long_help().to_string();
        assert!(build.contains("--manifest <FICHIER>"), "{build}");
    }

    #[test]
    fn french_help_has_no_english_left() {
        let mut command = french(command_line());
        command.build();
        let mut shown = BTreeSet::new();
        texts(&command_line(), &mut shown);
        let mut after = BTreeSet::new();
        texts(&command, &mut after);
        let same: Vec<_> = after
            .iter()
            .filter(|text| shown.contains(*text) && message::help::french(text) != Some(text.as_str()))
            .collect();
        assert!(same.is_empty(), "{same:#?}");
    }
}
