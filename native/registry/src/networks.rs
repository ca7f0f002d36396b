//! Networks that a token may be used from, as CIDR blocks; and the public internet, which is all that some requests may
//! lead to.

use crate::error::{Error, Result};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// Some networks; without any, every address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Networks(Vec<Network>);

/// A block of addresses. One of IPv4 is where IPv6 maps it to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Network {
    written: String,
    bits: u128,
    prefix: u32,
}

impl Networks {
    /// Reads blocks, separated by commas: `10.0.0.0/8`, `2001:db8::/32`, or single addresses.
    ///
    /// # Errors
    /// `usage` for anything else, an address with bits behind the prefix among them: it is a typing error.
    pub(crate) fn parse(given: &str) -> Result<Self> {
        let words = given.split(',').map(str::trim).filter(|word| !word.is_empty());
        let read = |word: &str| {
            Network::parse(word).ok_or_else(|| Error::new(Code::Usage, text::network_malformed(word)))
        };
        Ok(Self(words.map(read).collect::<Result<_>>()?))
    }

    /// Whether an address is in one of them.
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        self.0.is_empty() || self.0.iter().any(|network| network.covers(bits(address), 128))
    }

    /// Whether all of others is in them.
    pub(crate) fn cover(&self, others: &Self) -> bool {
        let is_covered =
            |other: &Network| self.0.iter().any(|network| network.covers(other.bits, other.prefix));
        self.0.is_empty() || (!others.0.is_empty() && others.0.iter().all(is_covered))
    }

    /// Each as it was written.
    pub(crate) fn written(&self) -> Vec<String> {
        self.0.iter().map(|network| network.written.clone()).collect()
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written().join(","))
    }
}

impl Network {
    fn parse(word: &str) -> Option<Self> {
        let (address, prefix) = match word.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (word, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let (before, most) = if address.is_ipv4() { (96, 32) } else { (0, 128) };
        let plain = |prefix: &str| {
            let is_plain = prefix.len() <= 3 && prefix.bytes().all(|byte| byte.is_ascii_digit());
            prefix.parse::<u32>().ok().filter(|prefix| is_plain && *prefix <= most)
        };
        let prefix = before + prefix.map_or(Some(most), plain)?;
        let network = Self { written: word.to_owned(), bits: bits(address), prefix };
        (network.bits & !mask(prefix) == 0).then_some(network)
    }

    fn covers(&self, bits: u128, prefix: u32) -> bool {
        prefix >= self.prefix && bits & mask(self.prefix) == self.bits
    }
}

fn mask(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix).unwrap_or(0)
}

fn bits(address: IpAddr) -> u128 {
    let mapped: Ipv6Addr = match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    mapped.to_bits()
}

/// Whether an address is one of the public internet: none of this machine, of a private network, of a link, and none that
/// leads to one (IANA's special-purpose registries, RFC 6890).
pub(crate) fn is_public(ip: IpAddr) -> bool {
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
#[derive(Debug, Default)]
pub(crate) struct Public(DefaultResolver);

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
    fn addresses_are_in_their_networks() {
        let networks = Networks::parse("10.0.0.0/8, 192.0.2.7, 2001:db8::/32").unwrap();
        assert_eq!(Networks::parse(&networks.to_string()), Ok(networks.clone()));
        for (address, inside) in [
            ("10.1.2.3", true),
            ("11.0.0.0", false),
            ("::ffff:10.1.2.3", true),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
            ("::1", false),
        ] {
            assert_eq!(networks.contain(address.parse().unwrap()), inside, "{address}");
        }
        let everywhere = Networks::default();
        assert!(everywhere.contain("::1".parse().unwrap()) && everywhere.cover(&networks));
        assert!(!networks.cover(&everywhere), "everywhere is more");
        assert!(networks.cover(&Networks::parse("10.2.0.0/16").unwrap()));
        assert!(!networks.cover(&Networks::parse("10.0.0.0/7").unwrap()));
        assert!(Networks::parse("0.0.0.0/0").unwrap().contain("8.8.8.8".parse().unwrap()));
        assert!(!Networks::parse("0.0.0.0/0").unwrap().contain("2001::".parse().unwrap()));
        for bad in ["10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/+8", "10/8", "example.org", "::/129", "10.0.0.0/"]
        {
            assert_eq!(Networks::parse(bad).unwrap_err().first().code, Code::Usage, "{bad}");
        }
    }

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
    }
}
