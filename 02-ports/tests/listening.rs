//! Who listens here, and who is in the way: this test's own sockets are found, and named.

use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process;
use std::sync::{Mutex, PoisonError};

use ports::cause::{Cause, Overlap, causes};
use ports::conflict::{Options, bind};
use ports::reach::behind;
use ports::socket_table::{self, Entry, Process, State};
use ports::{Protocol, Reach};
use snapbox::cmd::{Command, OutputAssert, cargo_bin};

/// Runs the tool, and no other at the same time: a program that is being started holds for a moment copies of all sockets
/// of this one, so they would have two owners, and outlive their end.
fn run(args: &[&str]) -> OutputAssert {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    Command::new(cargo_bin!("02-ports")).args(args).assert()
}

fn held(state: State, local: &str) -> Entry {
    Entry {
        protocol: Protocol::Tcp,
        local: local.parse().unwrap_or_else(|error| panic!("{local}: {error}")),
        remote: None,
        state,
        process: None,
    }
}

fn in_the_way(wanted: &str, table: &[Entry]) -> Vec<(State, Overlap, usize)> {
    let wanted: SocketAddr = wanted.parse().unwrap_or_else(|error| panic!("{wanted}: {error}"));
    let what = |cause: &Cause| (cause.state, cause.overlap, cause.count);
    causes(Protocol::Tcp, wanted, table).iter().map(what).collect()
}

#[test]
fn a_listener_is_found_with_its_process_and_its_reach() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let id = process::id();
    run(&["listening", &address.port().to_string(), "--json"])
        .success()
        .stdout_eq(format!(
            "{{\"protocol\":\"tcp\",\"address\":\"{address}\",\"port\":{},\"service\":null,\"process\":\"[..]\",\
             \"process_id\":{id},\"reach\":\"this machine only\",\"open_to_others\":false}}\n",
            address.port()
        ));
}

#[test]
fn a_datagram_socket_is_found_too_and_a_connection_is_not() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let found = socket_table::listening().unwrap();
    let on = |protocol: Protocol, address: SocketAddr| {
        found
            .iter()
            .any(|entry| entry.protocol == protocol && entry.local == address)
    };
    assert!(on(Protocol::Tcp, server.local_addr().unwrap()));
    assert!(on(Protocol::Udp, datagrams.local_addr().unwrap()));
    assert!(!on(Protocol::Tcp, client.local_addr().unwrap()));
}

#[test]
fn the_table_for_people_has_a_line_for_each_socket() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let id = process::id();
    run(&["listening", &address.port().to_string()])
        .success()
        .stdout_eq(format!(
            "       address                   usual service   process                 reached from\n\
             tcp    {address}[..]-[..]({id})[..]this machine only\n"
        ));
}

#[test]
fn a_port_that_nobody_has_says_so() {
    // Bound, but not listening: so nobody else can listen there meanwhile.
    let socket = bind(([127, 0, 0, 1], 0).into(), Options::default()).unwrap();
    let port = socket
        .local_addr()
        .unwrap()
        .as_socket()
        .unwrap()
        .port()
        .to_string();
    run(&["listening", &port]).success().stdout_eq("nobody listens\n");
}

#[test]
fn reach_follows_the_class_of_the_address() {
    let cases = [
        ("127.0.0.1", Reach::ThisMachine),
        ("127.9.9.9", Reach::ThisMachine),
        ("::1", Reach::ThisMachine),
        ("::ffff:127.0.0.1", Reach::ThisMachine),
        ("0.0.0.0", Reach::EveryAddress),
        ("::", Reach::EveryAddress),
        ("192.168.0.10", Reach::SameNetwork),
        ("172.20.0.5", Reach::SameNetwork),
        ("fd00::1", Reach::SameNetwork),
        ("169.254.1.1", Reach::SameLink),
        ("fe80::1", Reach::SameLink),
        ("8.8.8.8", Reach::Internet),
        ("2606:4700::1", Reach::Internet),
        ("224.0.0.251", Reach::Group),
        ("203.0.113.7", Reach::Nowhere),
    ];
    for (address, reach) in cases {
        assert_eq!(Reach::of(address.parse::<IpAddr>().unwrap()), reach, "{address}");
    }
}

#[test]
fn a_wildcard_is_every_address_of_this_machine_and_these_are_told() {
    let server = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = server.local_addr().unwrap().port().to_string();
    run(&["listening", &port]).success().stdout_eq(format!(
        "[..]\ntcp    0.0.0.0:{port}[..]every address of this machine\n0.0.0.0 is, on this machine:\n  127.0.0.1 [..] reached \
         from this machine only\n...\n"
    ));
    let told = run(&["listening", &port, "--json"])
        .success()
        .get_output()
        .stdout
        .clone();
    let facts: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(facts["reached_on"][0], "127.0.0.1");
}

#[test]
fn the_wildcard_of_ipv6_is_both_families_and_that_of_ipv4_is_one() {
    let here: Vec<IpAddr> = ["127.0.0.1", "::1", "192.168.0.10"]
        .map(|text| text.parse().unwrap())
        .into();
    assert_eq!(behind("0.0.0.0".parse().unwrap(), &here), [here[0], here[2]]);
    assert_eq!(behind("::".parse().unwrap(), &here), here);
}

#[test]
fn the_cause_of_a_conflict_is_how_two_addresses_overlap() {
    let cases = [
        ("127.0.0.1:80", "127.0.0.1:80", Some(Overlap::Same)),
        ("[::ffff:127.0.0.1]:80", "127.0.0.1:80", Some(Overlap::Same)),
        ("0.0.0.0:80", "127.0.0.1:80", Some(Overlap::HeldIsWildcard)),
        ("[::]:80", "[::1]:80", Some(Overlap::HeldIsWildcard)),
        ("127.0.0.1:80", "0.0.0.0:80", Some(Overlap::WantedIsWildcard)),
        ("[::]:80", "127.0.0.1:80", Some(Overlap::DualStack)),
        ("[::]:80", "0.0.0.0:80", Some(Overlap::DualStack)),
        ("127.0.0.1:80", "[::]:80", Some(Overlap::DualStack)),
        ("127.0.0.1:80", "127.0.0.2:80", None),
        ("0.0.0.0:80", "[::1]:80", None),
        ("127.0.0.1:80", "127.0.0.1:81", None),
    ];
    for (holder, wanted, overlap) in cases {
        let found = in_the_way(wanted, &[held(State::Listening, holder)]);
        let expected: Vec<_> = overlap
            .map(|overlap| (State::Listening, overlap, 1))
            .into_iter()
            .collect();
        assert_eq!(found, expected, "{holder} is held, {wanted} is wanted");
    }
}

#[test]
fn ended_connections_are_counted_and_come_after_the_server() {
    let ended = held(State::TimeWait, "127.0.0.1:80");
    let table = [
        ended.clone(),
        ended.clone(),
        held(State::Listening, "0.0.0.0:80"),
        ended,
    ];
    assert_eq!(
        in_the_way("127.0.0.1:80", &table),
        [
            (State::Listening, Overlap::HeldIsWildcard, 1),
            (State::TimeWait, Overlap::Same, 3)
        ]
    );
}

#[test]
fn a_cause_reads_as_a_sentence() {
    let mut server = held(State::Listening, "0.0.0.0:80");
    server.process = Some(Process {
        id: 42,
        name: "shop".to_owned(),
    });
    let causes = causes(Protocol::Tcp, "127.0.0.1:80".parse().unwrap(), &[server]);
    assert_eq!(
        causes[0].to_string(),
        "shop (process 42) listens on 0.0.0.0:80; a wildcard is every address of its family"
    );
}

#[test]
fn a_port_in_use_is_answered_with_the_one_who_has_it() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap().to_string();
    let id = process::id();
    run(&["conflict", &address]).code(1).stdout_eq(format!(
        "{address}  [..]\n  because [..] (process {id}) listens on {address}\n"
    ));
    drop(server);
    run(&["conflict", &address])
        .success()
        .stdout_eq(format!("{address}  can be had\n"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_port_in_time_wait_is_named_as_that() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let client = TcpStream::connect(address).unwrap();
    drop(server.accept().unwrap());
    std::io::copy(&mut &client, &mut std::io::sink()).unwrap();
    drop(client);
    drop(server);
    run(&["conflict", &address.to_string(), "--json"])
        .code(1)
        .stdout_eq(format!(
            "{{\"address\":\"{address}\",\"protocol\":\"tcp\",\"free\":false,\"system_said\":\"Address already in use (os error 98)\",\
             \"causes\":[\"1 connection(s) of {address} ended a moment ago and are in TIME_WAIT[..]\"]}}\n"
        ));
}

#[test]
fn a_place_that_is_no_address_of_this_machine_says_so() {
    run(&["conflict", "203.0.113.7:80"])
        .code(1)
        .stdout_eq("203.0.113.7:80  [..]\n  because 203.0.113.7 is no address of this machine\n");
    run(&["conflict", "localhost"]).code(2).stdout_eq("").stderr_eq(
        "error: \"localhost\" is no address of this machine with a port: write PORT, 127.0.0.1:PORT or [::1]:PORT, and /udp behind it for UDP\n",
    );
}
