//! Where messages may go: to the public internet by https, unless the operator allows more. What a name resolves to is
//! looked up once, judged, and connected to: it cannot be another address a moment later.

use crate::error::{Error, Result};
use crate::message as words;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use vitte_package_core::diagnostic::{Code, Diagnose as _, Diagnostic};
use vitte_package_core::index::Address;
use vitte_package_core::index::address::Scheme;

/// The address of a webhook.
#[derive(Clone, Debug)]
pub(crate) struct Target(String);

impl Target {
    /// Reads one. With `any`, it may be http, and in the operator's own network.
    pub(crate) fn parse(given: &str, any: bool) -> Result<Self> {
        let address = Address::parse(given).map_err(|error| Error::from(error.diagnostic()))?;
        let refused = |message| {
            let fault = Diagnostic::new(Code::InsecureUrl, message);
            Error::from(fault.help("webhook-targets = \"any\"".to_owned()))
        };
        if !any && address.scheme() == Scheme::Http {
            return Err(refused(words::webhook_http(given)));
        }
        if !any && address.ip().is_some_and(|ip| !is_public(ip)) {
            return Err(refused(words::webhook_private(given)));
        }
        Ok(Self(given.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an address is one of the public internet: none of this machine, of a private network, of a link, and none that
/// leads to one (IANA's special-purpose registries, RFC 6890).
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_unspecified()
        || a == 0
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        // Shared by the customers of a carrier, protocol assignments, relays of IPv6, benchmarks, reserved.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240;
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // IPv4 as IPv6 writes it, and as it is translated: it leads to where the IPv4 address leads.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // What is given out for the public internet is 2000::/3; from it come Teredo, documentation and the like.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        [first, ..] => (0x2000..0x4000).contains(&first) && first != 0x3fff,
    }
}

/// Gives public addresses only.
#[derive(Debug)]
pub(super) struct Public(pub(super) DefaultResolver);

impl Resolver for Public {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let resolved = self.0.resolve(uri, config, timeout)?;
        let mut public = self.empty();
        for address in resolved.iter().filter(|address| is_public(address.ip())) {
            public.push(*address);
        }
        if public.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(public) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_ones_own_network_are_not_public() {
        for own in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(own.parse().unwrap()), "{own}");
        }
        for public in ["1.1.1.1", "172.15.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for url in
            ["http://example.org/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest"]
        {
            assert_eq!(Target::parse(url, false).unwrap_err().first().code, Code::InsecureUrl, "{url}");
            assert!(Target::parse(url, true).is_ok(), "{url}");
        }
        assert!(Target::parse("https://user:secret@example.org/", true).is_err());
        assert!(Target::parse("file:///etc/passwd", true).is_err());
    }
}
