//! Judges exercise 02-4: segments that come to a server, and the user to whom each belongs.

use std::net::SocketAddr;

use super::{Connection, find};

const CONNECTIONS: [(&str, &str, &str); 5] = [
    ("anna", "192.0.2.1:80", "198.51.100.7:40000"),
    ("ben", "192.0.2.1:80", "198.51.100.7:40002"),
    ("cho", "192.0.2.1:80", "203.0.113.9:40000"),
    ("dana", "192.0.2.1:443", "198.51.100.7:40000"),
    ("eun", "192.0.2.2:80", "198.51.100.7:40000"),
];

#[test]
fn every_segment_finds_its_own_connection() {
    let end = |text: &str| text.parse::<SocketAddr>().unwrap();
    let connections = CONNECTIONS.map(|(user, local, remote)| Connection {
        user,
        local: end(local),
        remote: end(remote),
    });
    let strangers = [
        ("", "192.0.2.1:80", "198.51.100.8:40000"),
        ("", "192.0.2.3:80", "198.51.100.7:40000"),
    ];
    let mut told = String::new();
    for (_, destination, source) in CONNECTIONS.into_iter().chain(strangers) {
        let user =
            find(&connections, end(source), end(destination)).map_or("nobody: reset", |found| found.user);
        told += &format!("{source:<18} -> {destination:<13}  {user}\n");
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("02-4-four-numbers", told);
    });
}
