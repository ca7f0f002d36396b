//! The flags every command takes.

/// Flags every command takes.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Global {
    /// Print one JSON object on stdout
    #[arg(long, global = true, hide_short_help = true, help_heading = "Output")]
    pub(crate) json: bool,
    /// Show progress; `json` writes one event a line on stderr
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN",
        help_heading = "Output"
    )]
    pub(crate) progress: ProgressChoice,
    /// Say nothing but errors
    #[arg(
        long,
        short,
        global = true,
        hide_short_help = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    pub(crate) quiet: bool,
    /// Say what was decided and why
    #[arg(long, short, global = true, hide_short_help = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
    /// Colour the output
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN",
        help_heading = "Output"
    )]
    pub(crate) color: ColorChoice,
    /// Language of messages: `en` or `fr`
    #[arg(long, global = true, hide_short_help = true, value_name = "LANG", help_heading = "Output")]
    pub(crate) lang: Option<String>,
    /// Answer every question with yes
    #[arg(long, short, global = true, hide_short_help = true, help_heading = "Questions")]
    pub(crate) yes: bool,
    /// Never ask: a question that needs an answer is an error
    #[arg(long, global = true, hide_short_help = true, help_heading = "Questions")]
    pub(crate) no_input: bool,
}

/// When progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ProgressChoice {
    /// On a terminal, and a line every 30 s in CI
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
    /// One JSON event a line, and nothing else on stderr
    Json,
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorChoice {
    pub(crate) fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}
