use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{language, ui as words, usage};
use vitte_package_core::diagnostic::{Code, Diagnostic, Example, Exit, Language};
use vitte_package_core::nearest::nearest;

/// Explain an error code
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package explain VP0501\n  vitte package explain frame-digest\n  vitte package explain"
)]
pub(crate) struct Args {
    /// A code or its class; without one, all are listed
    code: Option<String>,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum Answer {
    /// The code asked for.
    One(Row),
    /// Without a code: all of them.
    All(Vec<Row>),
}

/// What is to be known of a code.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Row {
    /// The code.
    code: Code,
    /// Its class, in words joined by dashes.
    class: &'static str,
    /// The exit status that goes with it.
    exit: u8,
    /// Whether the same command may succeed later.
    retryable: bool,
    /// What it means.
    title: &'static str,
    /// How it usually comes about, the likeliest first.
    causes: &'static [&'static str],
    /// What to do about it.
    mend: &'static str,
    /// One case.
    example: Example,
}

impl From<Code> for Row {
    fn from(code: Code) -> Self {
        Self {
            code,
            class: code.class(),
            exit: code.exit() as u8,
            retryable: code.retryable(),
            title: code.title(),
            causes: code.explanation().causes_in(language()),
            mend: code.fix(),
            example: code.explanation().example,
        }
    }
}

pub(crate) fn run(args: Args, _: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Some(text) = args.code else {
        for code in Code::ALL {
            ui.print(format!("{code}  {:<22} {}", code.class(), code.title()));
        }
        ui.result(&Answer::All(Code::ALL.iter().copied().map(Row::from).collect()));
        return Ok(Exit::Ok);
    };
    let Some(code) = Code::find(&text)
        .or_else(|| Code::find(&text.to_uppercase()))
        .or_else(|| Code::find(&format!("VP{text:0>4}")))
    else {
        let unknown = Diagnostic::new(Code::Usage, usage::unknown_code(&text));
        let near = nearest(&text, Code::ALL.iter().map(|code| code.class()));
        return Err(match near {
            Some(near) => unknown.help(usage::did_you_mean(near)),
            None => unknown.help(usage::see_codes()),
        }
        .into());
    };
    for line in page(code) {
        ui.print(line);
    }
    ui.result(&Answer::One(code.into()));
    Ok(Exit::Ok)
}

/// All that is known of a code, line by line. The first is its meaning.
fn page(code: Code) -> Vec<String> {
    let explanation = code.explanation();
    let mut page = vec![format!("{code} {}: {}", code.class(), code.title())];
    let mut part = |heading: String, lines: Vec<String>| {
        page.extend([String::new(), heading]);
        page.extend(lines.into_iter().map(|line| format!("  {line}").trim_end().to_owned()));
    };
    part(
        words::explain_causes(),
        explanation.causes_in(language()).iter().map(|cause| format!("- {cause}")).collect(),
    );
    part(words::explain_fix(), vec![code.fix().to_owned()]);
    let example = &explanation.example;
    let mut shown = Vec::new();
    if let Some(file) = example.file {
        shown.push(words::explain_file(file.name));
        shown.extend(file.lines.lines().map(|line| format!("  {line}")));
    }
    let prompt = match example.language {
        Language::Shell => '$',
        Language::Javascript => '>',
    };
    shown.push(format!("{prompt} {}", example.typed));
    shown.extend(example.printed.lines().map(str::to_owned));
    part(words::explain_example(), shown);
    part(words::explain_exit(), vec![words::exit_status(code.exit() as u8)]);
    page
}
