//! Text becomes an address, an address with a prefix, or a name; or an error that says what is wrong.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::IpAddr;

use ip::Subject;
use proptest::prelude::*;

fn error(text: &str) -> String {
    text.parse::<Subject>().unwrap_err().to_string()
}

#[test]
fn text_that_old_systems_read_differently_is_refused_and_told_why() {
    let table: String = [
        "300.1.1.1",
        "010.0.0.1",
        "09.0.0.1",
        "127.1",
        "0x7f000001",
        "0x7f.0.0.1",
        "2130706433",
        "1.2.3.4.5",
        "1..2.3",
        "1.2.3.4.",
        "256.0x1.1.1",
        "1.2.3.-4",
    ]
    .map(|text| {
        format!(
            "{text}: {}\n",
            text.parse::<Subject>()
                .map_or_else(|error| error.to_string(), |ok| format!("{ok:?}"))
        )
    })
    .concat();
    snapbox::assert_data_eq!(
        table,
        snapbox::str![[r#"
300.1.1.1: "300.1.1.1" is not an IPv4 address: its octet 300 is larger than 255
010.0.0.1: "010.0.0.1" is not an IPv4 address: its octet 010 begins with a zero, and some systems read that as octal, which makes 8.0.0.1; write it without the zero
09.0.0.1: "09.0.0.1" is not an IPv4 address: its octet 09 begins with a zero, which some systems read as octal; write it without
127.1: "127.1" is not an IPv4 address: it has 2 octets and needs four; some systems read it as 127.0.0.1, so write that if you mean it
0x7f000001: "0x7f000001" is not an IPv4 address: it is written in hexadecimal and should be four decimal octets; some systems read it as 127.0.0.1, so write that if you mean it
0x7f.0.0.1: "0x7f.0.0.1" is not an IPv4 address: it is written in hexadecimal and should be four decimal octets; some systems read it as 127.0.0.1, so write that if you mean it
2130706433: "2130706433" is not an IPv4 address: it has 1 octet and needs four; some systems read it as 127.0.0.1, so write that if you mean it
1.2.3.4.5: "1.2.3.4.5" is not an IPv4 address: it has 5 octets and needs four
1..2.3: "1..2.3" is not an IPv4 address: a number is missing beside a dot
1.2.3.4.: "1.2.3.4." is not an IPv4 address: a number is missing beside a dot
256.0x1.1.1: "256.0x1.1.1" is not an IPv4 address: it is written in hexadecimal and should be four decimal octets
1.2.3.-4: Name("1.2.3.-4")

"#]]
    );
}

#[test]
fn a_bad_ipv6_address_is_told_what_is_wrong_with_it() {
    let table: String = [
        "1::2::3",
        ":::",
        "12345::",
        "g::1",
        "1:2:3",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8:9",
        ":1::2",
        "1::2:",
        "::ffff:300.1.1.1",
        "fe80::1%",
        "10.0.0.1%eth0",
    ]
    .map(|text| format!("{text}: {}\n", error(text)))
    .concat();
    snapbox::assert_data_eq!(
        table,
        snapbox::str![[r#"
1::2::3: "1::2::3" is not an IPv6 address: :: may stand in it once, or nobody knows how many zeros each one means
:::: ":::" is not an IPv6 address: :: may stand in it once, or nobody knows how many zeros each one means
12345::: "12345::" is not an IPv6 address: "12345" is not one to four hexadecimal digits
g::1: "g::1" is not an IPv6 address: "g" is not one to four hexadecimal digits
1:2:3: "1:2:3" is not an IPv6 address: it has 3 hextets and needs eight, or fewer and :: for zeros left out
1:2:3:4:5:6:7:8:9: "1:2:3:4:5:6:7:8:9" is not an IPv6 address: it has 9 hextets and needs eight, or fewer and :: for zeros left out
1:2:3:4:5:6:7::8:9: "1:2:3:4:5:6:7::8:9" is not an IPv6 address: it has 9 hextets, and :: needs room for one more within eight
:1::2: ":1::2" is not an IPv6 address: it begins or ends with a single colon
1::2:: "1::2:" is not an IPv6 address: it begins or ends with a single colon
::ffff:300.1.1.1: "::ffff:300.1.1.1" is not an IPv6 address: in its IPv4 part, its octet 300 is larger than 255
fe80::1%: "fe80::1%" is not an IPv6 address: after % comes the zone of an IPv6 address, as in fe80::1%eth0
10.0.0.1%eth0: "10.0.0.1%eth0" is not an IPv6 address: after % comes the zone of an IPv6 address, as in fe80::1%eth0

"#]]
    );
}

#[test]
fn a_bad_prefix_is_told_what_is_wrong_with_it() {
    let table: String = [
        "10.0.0.0/33",
        "10.0.0.0/999",
        "::/129",
        "10.0.0.0/",
        "10.0.0.0/x",
        "10.0.0.0/08",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/0.0.0.255",
        "10.0.0.0/255.0.255.0",
        "10.0.0.0/8/8",
        "localhost/8",
        "::/255.0.0.0",
    ]
    .map(|text| format!("{text}: {}\n", error(text)))
    .concat();
    snapbox::assert_data_eq!(
        table,
        snapbox::str![[r#"
10.0.0.0/33: "10.0.0.0/33" has no good prefix: an IPv4 prefix is 0 to 32 bits long
10.0.0.0/999: "10.0.0.0/999" has no good prefix: an IPv4 prefix is 0 to 32 bits long
::/129: "::/129" has no good prefix: an IPv6 prefix is 0 to 128 bits long
10.0.0.0/: "10.0.0.0/" has no good prefix: a number of bits must follow the slash
10.0.0.0/x: "10.0.0.0/x" has no good prefix: "x" is neither a number of bits nor a mask
10.0.0.0/08: "10.0.0.0/08" has no good prefix: write it without the leading zero
10.0.0.0/-1: "10.0.0.0/-1" has no good prefix: "-1" is neither a number of bits nor a mask
10.0.0.0/+8: "10.0.0.0/+8" has no good prefix: "+8" is neither a number of bits nor a mask
10.0.0.0/0.0.0.255: "10.0.0.0/0.0.0.255" has no good prefix: that is a wildcard, the mask upside down; the mask is 255.255.255.0
10.0.0.0/255.0.255.0: "10.0.0.0/255.0.255.0" has no good prefix: 255.0.255.0 is not a mask: a mask is ones and then zeros
10.0.0.0/8/8: "10.0.0.0/8/8" has no good prefix: "8/8" is neither a number of bits nor a mask
localhost/8: "localhost" is a name, and only an address can have a prefix: leave /8 out
::/255.0.0.0: "::/255.0.0.0" has no good prefix: "255.0.0.0" is neither a number of bits nor a mask

"#]]
    );
}

#[test]
fn what_is_no_host_at_all_is_told_so() {
    let table: String = [
        "",
        " ",
        "a b",
        "http://x.example:80/",
        "localhost:80",
        "[::1]:80",
        "[::1]",
        "ssh@host",
        "/8",
    ]
    .map(|text| format!("{text}: {}\n", error(text)))
    .concat();
    snapbox::assert_data_eq!(
        table,
        snapbox::str![[r#"
: an address or a name is missing: the text is empty
 : " " is neither an address nor a name: ' ' stands in no name
a b: "a b" is neither an address nor a name: ' ' stands in no name
http://x.example:80/: "http://x.example:80/" is more than a host: step 2 takes it apart (02-ports http://x.example:80/); give this step x.example alone
localhost:80: "localhost:80" is more than a host: step 2 takes it apart (02-ports localhost:80); give this step localhost alone
[::1]:80: "[::1]:80" is more than a host: step 2 takes it apart (02-ports [::1]:80); give this step ::1 alone
[::1]: "[::1]" is more than a host: step 2 takes it apart (02-ports [::1]); give this step ::1 alone
ssh@host: "ssh@host" is neither an address nor a name: '@' stands in no name
/8: "/8" is neither an address nor a name: '/' stands in no name

"#]]
    );
}

#[test]
fn a_mask_means_its_prefix() {
    for (text, net) in [
        ("10.1.2.3/255.0.0.0", "10.1.2.3/8"),
        ("10.1.2.3/255.255.255.255", "10.1.2.3/32"),
        ("10.1.2.3/0.0.0.0", "10.1.2.3/0"),
        ("10.1.2.3/255.255.254.0", "10.1.2.3/23"),
    ] {
        let expected = Subject::Subnet {
            net: net.parse().unwrap(),
            zone: None,
        };
        assert_eq!(text.parse::<Subject>().unwrap(), expected);
    }
}

#[test]
fn a_zone_is_kept_before_the_prefix() {
    let expected = Subject::Subnet {
        net: "fe80::1/64".parse().unwrap(),
        zone: Some("eth0".to_owned()),
    };
    assert_eq!("fe80::1%eth0/64".parse::<Subject>().unwrap(), expected);
}

#[test]
fn a_name_is_what_does_not_end_in_a_number() {
    for name in [
        "localhost",
        "a.example",
        "1.2.3.4x",
        "4.com",
        "xn--bcher-kva.example",
        "_dmarc.a.example",
        "a.",
    ] {
        assert_eq!(name.parse::<Subject>().unwrap(), Subject::Name(name.to_owned()));
    }
}

proptest! {
    #[test]
    fn any_text_gives_a_subject_or_an_error_and_never_a_panic(text in ".*") {
        let _ = text.parse::<Subject>().map_err(|error| error.to_string());
    }

    #[test]
    fn any_text_of_an_addresss_characters_never_panics(text in "[0-9a-fx:./%]{0,40}") {
        let _ = text.parse::<Subject>().map_err(|error| error.to_string());
    }

    #[test]
    fn what_is_printed_is_read_back(address: IpAddr, length in 0_u8..=128) {
        let plain = Subject::Address { address, zone: None };
        prop_assert_eq!(address.to_string().parse::<Subject>().unwrap(), plain);
        if let Ok(net) = ipnet::IpNet::new(address, length) {
            prop_assert_eq!(net.to_string().parse::<Subject>().unwrap(), Subject::Subnet { net, zone: None });
        }
    }
}
