//! Asking for passphrases.

use crate::ui::Ui;
use vitte_package::env::{Env, Variable};
use vitte_package::error::Error;
use vitte_package::keys::{FromEnvironment, Passphrase, PassphraseSource};
use vitte_package::message::signing as words;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use zeroize::Zeroizing;

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
    pub(crate) fn asked_twice(&mut self, key: &str) -> Result<Passphrase, Error> {
        let first = self.ask(&words::passphrase_choose(key))?;
        if *first != *self.ask(&words::passphrase_again())? {
            return Err(Diagnostic::new(Code::Passphrase, words::passphrase_differs()).into());
        }
        Passphrase::new(first)
    }
}
