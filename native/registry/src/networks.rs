//! Networks that a token may be used from, as CIDR blocks.

use crate::error::{Error, Result};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
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
}
