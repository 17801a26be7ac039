//! Which network addresses may be connected to: by default only those of the public internet.
//!
//! A name is resolved once, each address that it has is judged, and the connection is made to an address that was
//! judged: what the name stands for a moment later does not matter.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};

use gitops_ports::git::GitError;

/// Which addresses may be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AddressRule {
    /// Those of the public internet.
    #[default]
    PublicOnly,
    /// Every one: loopback, link-local and private ones too.
    Any,
}

/// Networks that are not the public internet, as first address and length of the prefix.
const NETWORKS_4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, "an unspecified address"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private address"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "a carrier's private address"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "a loopback address"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "a link-local address"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private address"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "a reserved address"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "an address of documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a reserved address"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private address"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "an address of benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "an address of documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "an address of documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "a multicast address"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "a reserved address"),
];

/// The same for version 6, among the addresses that are unicast and global.
const NETWORKS_6: &[(Ipv6Addr, u32, &str)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "a reserved address"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "an address of documentation"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "an address of documentation"),
];

/// Networks of version 6 that stand for one of version 4, with the bits that follow its address.
const EMBEDDED: &[(Ipv6Addr, u32, u32)] = &[
    (Ipv6Addr::UNSPECIFIED, 96, 0),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, 0),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, 0),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, 80),
];

impl AddressRule {
    /// The addresses among `found` that may be connected to; the error names one that may not.
    pub(crate) fn choose(self, host: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, GitError> {
        let first = found.first().map(SocketAddr::ip);
        let allowed: Vec<SocketAddr> =
            found.into_iter().filter(|address| self.fault(address.ip()).is_none()).collect();
        match first.and_then(|first| self.fault(first).map(|kind| (first, kind))) {
            Some((address, kind)) if allowed.is_empty() => {
                Err(GitError::ForbiddenAddress { host: host.to_owned(), address: address.to_string(), kind })
            }
            Some(_) | None => Ok(allowed),
        }
    }

    /// Resolves `host` and chooses among its addresses.
    pub(crate) fn resolve(self, host: &str, port: u16) -> Result<Vec<SocketAddr>, GitError> {
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let found = (name, port).to_socket_addrs().map_err(|_| unknown_name(host))?;
        self.choose(host, found.collect())
    }

    /// Why an address may not be connected to.
    pub(crate) fn fault(self, address: IpAddr) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::PublicOnly => fault(address),
        }
    }
}

/// The error for a name without an address. It is not tried again: resolvers do that by themselves.
pub(crate) fn unknown_name(host: &str) -> GitError {
    let message = "the name cannot be resolved".to_owned();
    GitError::BadAddress { url: host.to_owned(), message }
}

/// What sort of address it is, unless it is one of the public internet.
fn fault(address: IpAddr) -> Option<&'static str> {
    let address = match address {
        IpAddr::V4(address) => return fault_4(address),
        IpAddr::V6(address) => address,
    };
    if address.is_loopback() {
        return Some("a loopback address");
    }
    let embedded = EMBEDDED.iter().find(|(network, length, _)| is_in(address, *network, *length));
    if let Some((_, _, after)) = embedded {
        let [a, b, c, d] = low_bytes(address.to_bits() >> after);
        return fault_4(Ipv4Addr::new(a, b, c, d));
    }
    match address.segments() {
        [0xfe80..=0xfebf, ..] => return Some("a link-local address"),
        [0xfc00..=0xfdff, ..] => return Some("a private address"),
        [0xff00..=0xffff, ..] => return Some("a multicast address"),
        [0x2000..=0x3fff, ..] => {}
        _ => return Some("a reserved address"),
    }
    let network = NETWORKS_6.iter().find(|(network, length, _)| is_in(address, *network, *length));
    network.map(|(_, _, kind)| *kind)
}

fn fault_4(address: Ipv4Addr) -> Option<&'static str> {
    let shifted = |address: Ipv4Addr, length: u32| address.to_bits().checked_shr(32 - length);
    let network = NETWORKS_4
        .iter()
        .find(|(network, length, _)| shifted(address, *length) == shifted(*network, *length));
    network.map(|(_, _, kind)| *kind)
}

fn is_in(address: Ipv6Addr, network: Ipv6Addr, length: u32) -> bool {
    address.to_bits().checked_shr(128 - length) == network.to_bits().checked_shr(128 - length)
}

fn low_bytes(bits: u128) -> [u8; 4] {
    u32::try_from(bits & u128::from(u32::MAX)).unwrap_or_default().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_reached() {
        let check = |address: &str, expected: Option<&str>| {
            assert_eq!(AddressRule::PublicOnly.fault(address.parse().unwrap()), expected, "{address}");
            assert_eq!(AddressRule::Any.fault(address.parse().unwrap()), None);
        };
        for address in
            ["8.8.8.8", "140.82.121.4", "172.32.0.1", "100.128.0.1", "2606:50c0::153", "64:ff9b::808:808"]
        {
            check(address, None);
        }
        for address in
            ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]
        {
            check(address, Some("a loopback address"));
        }
        for address in
            ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "::ffff:10.1.2.3"]
        {
            check(address, Some("a private address"));
        }
        for address in ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"] {
            check(address, Some("a link-local address"));
        }
        for address in ["0.0.0.0", "0.1.2.3", "::"] {
            check(address, Some("an unspecified address"));
        }
        for address in ["224.0.0.1", "239.255.255.255", "ff02::1"] {
            check(address, Some("a multicast address"));
        }
        check("100.64.0.1", Some("a carrier's private address"));
        for address in ["255.255.255.255", "240.0.0.1", "192.0.0.8", "2001::1", "fec0::1", "100::1"] {
            check(address, Some("a reserved address"));
        }
        for address in ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"] {
            check(address, Some("an address of documentation"));
        }
    }

    #[test]
    fn a_name_with_a_public_address_is_connected_to_that() {
        let found = ["10.0.0.1:443", "8.8.8.8:443"].map(|text| text.parse().unwrap());
        let chosen = AddressRule::PublicOnly.choose("host", found.to_vec()).unwrap();
        assert_eq!(chosen, ["8.8.8.8:443".parse().unwrap()]);
        let error =
            AddressRule::PublicOnly.choose("host", vec!["10.0.0.1:443".parse().unwrap()]).unwrap_err();
        assert_eq!(error.to_string(), "`host` has the address 10.0.0.1, a private address");
    }
}
