//! Kinds of values.

use crate::networks::Networks;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What a setting can be.
pub(crate) trait Value: Sized {
    /// Reads what is written; empty if nothing is.
    fn parse(text: &str) -> Option<Self>;

    /// What is written, as it may be shown.
    fn shown(text: &str) -> String {
        text.to_owned()
    }
}

/// One that need not be set.
impl<V: Value> Value for Option<V> {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { V::parse(text).map(Some) }
    }

    fn shown(text: &str) -> String {
        V::shown(text)
    }
}

impl Value for PathBuf {
    fn parse(text: &str) -> Option<Self> {
        Some(Self::from(text))
    }
}

impl Value for SocketAddr {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// An address that may have a password in it, which is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&Self::shown(&self.0))
    }
}

impl Value for Address {
    fn parse(text: &str) -> Option<Self> {
        text.contains("://").then(|| Self(text.to_owned()))
    }

    fn shown(text: &str) -> String {
        // What is no address may be anything: a password too.
        let Some((scheme, rest)) = text.split_once("://") else { return "***".to_owned() };
        let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
        let mut shown = format!("{scheme}://");
        match place.rsplit_once('@') {
            Some((_, host)) => shown.extend(["***@", host]),
            None => shown.push_str(place),
        }
        if let Some(query) = query {
            // A parameter with an `@` is an address with a user, or a password that has one.
            let plain = |part: &str| match part.split_once('=') {
                Some((name, value)) if value.contains('@') || name.contains("password") => {
                    format!("{name}=***")
                }
                _ => part.to_owned(),
            };
            shown.push('?');
            shown.push_str(&query.split('&').map(plain).collect::<Vec<_>>().join("&"));
        }
        shown
    }
}

/// An address of the web that something can be put behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebAddress(String);

impl WebAddress {
    /// Without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for WebAddress {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('/');
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"?#@\\\"<>".contains(&byte);
        (!rest.is_empty() && !rest.starts_with('/') && rest.bytes().all(is_plain))
            .then(|| Self(text.to_owned()))
    }
}

impl Value for Networks {
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// A number, `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count<const LEAST: u64, const MOST: u64>(u64);

impl<const LEAST: u64, const MOST: u64> Count<LEAST, MOST> {
    pub(crate) const fn get(self) -> u64 {
        self.0
    }
}

impl<const LEAST: u64, const MOST: u64> Value for Count<LEAST, MOST> {
    fn parse(text: &str) -> Option<Self> {
        let count = text.parse().ok()?;
        (LEAST..=MOST).contains(&count).then_some(Self(count))
    }
}

/// A number of bytes, up to `MOST`: `500`, `64KiB`, `50MiB`, `10GiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size<const MOST: u64>(u64);

impl<const MOST: u64> Size<MOST> {
    pub(crate) const fn bytes(self) -> u64 {
        self.0
    }
}

impl<const MOST: u64> Value for Size<MOST> {
    fn parse(text: &str) -> Option<Self> {
        let units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];
        let unit = units.into_iter().find_map(|(unit, bits)| Some((text.strip_suffix(unit)?, bits)));
        let (number, bits) = unit.unwrap_or((text, 0));
        let bytes = number.parse::<u64>().ok()?.checked_mul(1 << bits)?;
        (1..=MOST).contains(&bytes).then_some(Self(bytes))
    }
}

/// A text of one line, which is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(String);

impl Text {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for Text {
    fn parse(text: &str) -> Option<Self> {
        let is_plain = !text.is_empty() && !text.chars().any(char::is_control);
        is_plain.then(|| Self(text.to_owned()))
    }
}

/// Texts separated by commas; there may be none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Items(Vec<String>);

impl Items {
    pub(crate) fn items(&self) -> &[String] {
        &self.0
    }
}

impl Value for Items {
    fn parse(text: &str) -> Option<Self> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned);
        (!text.chars().any(char::is_control)).then(|| Self(items.collect()))
    }
}

/// How often something may be done: so many at once, and how many are given back in how many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) burst: u64,
    given: u64,
    seconds: u64,
}

impl Rate {
    /// How long it takes until so many are given back.
    pub(crate) fn time_of(&self, count: u64) -> Duration {
        Duration::from_millis(count.saturating_mul(self.seconds * 1000) / self.given)
    }
}

impl Value for Rate {
    fn parse(text: &str) -> Option<Self> {
        let (burst, rest) = text.split_once('+')?;
        let (given, seconds) = rest.split_once('/')?;
        let number = |text: &str| text.parse().ok().filter(|number| (1..=1_000_000).contains(number));
        Some(Self { burst: number(burst)?, given: number(given)?, seconds: number(seconds)? })
    }
}

/// A rate, unless it is `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) Option<Rate>);

impl Value for Limit {
    fn parse(text: &str) -> Option<Self> {
        if text == "off" { Some(Self(None)) } else { Rate::parse(text).map(|rate| Self(Some(rate))) }
    }
}

/// A time in whole seconds, `LEAST` to `MOST` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds<const LEAST: u64, const MOST: u64>(u64);

impl<const LEAST: u64, const MOST: u64> Seconds<LEAST, MOST> {
    pub(crate) const fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl<const LEAST: u64, const MOST: u64> Value for Seconds<LEAST, MOST> {
    fn parse(text: &str) -> Option<Self> {
        let seconds = text.parse().ok()?;
        (LEAST..=MOST).contains(&seconds).then_some(Self(seconds))
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $(#[doc = $word] $variant,)+ }

        impl Value for $name {
            fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// Whether something is allowed.
    YesNo { Yes = "yes", No = "no", }
}

impl YesNo {
    pub(crate) fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

words! {
    /// Which users may create namespaces.
    WhoMayCreate { Anyone = "anyone", Members = "members", Admins = "admins", }
}
words! {
    /// What becomes of a new namespace that looks like an existing one.
    SimilarNames { Deny = "deny", Allow = "allow", }
}
words! {
    /// Where webhooks may lead.
    WebhookTargets { Public = "public", Any = "any", }
}

impl WebhookTargets {
    /// Whether they may lead anywhere.
    pub(crate) fn any(self) -> bool {
        matches!(self, Self::Any)
    }
}

words! {
    /// What a line of the log looks like.
    LogFormat { Text = "text", Json = "json", }
}
words! {
    /// The least important lines that are logged.
    LogLevel { Error = "error", Warn = "warn", Info = "info", Debug = "debug", }
}
words! {
    /// Something that is done or not.
    Switch { On = "on", Off = "off", }
}
