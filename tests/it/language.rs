//! The language of messages: how it is chosen, what stays English, and that French has no English left in it.

use crate::readme::line_fits;
use crate::sandbox::Sandbox;
use vitte_package::message;
use vitte_package_core::diagnostic::Code;

/// What comes before a sentence in a line of output.
const MARKS: [&str; 7] = ["✔", "✘", "–", "-", "=", "aide:", "help:"];

/// Lines that are an English sentence of the tables which has another French one.
pub(crate) fn english_lines(printed: &str) -> Vec<String> {
    let messages = message::all().filter(|message| message.forms != message.french);
    let forms: Vec<String> = messages.flat_map(|message| message.forms).map(|form| pattern(form)).collect();
    let is_english = |line: &str| {
        let mut sentence = line.trim();
        while let Some(rest) = MARKS.iter().find_map(|mark| sentence.strip_prefix(mark)) {
            sentence = rest.trim_start();
        }
        let starts = ["error[", "warning[", "Usage:", "Options:", "Commands:", "Examples:"];
        line.contains("= help: ")
            || starts.iter().any(|start| sentence.starts_with(start))
            || forms.iter().any(|form| line_fits(form, sentence, GAP))
    };
    // The example of an explanation says that it is in English.
    let mut in_example = false;
    let mut left = Vec::new();
    for line in printed.lines() {
        in_example = line == "un exemple, en anglais\u{202f}:" || in_example && !line.is_empty();
        if !in_example && is_english(line) {
            left.push(line.to_owned());
        }
    }
    left
}

const GAP: &str = "\u{1d}";

/// A text of the table with a gap in the place of each argument. A text of arguments and marks alone fits no line.
fn pattern(form: &str) -> String {
    let mut parts = form.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text += GAP;
        text += part.split_once('}').map_or(part, |(_, rest)| rest);
    }
    let letters = text.chars().filter(|character| character.is_alphabetic()).count();
    if letters < 6 { "\u{1e}".to_owned() } else { text }
}

#[test]
fn english_in_french_output_is_seen() {
    for english in ["error[VP0302]: x", "  = help: x", "nothing is installed", "– 3 packages, 4 B"] {
        assert_eq!(english_lines(english).len(), 1, "{english}");
    }
    let french =
        "erreur[VP0302]: il n’y a pas de `vitte.toml` dans / ni au-dessus\n = aide: vitte package init\n";
    assert_eq!(english_lines(french), Vec::<String>::new());
}

#[test]
fn the_flag_comes_before_the_variables_and_unknown_languages_are_english() {
    let sandbox = Sandbox::new();
    let french = "il n’y a pas de `vitte.toml` dans [dir] ni au-dessus";
    let english = "there is no `vitte.toml` in [dir] or above it";
    for (line, variables, expected) in [
        ("build", &[][..], english),
        ("build", &[("LANG", "fr_FR.UTF-8")], french),
        ("build", &[("LANG", "fr_FR.UTF-8"), ("LC_ALL", "C.UTF-8")], english),
        ("build", &[("LC_MESSAGES", "fr_CA.UTF-8"), ("LANG", "en_US.UTF-8")], french),
        ("build", &[("VITTE_LANG", "fr"), ("LC_ALL", "POSIX")], french),
        ("build", &[("VITTE_LANG", "tlh"), ("LC_ALL", "fr_FR")], english),
        ("--lang fr build", &[("VITTE_LANG", "en")], french),
        ("build --lang=en", &[("VITTE_LANG", "fr")], english),
        ("build --lang tlh", &[("VITTE_LANG", "fr")], english),
    ] {
        let ran = sandbox.run_with(line, |command| {
            command.envs(variables.iter().copied());
        });
        let ran = ran.ends(2);
        assert!(ran.stderr.contains(expected), "{line} {variables:?}\n{ran}");
    }
    let mut vitte = sandbox.vitte();
    let out = vitte.env("LANG", "fr_FR.UTF-8").arg("nonsense").output().unwrap();
    assert!(String::from_utf8(out.stderr).unwrap().contains("la commande `nonsense` n’existe pas"));
}

#[test]
fn help_is_in_the_language_that_is_chosen() {
    let sandbox = Sandbox::new();
    for line in
        ["--lang fr --help", "install -h --lang fr", "registry -h --lang=fr", "--lang fr help key generate"]
    {
        let ran = sandbox.run(line);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("Utilisation\u{202f}:") && said.contains("Exemples\u{202f}:"), "{line}\n{ran}");
        assert_eq!(english_lines(&said), Vec::<String>::new(), "{line}");
        assert_eq!(ran.exit, sandbox.run(&line.replace("fr", "en")).exit, "{line}");
    }
    // What help calls a value, a fault calls it too.
    assert!(sandbox.run("--lang fr help key export").ends(0).stdout.contains("<NOM>"));
    assert!(sandbox.run("key export --lang fr").ends(2).stderr.contains("<NOM> manque"));
    assert!(sandbox.run("key export").ends(2).stderr.contains("<NAME>"));
}

#[test]
fn what_programs_read_is_the_same_in_every_language() {
    let sandbox = Sandbox::new();
    for line in ["build", "explain", "explain VP0501", "install x/y", "key list", "instal", "key show nobody"]
    {
        let json = |language: &str| sandbox.run(&format!("{line} --json --lang {language}"));
        let (english, french) = (json("en"), json("fr"));
        assert_eq!((english.exit, &english.stdout), (french.exit, &french.stdout), "{line}");
        let events =
            |language: &str| sandbox.run(&format!("{line} --progress json --lang {language}")).stderr;
        assert_eq!(events("en"), events("fr"), "{line}");
    }
}

#[test]
fn every_explanation_has_a_french_page() {
    let sandbox = Sandbox::new();
    let all = sandbox.run("explain --lang fr").ends(0).stdout;
    for code in Code::ALL {
        assert!(all.contains(code.title_in(message::Language::French)), "{code}");
    }
    let page = sandbox.run("explain VP0510 --lang fr").ends(0).stdout;
    for part in
        ["il n’y a pas de signature", "Ses signatures ont été retirées en chemin.", "code de sortie\u{202f}:"]
    {
        assert!(page.contains(part), "{page}");
    }
}

#[test]
fn the_demo_goes_the_same_way_in_french() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run("demo --exit --lang fr").ends(0);
    assert!(ran.stdout.contains("détecté\u{202f}: code de sortie 5, rien n’a été extrait"), "{ran}");
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(english_lines(&said), Vec::<String>::new(), "{ran}");
}
