//! Which proxy an address is asked through, by curl's rules. Loopback is never asked through one.
//!
//! `https_proxy` and `http_proxy` for their schemes, else `all_proxy`; lower case before upper. `no_proxy` is a list,
//! by commas or spaces, of `*`, hosts (which stand for their subdomains too, with or without a leading dot),
//! addresses, networks such as `10.0.0.0/8`, and patterns as users of Go and npm write them: `*.corp.test` for the
//! subdomains alone, `10.1.*` for whatever begins so; each perhaps with `:port`.

use crate::env::{Env, Variable};
use crate::error::Error;
use std::net::IpAddr;
use vitte_package_core::index::Address;
use vitte_package_core::index::address::Scheme;

/// The proxies of these surroundings.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<String>,
    https: Option<String>,
    exceptions: Vec<Exception>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Exception {
    All,
    Network(IpAddr, u32, Option<u16>),
    Host(String, Option<u16>),
    /// With `*`, which stands for any characters.
    Pattern(String, Option<u16>),
}

/// Whether there are any: in their addresses there may be passwords.
impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (http, https) = (self.http.is_some(), self.https.is_some());
        write!(f, "Proxies(http: {http}, https: {https})")
    }
}

impl Proxies {
    /// Reads the variables.
    ///
    /// # Errors
    /// `config` when one of them is not UTF-8.
    pub fn of(env: &Env) -> Result<Self, Error> {
        let first = |names: [Variable; 2]| -> Result<Option<String>, Error> {
            for name in names {
                if let Some(value) = env.variable(name)? {
                    return Ok(Some(value.to_owned()));
                }
            }
            Ok(None)
        };
        let all = first([Variable::AllProxy, Variable::AllProxyUpper])?;
        let exceptions = first([Variable::NoProxy, Variable::NoProxyUpper])?.unwrap_or_default();
        Ok(Self {
            http: first([Variable::HttpProxy, Variable::HttpProxyUpper])?.or_else(|| all.clone()),
            https: first([Variable::HttpsProxy, Variable::HttpsProxyUpper])?.or(all),
            exceptions: exceptions
                .split([',', ' ', '\t'])
                .filter(|word| !word.is_empty())
                .map(Exception::parse)
                .collect(),
        })
    }

    /// The proxy for an address; none when it is asked directly.
    pub fn of_address(&self, url: &Address) -> Option<&str> {
        let proxy = match url.scheme() {
            Scheme::Http => self.http.as_deref(),
            Scheme::Https => self.https.as_deref(),
        };
        let direct = url.is_loopback() || self.exceptions.iter().any(|exception| exception.holds(url));
        proxy.filter(|_| !direct)
    }
}

impl Exception {
    fn parse(word: &str) -> Self {
        // Some write a whole address.
        let word = word.split_once("://").map_or(word, |(_, rest)| rest);
        let bare = word.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, rest) = match bare {
            Some((host, rest)) => (host, rest),
            // More than one colon is an IPv6 address without brackets.
            None => match word.find([':', '/']) {
                Some(at) if !word[at + 1..].contains(':') || word[at..].starts_with('/') => word.split_at(at),
                _ => word.split_at(word.find('/').unwrap_or(word.len())),
            },
        };
        let (rest, port) = match rest.split_once(':') {
            Some((rest, port)) => (rest, port.trim_end_matches('/').parse().ok()),
            None => (rest, None),
        };
        let bits = rest.strip_prefix('/').and_then(|bits| bits.parse().ok());
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        match host.parse::<IpAddr>() {
            Ok(ip) => Self::Network(ip, bits.unwrap_or(u32::MAX), port),
            Err(_) if host == "*" && port.is_none() => Self::All,
            Err(_) if host.contains('*') => Self::Pattern(host, port),
            Err(_) => Self::Host(host.trim_start_matches('.').to_owned(), port),
        }
    }

    fn holds(&self, url: &Address) -> bool {
        let here = |port: &Option<u16>| port.is_none_or(|port| port == url.port());
        match self {
            Self::All => true,
            Self::Network(network, bits, port) => {
                here(port) && url.ip().is_some_and(|ip| is_in(ip, *network, *bits))
            }
            Self::Host(host, port) => {
                let below = || url.host().strip_suffix(host.as_str()).is_some_and(|rest| rest.ends_with('.'));
                here(port) && !host.is_empty() && (url.host() == host || below())
            }
            Self::Pattern(pattern, port) => here(port) && matches(pattern.as_bytes(), url.host().as_bytes()),
        }
    }
}

/// Whether a host is as the pattern says, in which `*` stands for any characters, or none.
fn matches(pattern: &[u8], host: &[u8]) -> bool {
    let (mut at, mut host_at) = (0, 0);
    // Where to go on when what follows the last `*` did not fit.
    let mut back: Option<(usize, usize)> = None;
    while let Some(byte) = host.get(host_at) {
        match pattern.get(at) {
            Some(b'*') => {
                back = Some((at + 1, host_at));
                at += 1;
            }
            Some(same) if same == byte => (at, host_at) = (at + 1, host_at + 1),
            _ => match &mut back {
                Some((after, from)) => {
                    *from += 1;
                    (at, host_at) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

fn is_in(ip: IpAddr, network: IpAddr, bits: u32) -> bool {
    let same = |ip: u128, network: u128, width: u32| {
        let shift = width.saturating_sub(bits.min(width));
        ip.checked_shr(shift).unwrap_or(0) == network.checked_shr(shift).unwrap_or(0)
    };
    match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            same(u128::from(u32::from(ip)), u128::from(u32::from(network)), 32)
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => same(u128::from(ip), u128::from(network), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(no_proxy: &str, url: &str) -> bool {
        let env = Env::new("/", "/")
            .with(Variable::HttpProxyUpper, "http://p:1")
            .with(Variable::AllProxy, "http://q:2")
            .with(Variable::NoProxyUpper, no_proxy);
        Proxies::of(&env).unwrap().of_address(&Address::parse(url).unwrap()).is_some()
    }

    #[test]
    fn loopback_is_never_asked_through_a_proxy() {
        for url in ["http://127.0.0.1:7878/", "http://localhost/", "https://[::1]/"] {
            assert!(!through("", url), "{url}");
        }
        assert!(through("", "http://registry.example/") && through("", "https://registry.example/"));
    }

    /// T36: whatever holds proxies shows neither their names nor their passwords.
    #[test]
    fn nothing_of_a_proxy_is_shown() {
        let env = Env::new("/", "/").with(Variable::HttpsProxy, "http://me:hunter2@proxy.example:1");
        let http = crate::http::Http::new(&env).unwrap();
        let url = Address::parse("https://registry.example/").unwrap();
        // The agent is kept under the proxy's name.
        let request = crate::http::transport::Request::get(&url);
        let _ = crate::http::transport::UreqTransport::new(&env, std::time::Duration::from_millis(1))
            .map(|transport| format!("{transport:?}"))
            .inspect(|shown| {
                assert!(!shown.contains("hunter2") && !shown.contains("proxy.example"), "{shown}")
            });
        for shown in
            [format!("{http:?}"), format!("{:?}", Proxies::of(&env).unwrap()), format!("{request:?}")]
        {
            assert!(!shown.contains("hunter2") && !shown.contains("proxy.example"), "{shown}");
        }
    }

    #[test]
    fn each_scheme_has_its_proxy_and_lower_case_comes_first() {
        let env = Env::new("/", "/")
            .with(Variable::HttpProxyUpper, "upper")
            .with(Variable::HttpProxy, "lower")
            .with(Variable::AllProxyUpper, "all");
        let proxies = Proxies::of(&env).unwrap();
        let of = |url: &str| proxies.of_address(&Address::parse(url).unwrap()).map(str::to_owned);
        assert_eq!(of("http://a.example/").as_deref(), Some("lower"));
        assert_eq!(of("https://a.example/").as_deref(), Some("all"));
        assert_eq!(Proxies::of(&Env::new("/", "/")).unwrap(), Proxies::default());
    }

    #[test]
    fn exceptions_are_hosts_addresses_and_networks() {
        for (list, url, asked) in [
            ("*", "http://a.example/", false),
            ("example", "http://a.example/", false),
            (".example", "http://a.example/", false),
            ("a.example", "http://a.example/", false),
            ("a.example", "http://ba.example/", true),
            ("x.example, a.EXAMPLE", "http://a.example/", false),
            ("a.example:8080", "http://a.example/", true),
            ("a.example:8080", "http://a.example:8080/", false),
            ("10.0.0.0/8", "http://10.200.3.4/", false),
            ("10.0.0.0/8", "http://11.0.0.1/", true),
            ("192.168.1.7", "http://192.168.1.7/", false),
            ("192.168.1.7", "http://192.168.1.8/", true),
            ("192.168.1.0/24 fe80::/10", "http://[fe80::1]/", false),
            ("[fe80::1]:80", "http://[fe80::1]/", false),
            ("fe80::2", "http://[fe80::1]/", true),
            ("0.0.0.0/0", "http://8.8.8.8/", false),
            ("0.0.0.0/0", "http://a.example/", true),
            ("*.corp.test", "http://git.corp.test/", false),
            ("*.corp.test", "http://a.git.corp.test/", false),
            ("*.corp.test", "http://corp.test/", true),
            ("*.corp.test", "http://notcorp.test/", true),
            ("*.CORP.test:8080", "http://git.corp.test:8080/", false),
            ("*.corp.test:8080", "http://git.corp.test/", true),
            ("10.1.*", "http://10.1.2.3/", false),
            ("10.1.*", "http://10.11.2.3/", true),
            ("10.1.*.*", "http://10.1.2.3/", false),
            ("192.168.*.7", "http://192.168.4.7/", false),
            ("192.168.*.7", "http://192.168.4.8/", true),
            ("*corp.test", "http://git.mycorp.test/", false),
            ("git*.corp.test", "http://git2.corp.test/", false),
            ("git*.corp.test", "http://svn.corp.test/", true),
            ("*:8080", "http://a.example:8080/", false),
            ("*:8080", "http://a.example/", true),
            ("corp.test.", "http://git.corp.test/", false),
            ("http://corp.test/", "http://git.corp.test/", false),
            ("10.0.0.0/8:81", "http://10.2.3.4:81/", false),
            ("10.0.0.0/8:81", "http://10.2.3.4/", true),
            ("10.0.0.0/33", "http://10.0.0.1/", true),
            ("[fe80::]/10", "http://[fe80::1]/", false),
            ("fe80::/10", "http://[fe80::1]/", false),
            ("localhost", "http://a.example/", true),
            (",, ,", "http://a.example/", true),
        ] {
            assert_eq!(through(list, url), asked, "{list} {url}");
        }
    }
}
