//! The process's surroundings, captured once at start and handed down: nothing below reads the
//! environment, so a test or another tool can give any surroundings it likes.

use crate::error::Error;
use crate::message::{Language, usage};
use crate::report::{Reporter, Work};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::index::Address;

macro_rules! variables {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// Every environment variable that is read, each with its meaning. The list is closed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Variable {
            $($(#[$doc])* $variant,)*
        }

        impl Variable {
            /// Every variable, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in the environment.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

variables! {
    /// Folder of store, keys, cache, shims and, where this is set, the user's configuration. Default: `~/.vitte`, on
    /// Windows `%LOCALAPPDATA%\vitte`.
    VitteHome = "VITTE_HOME";
    /// The registry used when no `--registry` is given: a folder or an address.
    Registry = "VITTE_REGISTRY";
    /// How much is flushed to disk: `off`, `auto` or `full`.
    Fsync = "VITTE_FSYNC";
    /// How old a release has to be before it is chosen, for example `24h`.
    MinimumAge = "VITTE_MIN_AGE";
    /// Packages that need not be so old: names, and `NAMESPACE/*` for all of a namespace, separated by commas.
    MinimumAgeExempt = "VITTE_MIN_AGE_EXEMPT";
    /// A store whose packages are used in place and that is never written, besides the one in `VITTE_HOME`.
    StoreReadOnly = "VITTE_STORE_RO";
    /// How many threads compress, hash and unpack. Default: as many as there are processors.
    Jobs = "VITTE_JOBS";
    /// A signing key for continuous integration, as PKCS#8 PEM text.
    SigningKey = "VITTE_SIGNING_KEY";
    /// The passphrase of a protected signing key.
    SigningKeyPassword = "VITTE_SIGNING_KEY_PASSWORD";
    /// A registry token, for the registry that is named or the only one that is trusted. `VITTE_<REGISTRY>_TOKEN` is for
    /// one registry and comes before it ([`crate::credentials::variable`]).
    Token = "VITTE_TOKEN";
    /// The program that keeps tokens, with its arguments, spoken to as a credential helper of git.
    CredentialHelper = "VITTE_CREDENTIAL_HELPER";
    /// File of other tools with passwords of hosts, in place of `~/.netrc`.
    Netrc = "NETRC";
    /// `accept`: this machine's clock is right, though the last entry of the registry's log is far from it.
    LogTime = "VITTE_LOG_TIME";
    /// How many seconds a registry may be silent.
    HttpTimeout = "VITTE_HTTP_TIMEOUT";
    /// How many requests are under way at once.
    HttpConnections = "VITTE_HTTP_CONNECTIONS";
    /// A shell that asks for completions, by the script of `vitte package completions`.
    Complete = "VITTE_COMPLETE";
    /// File of the certificates that are trusted, as PEM; in place of the system's.
    CaFile = "VITTE_CA_FILE";
    /// As `VITTE_CA_FILE`, as other tools have it.
    SslCertFile = "SSL_CERT_FILE";
    /// Proxy for `http` addresses.
    HttpProxy = "http_proxy";
    /// Proxy for `http` addresses.
    HttpProxyUpper = "HTTP_PROXY";
    /// Proxy for `https` addresses.
    HttpsProxy = "https_proxy";
    /// Proxy for `https` addresses.
    HttpsProxyUpper = "HTTPS_PROXY";
    /// Proxy for addresses whose scheme has none of its own.
    AllProxy = "all_proxy";
    /// Proxy for addresses whose scheme has none of its own.
    AllProxyUpper = "ALL_PROXY";
    /// Hosts and networks that are asked directly.
    NoProxy = "no_proxy";
    /// Hosts and networks that are asked directly.
    NoProxyUpper = "NO_PROXY";
    /// Set by continuous integration services.
    Ci = "CI";
    /// `true` in workflows of GitHub, and of those that run them: errors are shown beside the lines they are about.
    GithubActions = "GITHUB_ACTIONS";
    /// Not empty: no colour.
    NoColor = "NO_COLOR";
    /// Not `0`: colour also where the output is not a terminal.
    CliColorForce = "CLICOLOR_FORCE";
    /// Folder of the user's configuration files.
    XdgConfigHome = "XDG_CONFIG_HOME";
    /// Where programs are looked for.
    Path = "PATH";
    /// Language of messages: `en` or `fr`. Comes before `LC_ALL`, `LC_MESSAGES` and `LANG`.
    Language = "VITTE_LANG";
    /// Language and character set of the terminal: `LC_ALL` comes before the others.
    LcAll = "LC_ALL";
    /// Language of messages.
    LcMessages = "LC_MESSAGES";
    /// Character set of the terminal.
    LcCtype = "LC_CTYPE";
    /// Language and character set of the terminal.
    Lang = "LANG";
}

/// Variables with a secret in them: what a package brings and this program runs, a build command or a program of it,
/// has no business with them.
const SECRETS: [&str; 3] = ["VITTE_SIGNING_KEY", "VITTE_SIGNING_KEY_PASSWORD", "VITTE_TOKEN"];

/// The variables of this process with a secret in them: those, and the tokens of single registries.
pub fn secret_variables() -> Vec<OsString> {
    let of_registry = |name: &OsStr| {
        name.to_str().is_some_and(|name| name.starts_with("VITTE_") && name.ends_with("_TOKEN"))
    };
    let tokens = std::env::vars_os().map(|(name, _)| name).filter(|name| of_registry(name));
    SECRETS.iter().map(OsString::from).chain(tokens).collect()
}

/// Which of the standard streams are terminals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminals {
    /// Somebody can answer a question.
    pub stdin: bool,
    /// The answer is read by eyes, not by a program.
    pub stdout: bool,
    /// Progress and notes are read by eyes.
    pub stderr: bool,
}

/// The surroundings of one run.
#[derive(Clone)]
pub struct Env {
    variables: BTreeMap<OsString, OsString>,
    cwd: PathBuf,
    program: Option<PathBuf>,
    home: Option<PathBuf>,
    terminals: Terminals,
    notices: Notices,
    /// The token that the command line gives, and the registry it is for.
    token: Option<(Address, Token)>,
    /// The registry that the command line names.
    named_registry: Option<String>,
}

/// Tells the user why nothing seems to happen, while an operation waits. Drops everything unless there is somebody to
/// tell ([`Env::with_notices`]).
#[derive(Clone, Default)]
pub struct Notices(Option<Arc<Tell>>);

type Tell = dyn Fn(&str) + Send + Sync;

impl Notices {
    /// Tells.
    pub fn tell(&self, text: &str) {
        if let Some(tell) = &self.0 {
            tell(text);
        }
    }
}

impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Notices")
    }
}

/// Names of variables without their values: tokens, keys and passphrases are among them.
impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env")
            .field("variables", &self.variables.keys())
            .field("cwd", &self.cwd)
            .field("home", &self.home)
            .field("terminals", &self.terminals)
            .finish()
    }
}

impl Env {
    /// Captures the surroundings of this process.
    ///
    /// # Errors
    /// `io` when the current folder no longer exists or may not be read.
    pub fn capture() -> Result<Self, Error> {
        let cwd = std::env::current_dir().map_err(|error| {
            Diagnostic::new(Code::Io, usage::no_current_folder(&crate::error::reason(&error)))
        })?;
        let terminals = Terminals {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
        };
        Ok(Self {
            variables: std::env::vars_os().collect(),
            cwd,
            program: std::env::current_exe().ok(),
            home: std::env::home_dir(),
            terminals,
            notices: Notices::default(),
            token: None,
            named_registry: None,
        })
    }

    /// Surroundings made by hand, for tests and other tools: no variable, no terminal, nothing inherited.
    pub fn new(cwd: impl Into<PathBuf>, vitte_home: impl Into<PathBuf>) -> Self {
        let variables = BTreeMap::from([(Variable::VitteHome.name().into(), vitte_home.into().into())]);
        Self {
            variables,
            cwd: cwd.into(),
            program: None,
            home: None,
            terminals: Terminals::default(),
            notices: Notices::default(),
            token: None,
            named_registry: None,
        }
    }

    /// The same surroundings, with a receiver of notices about why an operation waits.
    #[must_use]
    pub fn with_notices(mut self, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.notices = Notices(Some(Arc::new(tell)));
        self
    }

    /// Receives notices about why an operation waits.
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// The same surroundings with one variable set.
    #[must_use]
    pub fn with(mut self, variable: Variable, value: impl Into<OsString>) -> Self {
        self.variables.insert(variable.name().into(), value.into());
        self
    }

    /// The same surroundings with a variable outside of the list set: the token of one registry.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same surroundings, with a token that the command line gives for a registry.
    #[must_use]
    pub fn with_token(mut self, registry: Address, token: Token) -> Self {
        self.token = Some((registry, token));
        self
    }

    /// The token that the command line gives for a registry.
    pub fn given_token(&self, registry: &Address) -> Option<&Token> {
        self.token.as_ref().filter(|(given, _)| given == registry).map(|(_, token)| token)
    }

    /// The same surroundings, with the registry that the command line names, as it is written there.
    #[must_use]
    pub fn with_named_registry(mut self, given: &str) -> Self {
        self.named_registry = Some(given.to_owned());
        self
    }

    /// The registry that the command line names.
    pub fn named_registry(&self) -> Option<&str> {
        self.named_registry.as_deref()
    }

    /// The home folder of the user, where the system says.
    pub fn user_home(&self) -> Option<&Path> {
        self.home.as_deref().filter(|home| !home.as_os_str().is_empty())
    }

    /// The token that the variable of one registry holds; an empty one counts as not set.
    ///
    /// # Errors
    /// `config` when the value is not UTF-8.
    pub(crate) fn token_variable(&self, name: &str) -> Result<Option<&str>, Error> {
        let Some(value) = self.raw_named(name) else { return Ok(None) };
        let malformed = || Diagnostic::new(Code::Config, usage::variable_encoding(name)).into();
        value.to_str().map(Some).ok_or_else(malformed)
    }

    /// A variable's raw value; an empty one counts as not set.
    pub fn raw(&self, variable: Variable) -> Option<&OsStr> {
        self.raw_named(variable.name())
    }

    fn raw_named(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// A variable's value; an empty one counts as not set.
    ///
    /// # Errors
    /// `config` when the value is not UTF-8.
    pub fn variable(&self, variable: Variable) -> Result<Option<&str>, Error> {
        let Some(value) = self.raw(variable) else { return Ok(None) };
        match value.to_str() {
            Some(text) => Ok(Some(text)),
            None => Err(Diagnostic::new(Code::Config, usage::variable_encoding(variable.name())).into()),
        }
    }

    /// The folder the command was started in.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// The file of the running program, where the system tells.
    pub fn program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    /// A path given by the user, made absolute from the current folder.
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = self.cwd.join(path);
        // One kind of slash, and no `..`: there, a path means the same with and without it.
        if cfg!(windows) { std::path::absolute(&path).unwrap_or(path) } else { path }
    }

    /// A path as the user would write it: relative to the current folder when it lies below.
    pub fn shorten<'a>(&self, path: &'a Path) -> &'a Path {
        match path.strip_prefix(&self.cwd) {
            Ok(inner) if !inner.as_os_str().is_empty() => inner,
            _ => path,
        }
    }

    /// The folder of store, keys, cache and shims; it may not exist yet.
    ///
    /// # Errors
    /// `config` when there is neither `VITTE_HOME` nor a home folder.
    pub fn vitte_home(&self) -> Result<PathBuf, Error> {
        if let Some(value) = self.raw(Variable::VitteHome) {
            return Ok(self.resolve(value));
        }
        if cfg!(windows)
            && let Some(local) = self.raw_named("LOCALAPPDATA")
        {
            return Ok(PathBuf::from(local).join("vitte"));
        }
        match &self.home {
            Some(home) if !home.as_os_str().is_empty() => Ok(home.join(".vitte")),
            _ => Err(Diagnostic::new(Code::Config, usage::no_home()).help(usage::no_home_help()).into()),
        }
    }

    /// The folder of the user's configuration: `$VITTE_HOME` where that is set, so that it holds everything; else
    /// `$XDG_CONFIG_HOME/vitte` or `~/.config/vitte`.
    pub fn config_folder(&self) -> Option<PathBuf> {
        if let Some(home) = self.raw(Variable::VitteHome) {
            return Some(self.resolve(home));
        }
        match self.raw(Variable::XdgConfigHome) {
            // The XDG base directory specification has relative values ignored.
            Some(folder) if Path::new(folder).is_absolute() => Some(PathBuf::from(folder).join("vitte")),
            _ => self.home.as_ref().map(|home| home.join(".config").join("vitte")),
        }
    }

    /// The folders programs are looked for in, in order.
    pub fn path_folders(&self) -> Vec<PathBuf> {
        self.raw(Variable::Path).map(|path| std::env::split_paths(path).collect()).unwrap_or_default()
    }

    /// Whether a continuous integration service runs us.
    pub fn is_ci(&self) -> bool {
        self.raw(Variable::Ci).is_some_and(|value| value != "false" && value != "0")
    }

    /// Which streams are terminals.
    pub fn terminals(&self) -> Terminals {
        self.terminals
    }

    /// Whether the locale says that the terminal can show UTF-8.
    pub fn is_utf8(&self) -> bool {
        let locale =
            [Variable::LcAll, Variable::LcCtype, Variable::Lang].into_iter().find_map(|v| self.raw(v));
        let text = locale.map(|value| value.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        cfg!(windows) || text.contains("utf-8") || text.contains("utf8")
    }

    /// The language of messages: that of the first of `VITTE_LANG`, `LC_ALL`, `LC_MESSAGES` and `LANG` which is set;
    /// English where there are no messages in it.
    pub fn language(&self) -> Language {
        let variables = [Variable::Language, Variable::LcAll, Variable::LcMessages, Variable::Lang];
        let first = variables.into_iter().find_map(|variable| self.raw(variable));
        first.and_then(OsStr::to_str).and_then(Language::parse).unwrap_or_default()
    }

    /// Work on as many threads as may be, reported to `reporter`.
    ///
    /// # Errors
    /// As [`Self::jobs`].
    pub fn work<'r>(&self, reporter: &'r dyn Reporter) -> Result<Work<'r>, Error> {
        Ok(Work { jobs: self.jobs()?, reporter })
    }

    /// How many threads may work at once, at least 1.
    ///
    /// # Errors
    /// `config` when `VITTE_JOBS` is not a number between 1 and 256.
    pub fn jobs(&self) -> Result<usize, Error> {
        let Some(text) = self.variable(Variable::Jobs)? else {
            return Ok(std::thread::available_parallelism().map_or(1, usize::from));
        };
        match text.parse::<usize>() {
            Ok(jobs @ 1..=256) => Ok(jobs),
            _ => Err(Diagnostic::new(
                Code::Config,
                usage::config_value(Variable::Jobs.name(), text, "1 to 256"),
            )
            .into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_variables_count_as_not_set() {
        let env = Env::new("/work", "/home").with(Variable::Registry, "");
        assert_eq!(env.variable(Variable::Registry).unwrap(), None);
    }

    #[test]
    fn the_home_follows_the_variable_and_is_absolute() {
        assert_eq!(Env::new("/here", "x").vitte_home().unwrap(), Path::new("/here/x"));
        let mut env = Env::new("/here", "");
        assert_eq!(env.vitte_home().unwrap_err().code(), Code::Config);
        env.home = Some("/home/me".into());
        assert!(cfg!(windows) || env.vitte_home().unwrap() == Path::new("/home/me/.vitte"));
    }

    #[test]
    fn the_first_variable_that_is_set_names_the_language() {
        use Variable::{Lang, Language as Own, LcAll, LcMessages};
        for (variables, expected) in [
            (&[][..], Language::English),
            (&[(Lang, "fr_FR.UTF-8")], Language::French),
            (&[(Lang, "fr_FR.UTF-8"), (LcMessages, "en_US.UTF-8")], Language::English),
            (&[(LcMessages, "fr_CA"), (LcAll, "C.UTF-8")], Language::English),
            (&[(LcAll, "POSIX"), (Own, "fr")], Language::French),
            (&[(LcAll, "fr_FR"), (Own, "de")], Language::English),
            (&[(LcAll, "fr_FR"), (Own, "")], Language::French),
        ] {
            let env = variables.iter().fold(Env::new("/", "/"), |env, (name, value)| env.with(*name, *value));
            assert_eq!(env.language(), expected, "{variables:?}");
        }
    }

    #[test]
    fn jobs_are_checked() {
        let env = |text: &str| Env::new("/", "/").with(Variable::Jobs, text);
        assert_eq!(env("3").jobs().unwrap(), 3);
        for wrong in ["0", "-1", "257", "many"] {
            assert_eq!(env(wrong).jobs().unwrap_err().code(), Code::Config, "{wrong}");
        }
    }
}
