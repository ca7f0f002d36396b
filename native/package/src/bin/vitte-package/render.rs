//! Faults as people read them: message with its code, place with an excerpt and a caret, values, hints.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;
use vitte_package::error::{Error, Fault};
use vitte_package::message::ui;
use vitte_package::terminal::redact_in_place;
pub(crate) use vitte_package::terminal::{escape, escape_json};
use vitte_package_core::diagnostic::{Diagnostic, Place, Span};
pub(crate) use vitte_package_core::message::size;

/// How many faults are shown in full; the rest is counted.
const SHOWN: usize = 10;

/// Renders all faults of an error, styled; the stream strips the styles where there is no colour.
pub(crate) fn error(error: &Error) -> String {
    let mut text = String::new();
    for fault in error.faults().take(SHOWN) {
        text += &one(Level::ERROR.with_name(ui::level_error()), fault.diagnostic(), Some(fault));
        text.push('\n');
    }
    let hidden = error.faults().count().saturating_sub(SHOWN);
    if hidden > 0 {
        text += &format!("{}\n", ui::more_faults(hidden));
    }
    text
}

/// Renders a warning.
pub(crate) fn warning(diagnostic: &Diagnostic) -> String {
    one(Level::WARNING.with_name(ui::level_warning()), diagnostic, None) + "\n"
}

fn one(level: Level<'static>, diagnostic: &Diagnostic, fault: Option<&Fault>) -> String {
    let subject =
        fault.and_then(|fault| fault.subject()).map(|subject| escape(&subject.to_string()).into_owned());
    let title = level.primary_title(line(&diagnostic.message)).id(diagnostic.code.to_string());
    let mut group = Group::with_title(title);
    match (&diagnostic.place, fault.and_then(|fault| fault.source_text())) {
        (Place::Source(span), Some(source)) => {
            let source = redact_in_place(source);
            let annotation = AnnotationKind::Primary
                .span(clamp(*span, &source))
                .label(diagnostic.label.as_deref().map(line));
            let mut snippet = Snippet::source(source.clone()).path(subject).annotation(annotation);
            for note in &diagnostic.notes {
                if let Some(also) = note.span {
                    let annotation = AnnotationKind::Context.span(clamp(also, &source));
                    snippet = snippet.annotation(annotation.label(Some(line(&note.text))));
                }
            }
            group = group.element(snippet);
        }
        (place, _) => {
            let parts: Vec<_> = subject.into_iter().chain(words(place)).collect();
            if !parts.is_empty() {
                group = group.element(Origin::path(parts.join(": ")));
            }
            if let Some(label) = &diagnostic.label {
                group = group.element(Level::NOTE.no_name().message(line(label)));
            }
        }
    }
    for (key, say) in [("expected", ui::expected as fn(&str) -> String), ("got", ui::got)] {
        // A value the sentence already names is not said twice.
        if let Some(value) = diagnostic.data.get(key).and_then(|value| value.as_str())
            && !diagnostic.message.contains(value)
        {
            group = group.element(Level::NOTE.no_name().message(line(&say(value))));
        }
    }
    let has_source = fault.is_some_and(|fault| fault.source_text().is_some());
    for note in diagnostic.notes.iter().filter(|note| note.span.is_none() || !has_source) {
        group = group.element(Level::NOTE.no_name().message(line(&note.text)));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.with_name(ui::level_help()).message(line(help)));
    }
    Renderer::styled().decor_style(DecorStyle::Ascii).render(&[group])
}

/// A place that is not in a source text, in words.
fn words(place: &Place) -> Option<String> {
    match place {
        Place::Whole | Place::Source(_) => None,
        Place::Offset { offset } => Some(ui::at_offset(*offset)),
        Place::Line { line } => Some(ui::at_line(*line)),
        Place::Frame { frame, frames, files } => {
            let number = frame.saturating_add(1);
            Some(match (files.first(), files.last()) {
                (Some(first), Some(last)) => {
                    ui::at_frame_files(number, *frames, files.len(), &escape(first), &escape(last))
                }
                _ => ui::at_frame(number, *frames),
            })
        }
        Place::File { path } => Some(ui::at_file(&escape(path))),
    }
}

/// The span cut to the text and to whole characters: an excerpt never makes things worse.
fn clamp(span: Span, source: &str) -> Range<usize> {
    let start = source.floor_char_boundary(span.start);
    let end = source.ceil_char_boundary(span.end.max(start));
    start..end
}

/// Line and column of a byte offset, both counted from 1, the column in characters.
pub(crate) fn line_and_column(source: &str, offset: usize) -> (usize, usize) {
    let before = &source[..source.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Text for one line of output.
fn line(text: &str) -> String {
    escape(text).replace('\n', "\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitte_package_core::diagnostic::Code;

    fn plain(fault: Error) -> String {
        anstream::adapter::strip_str(&error(&fault)).to_string()
    }

    #[test]
    fn a_fault_in_a_text_is_shown_with_its_caret() {
        let text = "[package]\nname = \"demo/hello\"\nversion = \"1.O.0\"   # letter O\n";
        let fault = Diagnostic::new(Code::Version, "`1.O.0` is not a semantic version".into())
            .at(Place::Source(Span { start: 40, end: 47 }))
            .label("unexpected character 'O' while parsing minor version number".into())
            .help("write three numbers: MAJOR.MINOR.PATCH, for example \"1.0.0\"".into());
        let shown = plain(Error::from(fault).in_text("vitte.toml", text));
        insta::assert_snapshot!(shown, @r#"
        error[VP0103]: `1.O.0` is not a semantic version
         --> vitte.toml:3:11
          |
        3 | version = "1.O.0"   # letter O
          |           ^^^^^^^ unexpected character 'O' while parsing minor version number
          |
          = help: write three numbers: MAJOR.MINOR.PATCH, for example "1.0.0"
        "#);
    }

    #[test]
    fn a_fault_in_a_frame_names_frame_files_and_values() {
        let files = vec!["src/greet.vit".into(), "src/a\u{202e}b.vit".into()];
        let fault =
            Diagnostic::new(Code::FrameDigest, "demo/hello 1.0.0 is not what its author signed".into())
                .at(Place::Frame { frame: 1, frames: 2, files })
                .with("expected", "sha256:6b1f")
                .with("got", "sha256:e0c4")
                .help("vitte package report demo/hello@1.0.0".into());
        insta::assert_snapshot!(plain(Error::from(fault).in_file("hello-1.0.0.vitmod")), @r"
        error[VP0501]: demo/hello 1.0.0 is not what its author signed
        --> hello-1.0.0.vitmod: frame 2 of 2 (2 files, src/greet.vit … src/a\u{202e}b.vit)
         = expected sha256:6b1f
         = got      sha256:e0c4
         = help: vitte package report demo/hello@1.0.0
        ");
    }

    #[test]
    fn reasons_stand_at_their_lines_or_below() {
        let text = "[dependencies]\n\"t/math\" = \"^1\"\n\"t/plot\" = \"^1\"\n";
        let fault =
            Diagnostic::new(Code::NoSolution, "your dependencies cannot be satisfied together".into())
                .at(Place::Source(Span { start: 15, end: 30 }))
                .label("wants t/math ^1".into())
                .note("wants t/plot ^1".into(), Some(Span { start: 31, end: 46 }))
                .note("no release of t/core is ~1.0 and ~1.1 at once".into(), None)
                .help("vitte package add t/math@2.0.0".into());
        let shown = plain(Error::from(fault).in_text("vitte.toml", text));
        insta::assert_snapshot!(shown, @r#"
        error[VP0401]: your dependencies cannot be satisfied together
         --> vitte.toml:2:1
          |
        2 | "t/math" = "^1"
          | ^^^^^^^^^^^^^^^ wants t/math ^1
        3 | "t/plot" = "^1"
          | --------------- wants t/plot ^1
          |
          = no release of t/core is ~1.0 and ~1.1 at once
          = help: vitte package add t/math@2.0.0
        "#);
    }

    #[test]
    fn spans_outside_the_text_are_cut() {
        assert_eq!(clamp(Span { start: 1, end: 900 }, "é"), 0..2);
        assert_eq!(clamp(Span { start: 9, end: 3 }, "é"), 2..2);
        assert_eq!(line_and_column("a\nbé c", 5), (2, 3));
    }
}
