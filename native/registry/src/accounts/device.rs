//! Clients that are signed in from a browser (RFC 8628). The token is made when the client fetches it: until then there
//! is nothing to steal.

use super::users::{address_bucket, role};
use super::{Accounts, NewToken, digest, random, secret};
use crate::database::{Row, Statement, values};
use crate::error::{Error, Result};
use crate::networks::Networks;
use crate::rights::{Patterns, Role, Scope};
use std::net::IpAddr;
use vitte_package_core::api::Token;
use vitte_package_core::api::device::{DeviceRefusal, INTERVAL};
use vitte_package_core::api::tokens::{TokenInfo, TokenKind};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// How long a sign-in may take, in seconds; for how long it is still known to have expired.
pub(crate) const CODE_LIFE: u64 = 10 * 60;
const REMEMBERED: u64 = 60 * 60;
/// Sign-ins under way at most.
const PENDING: i64 = 10_000;
/// Letters of a user code: no vowels, so that it is no word, and none that is taken for another.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const CODE_LEN: usize = 8;

/// What a client asks for.
#[derive(Clone, Debug)]
pub(crate) struct DeviceGrant {
    /// What it calls itself.
    pub(crate) name: String,
    /// Where it asked from.
    pub(crate) address: String,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) packages: Patterns,
    pub(crate) days: u64,
}

/// What a user decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Approve,
    Deny,
}

impl Accounts {
    /// Begins a sign-in: the client's code and the user's.
    pub(crate) async fn begin_device(
        &self,
        grant: &DeviceGrant,
        from: IpAddr,
        pause: u64,
        now: u64,
    ) -> Result<(String, String)> {
        self.try_once(&[format!("device {}", address_bucket(from))], now).await?;
        let forget = Statement::new(
            "DELETE FROM device_codes WHERE expires <= $1",
            values![now.saturating_sub(REMEMBERED)],
        );
        self.database.write(vec![forget]).await?;
        let sql = "SELECT count(*) FROM device_codes WHERE expires > $1";
        let pending = self.database.one(sql, values![now]).await?.map_or(Ok(0), |row| row.integer(0))?;
        if pending >= PENDING {
            return Err(Error::new(Code::Busy, text::device_busy()));
        }
        let sql = "INSERT INTO device_codes \
                   (digest, user_code, name, address, scopes, packages, days, state, pause, asked, expires) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, 0, $9) ON CONFLICT DO NOTHING";
        // Two of so many codes are hardly ever the same.
        for _ in 0..3 {
            let ((device_code, kept), user_code) = (secret()?, user_code()?);
            let row = values![
                kept,
                digest(&user_code),
                &grant.name,
                &grant.address,
                Scope::written(&grant.scopes),
                grant.packages.to_string(),
                grant.days,
                pause,
                now + CODE_LIFE
            ];
            if self.database.write(vec![Statement::new(sql, row).must_change(1)]).await?.is_some() {
                let (front, back) = user_code.split_at(CODE_LEN / 2);
                return Ok((device_code, format!("{front}-{back}")));
            }
        }
        Err(Error::new(Code::Busy, text::device_busy()))
    }

    /// What the client asks for whose code a user has typed; none when there is none that waits. Guessing is limited.
    pub(crate) async fn device(&self, typed: &str, user: &str, now: u64) -> Result<Option<DeviceGrant>> {
        let bucket = format!("code {user}");
        self.try_once(std::slice::from_ref(&bucket), now).await?;
        let sql = "SELECT name, address, scopes, packages, days FROM device_codes \
                   WHERE user_code = $1 AND state = 'pending' AND expires > $2";
        let found = self.database.one(sql, values![digest(&plain(typed)), now]).await?;
        let found = found.map(|row| {
            Ok::<_, Error>(DeviceGrant {
                name: row.text(0)?,
                address: row.text(1)?,
                scopes: row.text(2)?.split(',').filter_map(Scope::parse).collect(),
                packages: Patterns::parse(&row.text(3)?)?,
                days: row.seconds(4)?,
            })
        });
        if found.is_some() {
            self.attempts.clear(&bucket).await?;
        }
        found.transpose()
    }

    /// Writes down what a user has decided; false when there is nothing to decide any more.
    pub(crate) async fn decide_device(
        &self,
        typed: &str,
        user: &str,
        decision: Decision,
        now: u64,
    ) -> Result<bool> {
        let state = match decision {
            Decision::Approve => "approved",
            Decision::Deny => "denied",
        };
        let sql = "UPDATE device_codes SET state = $1, user_name = $2 \
                   WHERE user_code = $3 AND state = 'pending' AND expires > $4";
        let decide = Statement::new(sql, values![state, user, digest(&plain(typed)), now]).must_change(1);
        Ok(self.database.write(vec![decide]).await?.is_some())
    }

    /// The token of a client, once its user has approved, and once only.
    pub(crate) async fn finish_device(
        &self,
        device_code: &str,
        now: u64,
    ) -> Result<std::result::Result<(Token, TokenInfo), DeviceRefusal>> {
        let kept = digest(device_code);
        let sql = "SELECT state, user_name, name, scopes, packages, days, pause, asked, expires \
                   FROM device_codes WHERE digest = $1";
        let Some(row) = self.database.one(sql, values![&kept]).await? else {
            return Ok(Err(DeviceRefusal::Unknown));
        };
        if row.seconds(8)? <= now {
            return Ok(Err(DeviceRefusal::Expired));
        }
        let (pause, asked) = (row.seconds(6)?, row.seconds(7)?);
        let is_early = now < asked + pause;
        let longer = if is_early { pause + INTERVAL } else { pause };
        let sql = "UPDATE device_codes SET asked = $1, pause = $2 WHERE digest = $3";
        self.database.write(vec![Statement::new(sql, values![now, longer, &kept])]).await?;
        if is_early {
            return Ok(Err(DeviceRefusal::SlowDown));
        }
        match row.text(0)?.as_str() {
            "pending" => Ok(Err(DeviceRefusal::Pending)),
            "denied" => Ok(Err(DeviceRefusal::Denied)),
            "approved" => self.make_device_token(&kept, &row, now).await,
            _ => Ok(Err(DeviceRefusal::Unknown)),
        }
    }

    async fn make_device_token(
        &self,
        kept: &str,
        row: &Row,
        now: u64,
    ) -> Result<std::result::Result<(Token, TokenInfo), DeviceRefusal>> {
        let sql = "SELECT name, role FROM users WHERE name = $1 AND disabled IS NULL";
        let Some(user) = self.database.one(sql, values![row.text(1)?]).await? else {
            return Ok(Err(DeviceRefusal::Denied));
        };
        let new = NewToken {
            name: row.text(2)?,
            kind: TokenKind::Login,
            scopes: row.text(3)?.split(',').filter_map(Scope::parse).collect(),
            packages: Patterns::parse(&row.text(4)?)?,
            networks: Networks::default(),
            days: row.seconds(5)?,
        };
        let (token, info, store) = new.make(&user.text(0)?, role(&user, 1)?, now)?;
        let sql = "UPDATE device_codes SET state = 'completed' WHERE digest = $1 AND state = 'approved'";
        let complete = Statement::new(sql, values![kept]).must_change(1);
        let is_done = self.database.write(vec![complete, store]).await?.is_some();
        Ok(if is_done { Ok((token, info)) } else { Err(DeviceRefusal::Unknown) })
    }
}

impl DeviceGrant {
    /// The first of its scopes that a user in a role cannot give.
    pub(crate) fn beyond(&self, role: Role) -> Option<Scope> {
        self.scopes.iter().copied().find(|scope| !role.may_have(*scope))
    }
}

/// Letters drawn evenly.
fn user_code() -> Result<String> {
    let mut code = String::new();
    while code.len() < CODE_LEN {
        // Bytes from 240 on would favour the first letters.
        let fair = random::<16>()?.into_iter().filter(|byte| *byte < 240);
        code.extend(
            fair.filter_map(|byte| LETTERS.get(usize::from(byte) % LETTERS.len()))
                .map(|byte| char::from(*byte)),
        );
    }
    code.truncate(CODE_LEN);
    Ok(code)
}

/// A code as it was drawn, however it was typed.
fn plain(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = user_code().unwrap();
        assert!(code.len() == CODE_LEN && code.bytes().all(|byte| LETTERS.contains(&byte)), "{code}");
        assert_ne!(code, user_code().unwrap());
        assert_eq!(plain(" bcdf-ghjk "), "BCDFGHJK");
    }
}
