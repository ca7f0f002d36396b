//! Users.

use super::Accounts;
use crate::database::{Statement, values};
use crate::error::{Error, Result};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

impl Accounts {
    /// Adds a user.
    pub(crate) async fn add_user(&self, name: &str, now: u64) -> Result<()> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
            return Err(Error::new(Code::Usage, text::user_name()));
        }
        let sql = "INSERT INTO users (name, created) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let add = Statement::new(sql, values![name, now]).must_change(1);
        match self.database.write(vec![add]).await? {
            None => Err(Error::new(Code::RegistryExists, text::user_exists(name))),
            Some(_) => Ok(()),
        }
    }

    /// The user a token is for: the one that is named, or the only one.
    pub(super) async fn user(&self, given: Option<&str>) -> Result<String> {
        let Some(given) = given else {
            let names = self.database.query("SELECT name FROM users LIMIT 2", values![]).await?;
            let [only] = names.as_slice() else { return Err(Error::new(Code::Usage, text::users_several())) };
            return only.text(0);
        };
        match self.database.one("SELECT name FROM users WHERE name = $1", values![given]).await? {
            Some(row) => row.text(0),
            None => Err(Error::new(Code::NotFound, text::user_missing(given))),
        }
    }
}
