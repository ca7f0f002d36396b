//! The token of a registry, and where it may go.

use vitte_package_core::api::Token;
use vitte_package_core::index::Address;
use vitte_package_core::index::address::Scheme;

/// A token that goes with requests to the registry it is for: to its origin, and over TLS to the hosts that the registry
/// itself names for that (`auth_hosts`). Never in the clear, but to this machine.
#[derive(Clone, Debug)]
pub struct Bearer {
    token: Token,
    registry: Address,
    hosts: Vec<String>,
}

impl Bearer {
    /// A token for the registry at an address.
    pub fn new(token: Token, registry: &Address) -> Self {
        Self { token, registry: registry.clone(), hosts: Vec::new() }
    }

    /// The same, with the hosts that the registry names, each a host or `host:port`.
    #[must_use]
    pub fn with_hosts(mut self, hosts: &[String]) -> Self {
        self.hosts = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        self
    }

    /// The token, if it may go to this address.
    pub(super) fn for_url(&self, url: &Address) -> Option<&Token> {
        let is_own = url.origin() == self.registry.origin();
        let is_safe = url.scheme() == Scheme::Https || url.is_loopback();
        let origin = url.origin();
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        let is_named = url.scheme() == Scheme::Https && self.hosts.iter().any(|named| named == host);
        (is_safe && (is_own || is_named)).then_some(&self.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_its_own_origin_and_to_named_hosts_over_tls() {
        let registry = Address::parse("https://registry.example/team").unwrap();
        let hosts = ["DL.example".to_owned(), "cdn.example:8443".to_owned()];
        let bearer = Bearer::new(Token::new(&[1; 40]), &registry).with_hosts(&hosts);
        let goes = |url: &str| bearer.for_url(&Address::parse(url).unwrap()).is_some();
        for own in [
            "https://registry.example/team/config.json",
            "https://REGISTRY.example:443/p/x",
            "https://dl.example/p/x",
            "https://cdn.example:8443/x",
        ] {
            assert!(goes(own), "{own}");
        }
        for other in [
            "http://registry.example/team/config.json",
            "https://registry.example:8443/",
            "https://registry.example.evil.example/",
            "https://evil-registry.example/",
            "https://sub.registry.example/",
            "https://registry.exampl/",
            "https://registry-example/",
            "https://dl.example:8443/",
            "https://x.dl.example/",
            "http://dl.example/p/x",
            "https://cdn.example/",
        ] {
            assert!(!goes(other), "{other}");
        }
        let clear = Address::parse("http://registry.example").unwrap();
        let bearer = Bearer::new(Token::new(&[1; 40]), &clear);
        assert!(bearer.for_url(&clear).is_none());
        let local = Address::parse("http://127.0.0.1:8080").unwrap();
        let bearer = Bearer::new(Token::new(&[1; 40]), &local);
        assert!(bearer.for_url(&local).is_some());
        assert!(bearer.for_url(&Address::parse("http://127.0.0.1:8081").unwrap()).is_none());
        assert!(bearer.for_url(&Address::parse("http://localhost:8080").unwrap()).is_none());
    }
}
