//! Namespaces that are not simply free: those that the operator keeps, and those that look like another.
//!
//! A new name that equals an existing one once `-` is deleted and `0` and `1` are read as `o` and `l`, or that one slip of
//! the pen makes of one that is much used, is held until the operator has decided. Format document, section 1.

use super::Accounts;
use crate::database::{Row, Statement, values};
use crate::error::{Error, Result};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::name::Namespace;

/// What is decided about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RuleState {
    /// Nobody may create it.
    Reserved,
    /// It waits for the operator.
    Held,
    /// It may be created, whatever it looks like.
    Allowed,
}

impl RuleState {
    /// The word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Held => "held",
            Self::Allowed => "allowed",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Reserved, Self::Held, Self::Allowed].into_iter().find(|state| state.as_str() == word)
    }
}

/// A name that is not simply free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamespaceRule {
    pub(crate) name: String,
    pub(crate) state: RuleState,
    /// The namespace that it looks like.
    pub(crate) resembles: String,
    /// Who asked for it.
    pub(crate) user: String,
    pub(crate) since: u64,
}

impl NamespaceRule {
    fn of(row: &Row) -> Result<Self> {
        let wrong = || Error::storage("its database", &"unexpected content");
        Ok(Self {
            name: row.text(0)?,
            state: RuleState::parse(&row.text(1)?).ok_or_else(wrong)?,
            resembles: row.text(2)?,
            user: row.text(3)?,
            since: row.seconds(4)?,
        })
    }
}

/// What is left of a name when what is easily confused is made equal.
pub(crate) fn skeleton(name: &str) -> String {
    let plain = name.chars().filter(|char| !matches!(char, '-' | '_'));
    plain
        .map(|char| match char {
            '0' => 'o',
            '1' => 'l',
            other => other,
        })
        .collect()
}

/// The shortest name that is compared by slips of the pen: of shorter ones most are one slip from another.
const SLIP_LEN: usize = 4;

/// Whether one letter that was inserted, left out or changed, or two neighbours that were swapped, make one name of
/// another.
pub(crate) fn is_one_slip(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let (short, long) = (short.as_bytes(), long.as_bytes());
    if short.len() < SLIP_LEN || long.len() - short.len() > 1 || short == long {
        return false;
    }
    let front = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short, long) = (short.get(front..).unwrap_or_default(), long.get(front..).unwrap_or_default());
    match (short, long) {
        (short, [_, rest @ ..]) if short.len() == rest.len() => short == rest,
        ([a, b, rest @ ..], [c, d, others @ ..]) if (a, b) == (d, c) => rest == others,
        ([_, rest @ ..], [_, others @ ..]) => rest == others,
        _ => false,
    }
}

/// Names that a new one is compared with.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownNamespaces {
    pub(crate) all: Vec<String>,
    pub(crate) much_used: Vec<String>,
}

impl KnownNamespaces {
    /// One that a name looks like.
    fn like(&self, name: &str) -> Option<&String> {
        let own = skeleton(name);
        let same = self.all.iter().find(|known| known.as_str() != name && skeleton(known) == own);
        same.or_else(|| self.much_used.iter().find(|known| is_one_slip(name, known)))
    }
}

impl Accounts {
    /// What is decided about a name.
    pub(crate) async fn namespace_rule(&self, name: &str) -> Result<Option<NamespaceRule>> {
        let sql = "SELECT name, state, resembles, user_name, since FROM namespace_rules WHERE name = $1";
        self.database.one(sql, values![name]).await?.as_ref().map(NamespaceRule::of).transpose()
    }

    /// All names about which something is decided, or is to be.
    pub(crate) async fn namespace_rules(&self) -> Result<Vec<NamespaceRule>> {
        let sql = "SELECT name, state, resembles, user_name, since FROM namespace_rules ORDER BY name";
        self.database.query(sql, values![]).await?.iter().map(NamespaceRule::of).collect()
    }

    /// Decides about a name; none: it is simply free.
    pub(crate) async fn rule_namespace(
        &self,
        name: &Namespace,
        state: Option<RuleState>,
        now: u64,
    ) -> Result<()> {
        let statement = match state {
            None => Statement::new("DELETE FROM namespace_rules WHERE name = $1", values![name.as_str()]),
            Some(state) => Statement::new(
                "INSERT INTO namespace_rules (name, state, resembles, user_name, since) \
                 VALUES ($1, $2, '', '', $3) ON CONFLICT (name) DO UPDATE SET state = $2",
                values![name.as_str(), state.as_str(), now],
            ),
        };
        self.database.write(vec![statement]).await?;
        Ok(())
    }

    /// Refuses a new namespace that is reserved, or looks like one of those that are `known` and was not allowed.
    pub(crate) fn check_namespace(
        name: &Namespace,
        rule: Option<&NamespaceRule>,
        known: &KnownNamespaces,
    ) -> Result<(), (Error, Option<String>)> {
        let refused = |message: String| Diagnostic::new(Code::Forbidden, message);
        match rule.map(|rule| rule.state) {
            Some(RuleState::Allowed) => return Ok(()),
            Some(RuleState::Reserved) => {
                let fault = refused(text::namespace_reserved(name.as_str()));
                return Err((fault.help(text::namespace_ask(name.as_str())).into(), None));
            }
            Some(RuleState::Held) | None => {}
        }
        match known.like(name.as_str()) {
            None => Ok(()),
            Some(known) => {
                let fault = refused(text::namespace_held(name.as_str(), known));
                Err((fault.help(text::namespace_ask(name.as_str())).into(), Some(known.clone())))
            }
        }
    }

    /// Puts a name on the operator's list. One that is there stays as it is.
    pub(crate) async fn hold_namespace(
        &self,
        name: &Namespace,
        resembles: &str,
        user: &str,
        now: u64,
    ) -> Result<()> {
        let sql = "INSERT INTO namespace_rules (name, state, resembles, user_name, since) \
                   VALUES ($1, 'held', $2, $3, $4) ON CONFLICT DO NOTHING";
        let hold = Statement::new(sql, values![name.as_str(), resembles, user, now]);
        self.database.write(vec![hold]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_held() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let known = KnownNamespaces {
            all: names(&["roussov", "cool-lib", "l0g", "abc", "seldom"]),
            much_used: names(&["roussov", "abc"]),
        };
        let check = |name: &str, state: Option<RuleState>| {
            let rule = state.map(|state| NamespaceRule {
                name: name.to_owned(),
                state,
                resembles: String::new(),
                user: String::new(),
                since: 0,
            });
            Accounts::check_namespace(&Namespace::parse(name).unwrap(), rule.as_ref(), &known)
                .map_err(|(_, resembles)| resembles)
        };
        for (name, known) in [
            ("r0ussov", "roussov"),
            ("rous-sov", "roussov"),
            ("coollib", "cool-lib"),
            ("coo1-1ib", "cool-lib"),
            ("log", "l0g"),
            // One slip from a name that is much used.
            ("rousov", "roussov"),
            ("roussovs", "roussov"),
            ("rousspv", "roussov"),
            ("rousosv", "roussov"),
            ("toussov", "roussov"),
        ] {
            assert_eq!(check(name, None), Err(Some(known.to_owned())), "{name}");
            assert_eq!(check(name, Some(RuleState::Held)), Err(Some(known.to_owned())), "{name}");
            assert_eq!(check(name, Some(RuleState::Allowed)), Ok(()), "{name}");
        }
        for name in ["roussov", "rouso", "rossuov", "seldon", "abd", "ab", "other"] {
            assert_eq!(check(name, None), Ok(()), "{name}");
        }
        assert_eq!(check("other", Some(RuleState::Reserved)), Err(None));
        for (one, other, expected) in [
            ("abcd", "abcde", true),
            ("abcd", "xabcd", true),
            ("abcd", "abxd", true),
            ("abcd", "bacd", true),
            ("abcd", "abdc", true),
            ("abcd", "abcd", false),
            ("abcd", "badc", false),
            ("abcd", "abcdef", false),
            ("abcd", "axcy", false),
            ("abc", "abcd", false),
            ("", "", false),
        ] {
            assert_eq!(
                (is_one_slip(one, other), is_one_slip(other, one)),
                (expected, expected),
                "{one} {other}"
            );
        }
    }
}
