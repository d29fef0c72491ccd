//! Judges exercise 02-2: predictions about a port that is asked for twice.

use super::PREDICTIONS;

#[test]
fn predictions_agree_with_what_linux_says() {
    let rows = PREDICTIONS.map(|(who, gets_it)| format!("{who:<32} {gets_it}\n"));
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("02-2-twice", rows.concat());
    });
    // Not in a test beside this one: insta starts a program, which for a moment holds copies of all sockets of this one.
    #[cfg(target_os = "linux")]
    linux_says_what_the_key_says();
}

/// So that the key is right: the same sockets, opened here.
#[cfg(target_os = "linux")]
fn linux_says_what_the_key_says() {
    use std::net::IpAddr;

    use ports::conflict::{Options, bind, bind_datagram};

    let plain = Options::default();
    let server = bind(([127, 0, 0, 1], 0).into(), plain).unwrap();
    server.listen(1).unwrap();
    let port = server.local_addr().unwrap().as_socket().unwrap().port();
    let key = include_str!("answers/02-2-twice.snap");
    for (who, _) in PREDICTIONS {
        let address = who[4..].split(',').next().unwrap().trim_matches(['[', ']']);
        let wanted = (address.parse::<IpAddr>().unwrap(), port).into();
        let options = Options {
            only_v6: who.contains("V6ONLY"),
            ..plain
        };
        let outcome = if who.starts_with("UDP") {
            bind_datagram(wanted, options)
        } else {
            bind(wanted, options)
        };
        let gets_it = if outcome.is_ok() { "yes" } else { "no" };
        let row = format!("{who:<32} {gets_it}");
        assert!(key.lines().any(|line| line == row), "{row}");
    }
}
