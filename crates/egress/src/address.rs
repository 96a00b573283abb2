//! Is an address globally routable?
//!
//! One predicate for the whole project, by the special-purpose address registries of RFC 6890
//! as they stand today. Everything that is not plainly public is refused. Addresses that carry
//! an IPv4 address inside are unwrapped and the inner address is judged as well.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 ranges that are not for us: network and prefix length.
const V4_SPECIAL: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// IPv6 ranges inside `2000::/3` that are not for us. Outside `2000::/3` nothing is.
const V6_SPECIAL: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether a packet to `address` goes to the public internet and nowhere else.
///
/// 6to4 (`2002::/16`), Teredo (inside `2001::/23`) and NAT64 (`64:ff9b::/96`) are refused whole,
/// whatever they carry. IPv4-mapped addresses (`::ffff:0:0/96`) are judged as the IPv4 address
/// they stand for, because that is what the kernel dials.
pub fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4_is_global(v4),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4_is_global(v4),
            None => v6_is_global(v6),
        },
    }
}

fn v4_is_global(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !V4_SPECIAL.iter().any(|(net, len)| (bits ^ net.to_bits()) >> (32 - len) == 0)
}

fn v6_is_global(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    bits >> 125 == 0b001
        && !V6_SPECIAL.iter().any(|(net, len)| (bits ^ net.to_bits()) >> (128 - len) == 0)
        && !isatap_private(bits)
}

/// ISATAP carries an IPv4 address in its last 32 bits after `0000:5efe` or `0200:5efe`
/// (RFC 5214); a router that still speaks it would deliver to that address.
fn isatap_private(bits: u128) -> bool {
    let [.., m0, m1, m2, m3, a, b, c, d] = bits.to_be_bytes();
    let marked = matches!([m0, m1, m2, m3], [0 | 2, 0, 0x5e, 0xfe]);
    marked && !v4_is_global(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judge(text: &str) -> bool {
        is_global(text.parse().unwrap())
    }

    /// First and last address of every refused range, and their neighbours outside where the
    /// neighbour is public.
    #[test]
    fn both_ends_of_every_range_are_refused_and_public_neighbours_pass() {
        let ranges = [
            ("0.0.0.0", "0.255.255.255", None, Some("1.0.0.0")),
            ("10.0.0.0", "10.255.255.255", Some("9.255.255.255"), Some("11.0.0.0")),
            ("100.64.0.0", "100.127.255.255", Some("100.63.255.255"), Some("100.128.0.0")),
            ("127.0.0.0", "127.255.255.255", Some("126.255.255.255"), Some("128.0.0.0")),
            ("169.254.0.0", "169.254.255.255", Some("169.253.255.255"), Some("169.255.0.0")),
            ("172.16.0.0", "172.31.255.255", Some("172.15.255.255"), Some("172.32.0.0")),
            ("192.0.0.0", "192.0.0.255", Some("191.255.255.255"), Some("192.0.1.0")),
            ("192.0.2.0", "192.0.2.255", Some("192.0.1.255"), Some("192.0.3.0")),
            ("192.88.99.0", "192.88.99.255", Some("192.88.98.255"), Some("192.88.100.0")),
            ("192.168.0.0", "192.168.255.255", Some("192.167.255.255"), Some("192.169.0.0")),
            ("198.18.0.0", "198.19.255.255", Some("198.17.255.255"), Some("198.20.0.0")),
            ("198.51.100.0", "198.51.100.255", Some("198.51.99.255"), Some("198.51.101.0")),
            ("203.0.113.0", "203.0.113.255", Some("203.0.112.255"), Some("203.0.114.0")),
            ("224.0.0.0", "239.255.255.255", Some("223.255.255.255"), None),
            ("240.0.0.0", "255.255.255.255", None, None),
            ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None, Some("2000::")),
            ("64:ff9b::", "64:ff9b::ffff:ffff", None, None),
            ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", None, None),
            (
                "2001::",
                "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                Some("2001:200::"),
            ),
            (
                "2001:db8::",
                "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff"),
                Some("2001:db9::"),
            ),
            (
                "2002::",
                "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                Some("2003::"),
            ),
            (
                "3fff::",
                "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                Some("3fff:1000::"),
            ),
            (
                "4000::",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                None,
            ),
        ];
        for (first, last, before, after) in ranges {
            assert!(!judge(first), "{first} must be refused");
            assert!(!judge(last), "{last} must be refused");
            for public in [before, after].into_iter().flatten() {
                assert!(judge(public), "{public} is public");
            }
        }
    }

    #[test]
    fn an_ipv4_address_inside_an_ipv6_address_is_judged_again() {
        assert!(!judge("::ffff:127.0.0.1"));
        assert!(!judge("::ffff:169.254.169.254"));
        assert!(judge("::ffff:8.8.8.8"));
        assert!(!judge("::127.0.0.1"));
        assert!(!judge("2a00:1450:4001::5efe:10.0.0.1"));
        assert!(!judge("2a00:1450:4001:0:200:5efe:127.0.0.1"));
        assert!(judge("2a00:1450:4001::5efe:8.8.8.8"));
    }

    #[test]
    fn well_known_public_addresses_pass() {
        for text in ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00::1"] {
            assert!(judge(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_standard_library_never_calls_a_passed_address_special(bits in any::<u32>()) {
            let v4 = Ipv4Addr::from_bits(bits);
            let special = v4.is_private() || v4.is_loopback() || v4.is_link_local()
                || v4.is_multicast() || v4.is_broadcast() || v4.is_documentation()
                || v4.is_unspecified();
            prop_assert!(!(special && is_global(IpAddr::V4(v4))));
        }

        #[test]
        fn a_mapped_address_is_judged_like_the_plain_one(bits in any::<u32>()) {
            let v4 = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(is_global(IpAddr::V4(v4)), is_global(IpAddr::V6(v4.to_ipv6_mapped())));
        }

        #[test]
        fn no_ipv6_address_outside_unicast_passes(bits in any::<u128>()) {
            let v6 = Ipv6Addr::from_bits(bits);
            if v6.is_loopback() || v6.is_multicast() || v6.is_unspecified()
                || (bits >> 125 != 1 && v6.to_ipv4_mapped().is_none()) {
                prop_assert!(!is_global(IpAddr::V6(v6)));
            }
        }
    }
}
