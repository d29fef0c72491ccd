//! Endpoints: what each spelling means, which spellings mean the same, and what is refused.

use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6};

use ports::ssh::parse_ssh_command;
use ports::{Endpoint, EndpointError, default_port};
use proptest::prelude::*;

fn endpoint(text: &str) -> Endpoint {
    text.parse()
        .unwrap_or_else(|error| panic!("{text:?} is a good endpoint: {error}"))
}

fn refusal(text: &str) -> EndpointError {
    match text.parse::<Endpoint>() {
        Ok(endpoint) => panic!("{text:?} is no endpoint, and was read as {endpoint:?}"),
        Err(error) => error,
    }
}

#[test]
fn a_url_hides_its_default_port_or_says_it() {
    let cases = [
        ("http://www.lucidcore.co.kr", 80, true),
        ("http://www.lucidcore.co.kr:80", 80, false),
        ("http://www.lucidcore.co.kr:", 80, true),
        ("http://www.lucidcore.co.kr:080/", 80, false),
        ("https://www.lucidcore.co.kr:443", 443, false),
        ("http://www.lucidcore.co.kr:8080/a:1", 8080, false),
        ("http://www.lucidcore.co.kr/at/12:30", 80, true),
        ("http://www.lucidcore.co.kr?at=12:30", 80, true),
        ("http://www.lucidcore.co.kr#12:30", 80, true),
        ("WSS://pineplus.co.kr:8443/ws", 8443, false),
        ("ws://[::1]", 80, true),
        ("ws://[::1]:80", 80, false),
        ("http://user:80@h", 80, true),
        ("http://h:8080@10.0.0.7", 80, true),
        ("http://user:8080@h:443/@:1", 443, false),
        ("ssh://10.0.0.7", 22, true),
        ("stomp://localhost", 61613, true),
        ("gopher://localhost:70", 70, false),
    ];
    for (text, port, hidden) in cases {
        let endpoint = endpoint(text);
        assert_eq!(
            (endpoint.port(), endpoint.port_was_hidden()),
            (port, hidden),
            "{text}"
        );
    }
}

#[test]
fn a_host_comes_in_its_normal_form() {
    let cases = [
        ("http://WWW.LucidCore.co.KR", "www.lucidcore.co.kr"),
        ("ssh://WWW.LucidCore.co.KR", "www.lucidcore.co.kr"),
        ("LocalHost:80", "localhost"),
        ("http://[2001:DB8:0:0::1]/", "2001:db8::1"),
        ("[2001:DB8:0:0::1]:80", "2001:db8::1"),
        ("[fe80::1%eth0]:80", "fe80::1%eth0"),
        ("http://한국.kr", "xn--3e0b707e.kr"),
        ("한국.kr:80", "xn--3e0b707e.kr"),
        ("ssh://한국.kr", "xn--3e0b707e.kr"),
        ("http://straße.de", "xn--strae-oqa.de"),
        ("my_host.:80", "my_host."),
    ];
    for (text, host) in cases {
        assert_eq!(endpoint(text).host(), host, "{text}");
    }
}

#[test]
fn spellings_of_one_place_are_told_from_other_places() {
    let same = [
        ("http://h", "HTTP://H:80/x"),
        ("http://h", "h:80"),
        ("ws://h", "http://h"),
        ("http://[::1]:8080", "[0:0:0:0:0:0:0:1]:8080"),
        ("http://user@h", "http://h"),
        ("https://한국.kr", "https://xn--3e0b707e.kr:443"),
    ];
    for (left, right) in same {
        assert!(endpoint(left).is_same_place(&endpoint(right)), "{left} {right}");
    }
    let different = [
        ("http://h", "https://h"),
        ("http://h", "http://h:8080"),
        ("http://h", "http://i"),
    ];
    for (left, right) in different {
        assert!(!endpoint(left).is_same_place(&endpoint(right)), "{left} {right}");
    }
}

#[test]
fn the_normal_form_hides_what_may_be_hidden() {
    let cases = [
        ("HTTP://user:secret@H:80", "http://h/"),
        ("https://h:8443/a?b#c", "https://h:8443/a?b"),
        ("ws://[0::1]:80/ws", "ws://[::1]/ws"),
        ("H:80", "h:80"),
    ];
    for (text, normal) in cases {
        assert_eq!(endpoint(text).normal_form(), normal, "{text}");
    }
}

#[test]
fn a_password_in_a_url_is_kept_out_of_everything_that_is_shown() {
    let endpoint = endpoint("http://user:secret@h/x");
    assert_eq!(endpoint.user_info(), Some("user:secret"));
    for shown in [
        endpoint.to_string(),
        endpoint.authority(),
        endpoint.short_authority(),
        endpoint.normal_form(),
        format!("{endpoint:?}"),
    ] {
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[test]
fn a_request_asks_for_path_and_query_and_keeps_the_fragment_to_itself() {
    let cases = [
        ("ws://h", "/"),
        ("stomp://h", "/"),
        ("ws://h?a=b", "/?a=b"),
        ("ws://h/c?a=b#d", "/c?a=b"),
    ];
    for (text, target) in cases {
        assert_eq!(endpoint(text).request_target(), target, "{text}");
    }
}

#[test]
fn a_host_header_names_the_port_only_if_it_is_not_the_default() {
    assert_eq!(endpoint("ws://h:80").short_authority(), "h");
    assert_eq!(endpoint("ws://h:8080").short_authority(), "h:8080");
    assert_eq!(endpoint("wss://[::1]").short_authority(), "[::1]");
    assert_eq!(endpoint("h:80").short_authority(), "h:80");
}

#[test]
fn each_mistake_has_an_error_of_its_own() {
    use EndpointError as E;
    assert!(matches!(refusal(""), E::NoHost { .. }));
    assert!(matches!(refusal(":80"), E::NoHost { .. }));
    assert!(matches!(refusal("http://"), E::NoHost { .. }));
    assert!(matches!(refusal("http:///path"), E::NoHost { .. }));
    assert!(matches!(refusal("file:///etc/services"), E::NoHost { .. }));
    assert!(matches!(refusal("h"), E::NoPort { .. }));
    assert!(matches!(refusal("h:"), E::NoPort { .. }));
    assert!(matches!(refusal("[::1]"), E::NoPort { .. }));
    assert!(matches!(refusal("h:http"), E::BadPort { .. }));
    assert!(matches!(refusal("h:+80"), E::BadPort { .. }));
    assert!(matches!(refusal("h:65536"), E::BadPort { .. }));
    assert!(matches!(refusal("http://h:65536"), E::BadPort { .. }));
    assert!(matches!(refusal("[::1]80"), E::BadPort { .. }));
    assert!(matches!(refusal("::1"), E::NoBrackets { .. }));
    assert!(matches!(refusal("2001:db8::1:80"), E::NoBrackets { .. }));
    assert!(matches!(refusal("http://::1/"), E::NoBrackets { .. }));
    assert!(matches!(refusal("fe80::1%eth0"), E::NoBrackets { .. }));
    assert!(matches!(refusal("[h]:80"), E::BadHost { .. }));
    assert!(matches!(refusal("[::1%]:80"), E::BadHost { .. }));
    assert!(matches!(refusal("[::1:80"), E::BadHost { .. }));
    assert!(matches!(refusal("a:b:80"), E::BadHost { .. }));
    assert!(matches!(refusal("a..b:80"), E::BadHost { .. }));
    assert!(matches!(refusal("300.1.1.1:80"), E::BadHost { .. }));
    assert!(matches!(refusal("010.0.0.1:80"), E::BadHost { .. }));
    assert!(matches!(refusal("http://0x7f000001/"), E::BadHost { .. }));
    assert!(matches!(refusal("http://h%2fi/"), E::BadHost { .. }));
    assert!(matches!(refusal("http://[fe80::1%25eth0]/"), E::ZoneInUrl { .. }));
    assert!(matches!(refusal("gopher://h"), E::NoDefaultPort { .. }));
    assert!(matches!(
        refusal("a b:80"),
        E::BadCharacter { character: ' ', .. }
    ));
    assert!(matches!(
        refusal("http://h\n:80"),
        E::BadCharacter { character: '\n', .. }
    ));
    assert!(matches!(
        refusal("http://h:80\\@evil"),
        E::BadCharacter { character: '\\', .. }
    ));
    assert!(matches!(refusal("user@h:22"), E::UserInfo { .. }));
}

#[test]
fn a_bare_host_takes_the_port_that_the_caller_falls_back_on() {
    let cases = [
        ("localhost", "localhost:8080", true),
        ("localhost:", "localhost:8080", true),
        ("localhost:80", "localhost:80", false),
        ("::1", "[::1]:8080", true),
        ("[::1]", "[::1]:8080", true),
        ("[::1]:80", "[::1]:80", false),
        ("fe80::1%eth0", "[fe80::1%eth0]:8080", true),
        ("ws://h", "h:80", true),
    ];
    for (text, authority, hidden) in cases {
        let endpoint = Endpoint::parse_or_port(text, 8080).unwrap();
        assert_eq!(
            (endpoint.authority().as_str(), endpoint.port_was_hidden()),
            (authority, hidden),
            "{text}"
        );
    }
    assert!(matches!(
        Endpoint::parse_or_port("[::1]x", 1),
        Err(EndpointError::BadPort { .. })
    ));
    assert!(matches!(
        Endpoint::parse_or_port("a b", 1),
        Err(EndpointError::BadCharacter { .. })
    ));
}

#[test]
fn a_socket_address_keeps_its_zone() {
    let address = SocketAddrV6::new(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1), 80, 0, 3);
    assert_eq!(
        Endpoint::from(SocketAddr::V6(address)).to_string(),
        "[fe80::1%3]:80"
    );
}

#[test]
fn an_ssh_command_hides_port_22_or_says_another() {
    let cases = [
        ("ssh 10.0.0.7", "10.0.0.7:22", true, None),
        ("ssh 10.0.0.7 -p 8080", "10.0.0.7:8080", false, None),
        ("ssh -p8080 kim@10.0.0.7", "10.0.0.7:8080", false, Some("kim")),
        ("ssh fe80::1%eth0", "[fe80::1%eth0]:22", true, None),
    ];
    for (command, authority, hidden, user) in cases {
        let endpoint = parse_ssh_command(command).unwrap();
        assert_eq!(endpoint.scheme(), Some("ssh"));
        assert_eq!(
            (
                endpoint.authority().as_str(),
                endpoint.port_was_hidden(),
                endpoint.user_info()
            ),
            (authority, hidden, user),
            "{command}"
        );
    }
    for command in [
        "ssh",
        "ssh -p",
        "ssh h -p x",
        "ssh -v h",
        "ssh h ls",
        "scp h",
        "",
        "ssh h:22 -p 22",
        "ssh ws://h",
    ] {
        parse_ssh_command(command).expect_err(command);
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in any::<String>(), port: u16) {
        let _ = text.parse::<Endpoint>();
        let _ = Endpoint::parse_or_port(&text, port);
        let _ = parse_ssh_command(&text);
    }

    #[test]
    fn no_text_that_looks_like_an_endpoint_makes_a_parser_panic(
        text in "(http|ws|ssh|x)?(://)?[a-z@]{0,3}[\\[]?[0-9a-f:.%]{0,12}\\]?:?[0-9:]{0,6}[/?#@a-z:]{0,4}",
    ) {
        if let Ok(endpoint) = text.parse::<Endpoint>() {
            prop_assert!(!endpoint.host().is_empty());
        }
    }

    #[test]
    fn printing_and_parsing_again_is_identity(text in "[a-z]{1,9}://[a-z0-9-]{1,20}:[0-9]{1,5}(/[a-z]{0,5}){0,3}") {
        if let Ok(endpoint) = text.parse::<Endpoint>() {
            prop_assert_eq!(endpoint.to_string().parse::<Endpoint>().unwrap(), endpoint);
        }
    }

    #[test]
    fn the_normal_form_is_its_own_normal_form_and_leads_to_the_same_place(
        scheme in "http|https|ws|wss|ssh|HTTP",
        host in "[A-Za-z][A-Za-z0-9]{0,8}|\\[[0-9a-f]{1,4}::[0-9a-f]{1,4}\\]|10\\.[0-9]\\.0\\.7",
        port in proptest::option::of(1_u16..),
    ) {
        let text = format!("{scheme}://{host}{}", port.map_or(String::new(), |port| format!(":{port}")));
        let endpoint = endpoint(&text);
        let normal: Endpoint = endpoint.normal_form().parse().unwrap();
        prop_assert!(normal.is_same_place(&endpoint));
        prop_assert_eq!(normal.normal_form(), endpoint.normal_form());
        prop_assert_eq!(normal.port_was_hidden(), Some(endpoint.port()) == default_port(&scheme.to_lowercase()));
    }

    /// What this crate reads out of a URL and what the `url` crate connects to must never be two places.
    #[test]
    fn host_and_port_are_those_of_the_url_standard(
        text in "(http|ws|https)://([a-z:]{0,4}@)?([a-z0-9.-]{1,8}|\\[[0-9a-f:]{2,9}\\])(:[0-9]{0,5})?[/?#a-z@:]{0,6}",
    ) {
        if let Ok(endpoint) = text.parse::<Endpoint>() {
            let url = url::Url::parse(&text).unwrap();
            prop_assert_eq!(endpoint.host(), url.host_str().unwrap().trim_matches(['[', ']']));
            prop_assert_eq!(Some(endpoint.port()), url.port_or_known_default());
        }
    }
}

#[test]
fn a_reference_is_read_from_the_url_where_it_was_found() {
    let here: Endpoint = "ws://user:secret@chat.example:8080/rooms/1?a=b".parse().unwrap();
    for (reference, leads_to) in [
        ("wss://other.example/x", "wss://other.example:443/x"),
        ("//other.example/x", "ws://other.example:80/x"),
        ("/x?y", "ws://chat.example:8080/x?y"),
        ("2", "ws://chat.example:8080/rooms/2"),
        ("http://mallory@other.example", "http://other.example:80/"),
    ] {
        let there = here.join(reference).unwrap();
        assert_eq!(there.to_string(), leads_to);
        assert_eq!(there.user_info(), None);
    }
    assert!(here.join("x\r\ny").is_err());
    assert!(Endpoint::new("chat.example", 80).join("/x").is_err());
}
