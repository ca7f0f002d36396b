//! `user`: who may have tokens, and what they sign in with.

use super::DataArg;
use crate::accounts::Password;
use crate::error::{Error, Result};
use crate::ledger::unix_now;
use crate::message as words;
use crate::output;
use crate::rights::Role;
use clap::Subcommand;
use std::io::{IsTerminal as _, Read as _};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// Bytes of a password that are read at most; there are none so long.
const PASSWORD_LEN: u64 = 16 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Add a user
    Add {
        /// The user's name
        name: String,
        /// What the user is: guest, member or admin
        #[arg(long, value_name = "ROLE", default_value = "member")]
        role: String,
        /// Ask for a password to sign in with; without a terminal it is the first line of standard input
        #[arg(long)]
        password: bool,
        #[command(flatten)]
        data: DataArg,
    },
    /// List users
    List {
        #[command(flatten)]
        data: DataArg,
    },
    /// Keep a user out: sessions end, and tokens are not valid any more
    Disable {
        /// The user's name
        name: String,
        #[command(flatten)]
        data: DataArg,
    },
    /// Let a user in again
    Enable {
        /// The user's name
        name: String,
        #[command(flatten)]
        data: DataArg,
    },
    /// Give a user another password; without a terminal it is the first line of standard input
    Passwd {
        /// The user's name
        name: String,
        #[command(flatten)]
        data: DataArg,
    },
    /// Make a user a guest, a member or an admin
    Role {
        /// The user's name
        name: String,
        /// guest, member or admin
        role: String,
        #[command(flatten)]
        data: DataArg,
    },
}

impl User {
    pub(super) fn run(self) -> Result<()> {
        match self {
            Self::Add { name, role, password, data } => {
                let role = read_role(&role)?;
                let password = if password { Some(read_password()?) } else { None };
                data.accounts(async |accounts| {
                    accounts.add_user(&name, role, password.as_ref(), unix_now()).await
                })?;
                output::line(&words::user_added(&name));
            }
            Self::List { data } => list(&data)?,
            Self::Disable { name, data } => {
                data.accounts(async |accounts| accounts.disable_user(&name, unix_now()).await)?;
                output::line(&words::user_disabled(&name));
            }
            Self::Enable { name, data } => {
                data.accounts(async |accounts| accounts.enable_user(&name).await)?;
                output::line(&words::user_enabled(&name));
            }
            Self::Passwd { name, data } => {
                let password = read_password()?;
                data.accounts(async |accounts| accounts.set_password(&name, &password).await)?;
                output::line(&words::user_password_set(&name));
            }
            Self::Role { name, role, data } => {
                let role = read_role(&role)?;
                data.accounts(async |accounts| accounts.set_role(&name, role).await)?;
                output::line(&words::user_role_set(&name, role.as_str()));
            }
        }
        Ok(())
    }
}

fn list(data: &DataArg) -> Result<()> {
    for user in data.accounts(async |accounts| accounts.users().await)? {
        let mut line = format!("{}  {}", user.name, user.role.as_str());
        if user.has_password {
            line = format!("{line}  {}", words::user_has_password());
        }
        if user.is_disabled {
            line = format!("{line}  {}", words::user_is_disabled());
        }
        output::line(&line);
    }
    Ok(())
}

fn read_role(given: &str) -> Result<Role> {
    Role::parse(given).ok_or_else(|| Error::new(Code::Usage, text::role_unknown(given)))
}

/// A password, typed twice and unseen; without a terminal, the first line of standard input. Never an argument: other
/// users of the machine see those.
fn read_password() -> Result<Password> {
    let failed = |error: std::io::Error| Error::storage("the terminal", &error);
    if std::io::stdin().is_terminal() {
        let ask = |words: String| rpassword::prompt_password(format!("{words} ")).map_err(failed);
        let (first, second) = (ask(words::password_ask())?, ask(words::password_again())?);
        if first != second {
            return Err(Error::new(Code::Usage, words::password_differs()));
        }
        return Ok(Password::new(first));
    }
    let mut given = String::new();
    std::io::stdin().take(PASSWORD_LEN).read_to_string(&mut given).map_err(failed)?;
    let line = given.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(Error::new(Code::Usage, text::password_missing()));
    }
    Ok(Password::new(line.to_owned()))
}
