use super::completions;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use std::borrow::Cow;
use std::path::PathBuf;
use vitte_package::env::{Env, Variable};
use vitte_package::error::Error;
use vitte_package::keys::{
    Change, FromEnvironment, KeyName, KeyStore, Passphrase, PassphraseSource, Protection, StoredKey,
};
use vitte_package::message::credentials as words;
use vitte_package::ops::key::{self, Protect};
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::sign::{KeyId, PublicKey, Scope};
use zeroize::Zeroizing;

/// Make and keep signing keys; say whose keys are trusted
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package key generate --name laptop\n  vitte package key list")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a new Ed25519 key
    #[command(
        before_help = "Examples:\n  vitte package key generate\n  vitte package key generate --name laptop --passphrase"
    )]
    Generate {
        /// The key's name
        #[arg(long, value_name = "NAME", default_value = "default")]
        name: String,
        /// Encrypt it with a passphrase: asked for, or from VITTE_SIGNING_KEY_PASSWORD
        #[arg(long)]
        passphrase: bool,
    },
    /// List own keys and trusted keys
    #[command(before_help = "Examples:\n  vitte package key list\n  vitte package key list --json")]
    List,
    /// Show a key's id and public half
    #[command(before_help = "Examples:\n  vitte package key show\n  vitte package key show laptop")]
    Show {
        /// The key's name; not needed when there is only one
        #[arg(add = ArgValueCompleter::new(completions::keys))]
        name: Option<String>,
    },
    /// Write a key's public half, or with `--secret` the key itself, as PEM
    #[command(
        before_help = "Examples:\n  vitte package key export default > default.pub\n  vitte package key export default --secret --out backup.pem"
    )]
    Export {
        /// The key's name
        #[arg(add = ArgValueCompleter::new(completions::keys))]
        name: String,
        /// Where to; without it, stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// The secret half, as it is kept; never to stdout
        #[arg(long, requires = "out")]
        secret: bool,
    },
    /// Add a key from a PEM file (PKCS#8, Ed25519)
    #[command(
        before_help = "Examples:\n  vitte package key import backup.pem --name restored\n  openssl genpkey -algorithm ed25519 -out new.pem && vitte package key import new.pem --name new"
    )]
    Import {
        /// The file; only its owner may be able to read it
        file: PathBuf,
        /// The key's name
        #[arg(long, value_name = "NAME", default_value = "default")]
        name: String,
        /// Encrypt it with a passphrase: asked for, or from VITTE_SIGNING_KEY_PASSWORD
        #[arg(long)]
        passphrase: bool,
    },
    /// Remove a key of your own
    #[command(
        before_help = "Examples:\n  vitte package key remove laptop\n  vitte package key remove laptop --yes"
    )]
    Remove {
        /// The key's name
        #[arg(add = ArgValueCompleter::new(completions::keys))]
        name: String,
    },
    /// Give a key another name
    #[command(before_help = "Examples:\n  vitte package key rename default laptop")]
    Rename {
        /// The key's name
        #[arg(add = ArgValueCompleter::new(completions::keys))]
        name: String,
        /// Its new name
        #[arg(value_name = "NEW_NAME")]
        to: String,
    },
    /// Set, change or remove the passphrase of a key
    ///
    /// A new passphrase is asked for; for a key without one it may also come from VITTE_SIGNING_KEY_PASSWORD.
    #[command(
        before_help = "Examples:\n  vitte package key passphrase laptop\n  vitte package key passphrase laptop --remove"
    )]
    Passphrase {
        /// The key's name
        #[arg(add = ArgValueCompleter::new(completions::keys))]
        name: String,
        /// Keep it without a passphrase
        #[arg(long)]
        remove: bool,
    },
    /// Trust the key of another for some packages
    #[command(
        before_help = "Examples:\n  vitte package key trust default.pub --for demo/hello\n  vitte package key trust default.pub --for 'demo/*'"
    )]
    Trust {
        /// The public key, as PEM
        file: PathBuf,
        /// The packages: `namespace/name`, `namespace/*` or `*`; may be given several times
        #[arg(long = "for", value_name = "SCOPE", required = true)]
        scopes: Vec<String>,
    },
    /// Trust a key no longer
    #[command(
        before_help = "Examples:\n  vitte package key untrust default.pub --for demo/hello\n  vitte package key untrust default.pub"
    )]
    Untrust {
        /// The public key as PEM, its key id, or its short form
        key: String,
        /// Only for these packages
        #[arg(long = "for", value_name = "SCOPE")]
        scope: Option<String>,
    },
}

/// A key of one's own: the answer of `key generate`, `key import` and `key show`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OwnKey<'a> {
    /// Its name.
    name: &'a str,
    /// Its id.
    key_id: KeyId,
    /// Its id in the short form that is shown to people.
    short: String,
    /// Its public half, as PEM.
    public: String,
    /// The file it is kept in.
    file: Cow<'a, str>,
    /// How it is kept: `plain` or `passphrase`.
    protection: &'static str,
}

/// The answer of `key list`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Keys<'a> {
    /// One's own keys.
    own: Vec<OwnKey<'a>>,
    /// Keys of others that are trusted.
    trusted: Vec<TrustedRow>,
}

/// A key of another that is trusted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TrustedRow {
    /// Its id.
    key_id: KeyId,
    /// Its id in the short form that is shown to people.
    short: String,
    /// The packages it is trusted for.
    #[serde(rename = "for")]
    scopes: Vec<String>,
}

/// The answer of `key export`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum Exported<'a> {
    /// The public half was written.
    Public {
        /// The key's name.
        name: &'a str,
        /// Where it was written; none for stdout.
        out: Option<String>,
        /// The key's id.
        key_id: KeyId,
        /// The public half, as PEM.
        public: String,
    },
    /// The key itself was written.
    Secret {
        /// The key's name.
        name: &'a str,
        /// Where it was written.
        out: Option<String>,
        /// How it is kept there: `plain` or `passphrase`.
        protection: &'static str,
    },
}

/// The answer of `key trust`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Trusted {
    /// The key's id.
    key_id: KeyId,
    /// Its id in the short form that is shown to people.
    short: String,
    /// The packages it is trusted for by this.
    #[serde(rename = "for")]
    scopes: Vec<String>,
    /// Whether it was not trusted for them before.
    changed: bool,
}

/// The answer of `key untrust`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Untrusted {
    /// The key's id.
    key_id: KeyId,
    /// Its id in the short form that is shown to people.
    short: String,
    /// The packages it is trusted for no more; none for all.
    #[serde(rename = "for")]
    scope: Option<String>,
}

impl<'a> From<&'a StoredKey> for OwnKey<'a> {
    fn from(key: &'a StoredKey) -> Self {
        let id = key.public.id();
        Self {
            name: key.name.as_str(),
            key_id: id,
            short: id.short(),
            public: PublicKey::to_pem(&key.public),
            file: key.path.to_string_lossy(),
            protection: key.protection.as_str(),
        }
    }
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Generate { name, passphrase } => {
            let name = KeyName::parse(&name)?;
            let chosen = choose(passphrase, &name, env, ui)?;
            let key = key::generate(env, &name, &protect(chosen.as_ref()))?;
            let path = env.shorten(&key.path).display().to_string();
            ui.done(words::key_created(name.as_str(), &key.public.id().short(), &path));
            ui.say(words::key_back_up(&path));
            if key.protection == Protection::Plain {
                ui.say(words::key_unencrypted(name.as_str()));
            }
            ui.say(words::key_hand_out(name.as_str()));
            ui.answer(&OwnKey::from(&key));
        }
        Action::Import { file, name, passphrase } => {
            let name = KeyName::parse(&name)?;
            let chosen = choose(passphrase, &name, env, ui)?;
            let key = key::import(env, &file, &name, &mut Asking { env, ui }, &protect(chosen.as_ref()))?;
            let path = env.shorten(&key.path).display().to_string();
            ui.done(words::key_imported(name.as_str(), &key.public.id().short(), &path));
            ui.answer(&OwnKey::from(&key));
        }
        Action::List => list(env, ui)?,
        Action::Remove { name } => {
            let (store, name) = (KeyStore::open(env)?, KeyName::parse(&name)?);
            let key = store.find(&name)?;
            let question = words::key_remove_question(name.as_str(), &key.public.id().short());
            if !ui.confirm(&question, "--yes")? {
                ui.say(words::key_kept(name.as_str()));
                return Ok(Exit::Failed);
            }
            let key = store.remove(&name)?;
            ui.done(words::key_removed(name.as_str(), &key.public.id().short()));
            ui.answer(&OwnKey::from(&key));
        }
        Action::Rename { name, to } => {
            let (name, to) = (KeyName::parse(&name)?, KeyName::parse(&to)?);
            let key = KeyStore::open(env)?.rename(&name, &to)?;
            ui.done(words::key_renamed(name.as_str(), to.as_str(), &key.public.id().short()));
            ui.answer(&OwnKey::from(&key));
        }
        Action::Passphrase { name, remove } => passphrase(&name, remove, env, ui)?,
        Action::Show { name } => {
            let store = KeyStore::open(env)?;
            let key = match name {
                Some(name) => store.find(&KeyName::parse(&name)?)?,
                None => store.only()?,
            };
            for line in [
                words::key_shown(key.name.as_str(), &key.public.id().short()),
                words::key_shown_id(&key.public.id().to_string()),
                words::key_shown_file(&env.shorten(&key.path).display().to_string(), key.protection.as_str()),
            ] {
                ui.line(line);
            }
            ui.line(key.public.to_pem().trim_end());
            ui.answer(&OwnKey::from(&key));
        }
        Action::Export { name, out, secret } => export(&name, out, secret, env, ui)?,
        Action::Trust { file, scopes } => {
            let public = key::read_public(env, &file)?;
            let scopes = scopes.iter().map(|scope| Scope::parse(scope)).collect::<Result<Vec<_>, _>>()?;
            let change = key::trust(env, &public, &scopes)?;
            let shown: Vec<String> = scopes.iter().map(Scope::to_string).collect();
            let short = public.id().short();
            ui.done(match change {
                Change::Made => words::key_trusted(&short, &shown.join(", ")),
                Change::None => words::key_trusted_already(&short, &shown.join(", ")),
            });
            ui.answer(&Trusted {
                key_id: public.id(),
                short,
                scopes: shown,
                changed: change == Change::Made,
            });
        }
        Action::Untrust { key, scope } => {
            let id = key::find_trusted(env, &key)?;
            let scope = scope.as_deref().map(Scope::parse).transpose()?;
            key::untrust(env, id, scope.as_ref())?;
            ui.done(words::key_untrusted(&id.short()));
            let scope = scope.map(|scope| scope.to_string());
            ui.answer(&Untrusted { key_id: id, short: id.short(), scope });
        }
    }
    Ok(Exit::Ok)
}

fn passphrase(name: &str, remove: bool, env: &Env, ui: &mut Ui) -> Result<(), Error> {
    let (store, name) = (KeyStore::open(env)?, KeyName::parse(name)?);
    let key = store.find(&name)?;
    let secret = store.secret(&key, &mut Asking { env, ui })?;
    let chosen = match (remove, key.protection) {
        (true, _) => None,
        (false, Protection::Plain) => Some(Asking { env, ui }.chosen(name.as_str())?),
        // The variable holds the passphrase it has.
        (false, Protection::Passphrase) => Some(Asking { env, ui }.asked_twice(name.as_str())?),
    };
    let key = store.protect(&key, &secret, chosen.as_ref())?;
    ui.done(match key.protection {
        Protection::Plain => words::passphrase_removed(name.as_str()),
        Protection::Passphrase => words::passphrase_set(name.as_str()),
    });
    ui.answer(&OwnKey::from(&key));
    Ok(())
}

fn choose(wanted: bool, name: &KeyName, env: &Env, ui: &mut Ui) -> Result<Option<Passphrase>, Error> {
    if wanted { Asking { env, ui }.chosen(name.as_str()).map(Some) } else { Ok(None) }
}

fn protect(chosen: Option<&Passphrase>) -> Protect<'_> {
    chosen.map_or(Protect::No, Protect::With)
}

fn list(env: &Env, ui: &mut Ui) -> Result<(), Error> {
    let store = KeyStore::open(env)?;
    let (own, trusted) = (store.list()?, store.trusted()?);
    for key in &own {
        ui.line(format!(
            "{:<16} {}  {}",
            key.name.as_str(),
            key.public.id().short(),
            key.protection.as_str()
        ));
    }
    let mut others = Vec::new();
    for (key, scopes) in trusted.iter() {
        let scopes: Vec<String> = scopes.iter().map(Scope::to_string).collect();
        ui.line(format!("{:<16} {}  {}", words::key_list_trusted(), key.id().short(), scopes.join(" ")));
        others.push(TrustedRow { key_id: key.id(), short: key.id().short(), scopes });
    }
    if own.is_empty() {
        ui.say(words::key_list_empty());
    }
    ui.answer(&Keys { own: own.iter().map(OwnKey::from).collect(), trusted: others });
    Ok(())
}

fn export(name: &str, out: Option<PathBuf>, secret: bool, env: &Env, ui: &mut Ui) -> Result<(), Error> {
    let name = KeyName::parse(name)?;
    let shown = out.as_ref().map(|out| out.display().to_string());
    let public = match (secret, &out) {
        (true, Some(out)) => {
            let protection = key::export_secret(env, &name, out)?;
            ui.done(words::key_exported_secret(name.as_str(), &out.display().to_string()));
            ui.answer(&Exported::Secret { name: name.as_str(), out: shown, protection: protection.as_str() });
            return Ok(());
        }
        (_, Some(out)) => {
            let public = key::export_public(env, &name)?;
            vitte_package::fs::write_atomic(
                &env.resolve(out),
                public.to_pem().as_bytes(),
                vitte_package::fs::Access::Shared,
            )?;
            ui.done(words::key_exported(name.as_str(), &out.display().to_string()));
            public
        }
        (_, None) => {
            let public = key::export_public(env, &name)?;
            ui.line(public.to_pem().trim_end());
            public
        }
    };
    let (name, key_id) = (name.as_str(), public.id());
    ui.answer(&Exported::Public { name, out: shown, key_id, public: public.to_pem() });
    Ok(())
}

/// Passphrases from the environment, else from the terminal.
pub(crate) struct Asking<'a> {
    pub(crate) env: &'a Env,
    pub(crate) ui: &'a mut Ui,
}

impl Asking<'_> {
    fn ask(&mut self, question: &str) -> Result<Zeroizing<String>, Error> {
        self.ui.ask_secret(question, Variable::SigningKeyPassword.name()).map(Zeroizing::new)
    }
}

impl PassphraseSource for Asking<'_> {
    fn existing(&mut self, key: &str) -> Result<Passphrase, Error> {
        match FromEnvironment(self.env).get()? {
            Some(passphrase) => Ok(passphrase),
            None if !self.ui.can_ask() => FromEnvironment(self.env).existing(key),
            None => Passphrase::new(self.ask(&words::passphrase_ask(key))?),
        }
    }

    fn can_retry(&mut self) -> bool {
        let is_typed =
            self.ui.can_ask() && FromEnvironment(self.env).get().is_ok_and(|given| given.is_none());
        if is_typed {
            self.ui.say(words::passphrase_retry());
        }
        is_typed
    }

    fn chosen(&mut self, key: &str) -> Result<Passphrase, Error> {
        match FromEnvironment(self.env).get()? {
            Some(passphrase) => return Ok(passphrase),
            None if !self.ui.can_ask() => return FromEnvironment(self.env).existing(key),
            None => {}
        }
        self.asked_twice(key)
    }
}

impl Asking<'_> {
    /// A new passphrase from the terminal.
    fn asked_twice(&mut self, key: &str) -> Result<Passphrase, Error> {
        let first = self.ask(&words::passphrase_choose(key))?;
        if *first != *self.ask(&words::passphrase_again())? {
            return Err(Diagnostic::new(Code::Passphrase, words::passphrase_differs()).into());
        }
        Passphrase::new(first)
    }
}
