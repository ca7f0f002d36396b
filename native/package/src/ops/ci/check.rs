//! Reading a workflow back: what it lacks, and what it should not do.

use super::yaml::{self, Text};
use super::{Provider, repository};
use crate::env::Env;
use crate::error::Error;
use crate::fs;
use crate::message::ci as text;
use std::path::PathBuf;
use vitte_package_core::diagnostic::{Code, Diagnostic};

/// A workflow is no longer than this.
const FILE_LEN: u64 = 1024 * 1024;

/// What a workflow is checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The package is built.
    Build,
    /// The registry's checks are made without publishing.
    DryRun,
    /// It is published.
    Publish,
    /// Only a tag publishes.
    OnTag,
    /// Token and key come from the service's secrets.
    Secrets,
    /// Nobody else's code runs with them.
    Strangers,
    /// The workflow's own token may not write.
    Permissions,
}

impl Rule {
    /// Its name, for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::DryRun => "dry-run",
            Self::Publish => "publish",
            Self::OnTag => "on-tag",
            Self::Secrets => "secrets",
            Self::Strangers => "strangers",
            Self::Permissions => "permissions",
        }
    }
}

/// Something that a workflow lacks or should not do.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is about.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
    /// What helps.
    pub help: String,
    /// The line it is on, from 1; none for what is missing.
    pub line: Option<usize>,
}

/// A workflow that was read.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Whose it is.
    pub provider: Provider,
    /// The file.
    pub path: PathBuf,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Checks a workflow: the one that is named, or that of the repository.
///
/// # Errors
/// `no-file` when there is none, `source` when it is not YAML or longer than 1 MiB, `usage` when it is not clear whose it
/// is; `io`.
pub fn check(env: &Env, file: Option<&std::path::Path>, provider: Option<&str>) -> Result<Checked, Error> {
    let repository = repository(env);
    let by_name = file.and_then(|file| {
        let shown = env.resolve(file).to_string_lossy().replace('\\', "/");
        let is_of = |provider: &Provider| match provider {
            Provider::GitHub => shown.contains("/.github/"),
            Provider::Forgejo => shown.contains("/.forgejo/") || shown.contains("/.gitea/"),
            Provider::GitLab => shown.contains(".gitlab-ci"),
        };
        Provider::ALL.into_iter().find(is_of)
    });
    let provider = match (provider, by_name) {
        (None, Some(provider)) => provider,
        (given, _) => Provider::choose(given, &repository)?,
    };
    let path = file.map_or_else(|| repository.join(provider.path()), |file| env.resolve(file));
    let shown = env.shorten(&path).display().to_string();
    if !path.is_file() {
        return Err(Diagnostic::new(Code::NoFile, text::missing(&shown)).help(text::missing_help()).into());
    }
    let source = fs::read(&path, FILE_LEN)?;
    let unreadable =
        |reason: &str| Error::from(Diagnostic::new(Code::Source, text::unreadable(&shown, reason)));
    let source = String::from_utf8(source).map_err(|_| unreadable("UTF-8"))?;
    let texts = yaml::texts(&source)
        .map_err(|fault| unreadable(&format!("{}:{}: {}", fault.line, fault.column, fault.reason)))?;
    Ok(Checked { provider, path, findings: findings(provider, &texts) })
}

/// Whether a text runs a command of ours with this first word.
fn runs(text: &str, verb: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let commands = joined.lines().flat_map(|line| line.split("&&").flat_map(|part| part.split(';')));
    let ours = |command: &str| {
        let words: Vec<_> = command.split_whitespace().collect();
        let after =
            words.iter().position(|word| *word == "vitte-package" || word.ends_with("/vitte-package"));
        let after = after.or_else(|| {
            words.windows(2).position(|pair| pair == ["vitte", "package"]).map(|position| position + 1)
        })?;
        let rest = words.get(after + 1..)?;
        (rest.iter().find(|word| !word.starts_with('-')) == Some(&verb)).then(|| rest.join(" "))
    };
    commands.filter(|command| !command.trim_start().starts_with('#')).filter_map(ours).collect()
}

fn findings(provider: Provider, texts: &[Text]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut find = |rule, message, help, line| found.push(Finding { rule, message, help, line });
    let running = |verb: &str| -> Vec<(&Text, String)> {
        texts
            .iter()
            .flat_map(|text| runs(&text.text, verb).into_iter().map(move |command| (text, command)))
            .collect()
    };
    if running("build").is_empty() {
        find(Rule::Build, text::no_build(), "vitte-package build --check".to_owned(), None);
    }
    let (dry, real): (Vec<_>, Vec<_>) =
        running("publish").into_iter().partition(|(_, command)| command.contains("--dry-run"));
    if dry.is_empty() {
        find(Rule::DryRun, text::no_dry_run(), "vitte-package publish --dry-run --yes".to_owned(), None);
    }
    if real.is_empty() {
        find(Rule::Publish, text::no_publish(), "vitte-package publish --yes".to_owned(), None);
    }
    for (at, _) in &real {
        if !is_tagged(provider, texts, at) {
            let condition = match provider {
                Provider::GitLab => "rules: [{ if: $CI_COMMIT_TAG =~ /^v/ }]",
                _ => "if: startsWith(github.ref, 'refs/tags/v')",
            };
            find(Rule::OnTag, text::not_on_tag(), condition.to_owned(), Some(at.line));
        }
    }
    for name in ["VITTE_TOKEN", "VITTE_SIGNING_KEY"] {
        let given: Vec<_> =
            texts.iter().filter(|text| text.path.last().is_some_and(|key| key == name)).collect();
        for text in
            given.iter().filter(|text| !text.text.trim_start().starts_with('$') && !text.text.is_empty())
        {
            find(Rule::Secrets, text::literal_secret(name), text::secret_help(name), Some(text.line));
        }
        if provider != Provider::GitLab && given.is_empty() && !(dry.is_empty() && real.is_empty()) {
            let help = format!("{name}: ${{{{ secrets.{name} }}}}");
            find(Rule::Secrets, text::no_secret(name), help, None);
        }
    }
    if texts.iter().any(|text| text.text.contains("vtt_")) {
        let line = texts.iter().find(|text| text.text.contains("vtt_")).map(|text| text.line);
        find(Rule::Secrets, text::literal_secret("VITTE_TOKEN"), text::secret_help("VITTE_TOKEN"), line);
    }
    if provider != Provider::GitLab {
        let on = |text: &&Text| text.path.first().is_some_and(|key| key == "on" || key == "true");
        let strange = |text: &&Text| {
            let words = ["pull_request_target", "workflow_run"];
            words.iter().any(|word| text.text == *word || text.path.iter().any(|key| key == word))
        };
        if let Some(text) = texts.iter().filter(on).find(strange) {
            find(Rule::Strangers, text::strangers(), "on: pull_request".to_owned(), Some(text.line));
        }
    }
    if provider == Provider::GitHub
        && !texts.iter().any(|text| text.path.iter().any(|key| key == "permissions"))
    {
        find(Rule::Permissions, text::no_permissions(), "permissions: { contents: read }".to_owned(), None);
    }
    found
}

/// Whether the job that a text is in runs for tags only.
fn is_tagged(provider: Provider, texts: &[Text], at: &Text) -> bool {
    let of_job = |text: &&Text, from: usize| {
        text.path.len() > from && at.path.len() > from && text.path[..=from] == at.path[..=from]
    };
    match provider {
        Provider::GitLab => texts.iter().filter(|text| of_job(text, 0)).any(|text| {
            let key = |name: &str| text.path.iter().any(|key| key == name);
            (key("rules") || key("only"))
                && (text.text.contains("CI_COMMIT_TAG") || text.text.trim() == "tags")
        }),
        _ => {
            let on: Vec<_> =
                texts.iter().filter(|text| text.path.first().is_some_and(|key| key == "on")).collect();
            let only_tags = !on.is_empty()
                && on.iter().all(|text| text.path.get(1).map(String::as_str) == Some("push"))
                && on.iter().all(|text| text.path.get(2).map(String::as_str) == Some("tags"));
            let conditions = texts.iter().filter(|text| of_job(text, 1) || text.path.len() == at.path.len());
            let by_condition =
                conditions.filter(|text| text.path.last().is_some_and(|key| key == "if")).any(|text| {
                    let same_step = text.path.len() == 3
                        || text.path[..text.path.len() - 1] == at.path[..at.path.len() - 1];
                    let tag = ["refs/tags/", "ref_type == 'tag'", "event_name == 'release'"];
                    same_step && tag.iter().any(|tag| text.text.contains(tag))
                });
            only_tags || by_condition
        }
    }
}
