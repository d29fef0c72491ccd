//! The scan, on this machine's loopback and nowhere else.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use ports::conflict::{Options, bind};
use ports::port_list::{self, PortListError};
use ports::scan::{Plan, Verdict, may_be_scanned, scan};
use ports::{Protocol, Registry};
use proptest::prelude::*;
use snapbox::cmd::{Command, cargo_bin};
use socket2::Socket;

fn tool(args: &[&str]) -> Command {
    Command::new(cargo_bin!("02-ports")).args(args)
}

fn plan(target: SocketAddr, ports: Vec<u16>) -> Plan {
    Plan {
        target,
        ports,
        timeout: Duration::from_secs(5),
        at_once: 4,
        per_second: 10_000,
    }
}

/// Two sockets of loopback and their ports: the first one listens; the second one has its port and does not
/// listen, so that nobody else can open it meanwhile.
fn open_and_closed() -> ([Socket; 2], u16, u16) {
    let bound = || bind(([127, 0, 0, 1], 0).into(), Options::default());
    let port = |socket: &Socket| Some(socket.local_addr().ok()?.as_socket()?.port());
    let sockets = match (bound(), bound()) {
        (Ok(open), Ok(closed)) if open.listen(16).is_ok() => [open, closed],
        failed => panic!("cannot listen on loopback: {failed:?}"),
    };
    match (port(&sockets[0]), port(&sockets[1])) {
        (Some(open), Some(closed)) => (sockets, open, closed),
        failed => panic!("a socket without a port: {failed:?}"),
    }
}

#[test]
fn an_open_port_is_told_from_a_closed_one() {
    let (_sockets, open, closed) = open_and_closed();
    let mut verdicts = Vec::new();
    let plan = plan(([127, 0, 0, 1], 0).into(), vec![open, closed]);
    scan(&plan, |port, verdict| verdicts.push((port, verdict))).unwrap();
    verdicts.sort_by_key(|(_, verdict)| verdict.name());
    assert_eq!(verdicts, [(closed, Verdict::Closed), (open, Verdict::Open)]);
}

/// Linux answers nothing at all when the queue of callers is full, just as a firewall does.
#[test]
#[cfg(target_os = "linux")]
fn silence_is_told_from_a_refusal() {
    let server = bind(([127, 0, 0, 1], 0).into(), Options::default()).unwrap();
    server.listen(0).unwrap();
    let address = server.local_addr().unwrap().as_socket().unwrap();
    // One caller fills the queue of such a server; that the next ones are not answered is what is wanted.
    let call = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100));
    let _waiting = [call(), call(), call()];
    let mut verdicts = Vec::new();
    let plan = Plan {
        timeout: Duration::from_millis(50),
        ..plan(address, vec![address.port()])
    };
    scan(&plan, |_, verdict| verdicts.push(verdict)).unwrap();
    assert_eq!(verdicts, [Verdict::Filtered]);
}

#[test]
fn knocks_keep_to_their_rate() {
    let (_sockets, _, closed) = open_and_closed();
    let plan = Plan {
        per_second: 100,
        ..plan(([127, 0, 0, 1], 0).into(), vec![closed; 11])
    };
    let begin = Instant::now();
    let mut knocks = 0;
    scan(&plan, |_, _| knocks += 1).unwrap();
    assert_eq!(knocks, 11);
    assert!(
        begin.elapsed() >= Duration::from_millis(100),
        "the eleventh knock is due after ten hundredths"
    );
}

#[test]
fn an_empty_plan_is_done_at_once() {
    let plan = plan(([127, 0, 0, 1], 0).into(), Vec::new());
    scan(&plan, |port, _| panic!("knocked at {port}")).unwrap();
}

#[test]
fn only_what_cannot_be_a_strangers_may_be_scanned() {
    let mine = [
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.0.1",
        "169.254.0.1",
        "fe80::1",
        "fd00::1",
    ];
    let not_mine = [
        "8.8.8.8",
        "172.32.0.1",
        "100.64.0.1",
        "192.0.2.1",
        "0.0.0.0",
        "::",
        "255.255.255.255",
        "224.0.0.1",
        "2606:4700::1",
        "::ffff:8.8.8.8",
        "64:ff9b::a00:1",
    ];
    for address in mine {
        assert!(may_be_scanned(address.parse::<IpAddr>().unwrap()), "{address}");
    }
    for address in not_mine {
        assert!(!may_be_scanned(address.parse::<IpAddr>().unwrap()), "{address}");
    }
}

#[test]
fn the_tool_refuses_a_strangers_address_before_the_first_knock() {
    tool(&["scan", "8.8.8.8", "53"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(
            "error: 8.8.8.8 is neither this machine nor in a private network: scan what is yours, or say \
         --i-have-permission if its owner allowed it\n",
        );
}

#[test]
fn the_tool_tells_open_and_closed_ports() {
    let (_sockets, open, closed) = open_and_closed();
    let ports = format!("{open},{closed}");
    tool(&["scan", "127.0.0.1", &ports])
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(format!(
            "127.0.0.1  2 port(s) in [..]\n  open      {open}  -\n  closed    {closed}\n"
        ));
    let (low, high) = if open < closed {
        ("open", "closed")
    } else {
        ("closed", "open")
    };
    tool(&["scan", "127.0.0.1", &ports, "--json"])
        .assert()
        .success()
        .stdout_eq(format!(
            "{{\"address\":\"127.0.0.1\",\"port\":{},\"verdict\":\"{low}\",\"service\":null}}\n\
         {{\"address\":\"127.0.0.1\",\"port\":{},\"verdict\":\"{high}\",\"service\":null}}\n",
            open.min(closed),
            open.max(closed)
        ));
}

/// A name may have addresses of both families, and they need not have the same doors.
#[test]
fn all_addresses_of_a_name_are_scanned_if_asked_for_and_named_if_not() {
    let (_sockets, open, _) = open_and_closed();
    let addresses = ip::resolve("localhost", 0, Duration::from_secs(5)).unwrap();
    let heads = |args: &[&str]| {
        let port = open.to_string();
        let output = tool(&["scan", "localhost", &port]).args(args).assert().success();
        String::from_utf8_lossy(&output.get_output().stdout).into_owned()
    };
    let all = heads(&["--all"]);
    let first = heads(&[]);
    for address in &addresses {
        assert!(all.contains(&format!("{}  1 port(s) in ", address.ip())), "{all}");
    }
    for other in addresses
        .iter()
        .filter(|address| address.ip() != addresses[0].ip())
    {
        assert!(first.contains(&format!("also at {}", other.ip())), "{first}");
    }
}

#[test]
fn bad_wishes_are_named() {
    let bad = [
        (
            "127.0.0.1",
            "0-4",
            "error: nobody can be reached on port 0: the first port is 1\n",
        ),
        (
            "127.0.0.1",
            "9-4",
            "error: 9-4 is no range: it ends before it begins\n",
        ),
        ("127.0.0.1", "70000", "error: 70000 is not a port[..]\n"),
        (
            "127.0.0.1",
            "no-such-service",
            "error: \"no-such-service\" is neither a port nor a TCP service: [..]\n",
        ),
        (
            "127.0.0.1:80",
            "80",
            "error: \"127.0.0.1:80\" is more than a host: [..]\n",
        ),
        ("127.1", "80", "error: \"127.1\" is not an IPv4 address: [..]\n"),
    ];
    for (host, ports, message) in bad {
        tool(&["scan", host, ports])
            .assert()
            .code(2)
            .stdout_eq("")
            .stderr_eq(message);
    }
}

#[test]
fn ports_ranges_and_names_make_a_list() {
    let registry = Registry::built_in();
    let ports = port_list::parse("https, 8000-8002,ssh,22", &registry);
    assert_eq!(ports, Ok(vec![22, 443, 8000, 8001, 8002]));
    assert_eq!(
        port_list::in_words(&[1, 2, 3, 5, 65534, 65535]),
        "1-3, 5, 65534-65535"
    );
    assert!(matches!(
        port_list::parse("tftp", &registry),
        Err(PortListError::UnknownService { .. })
    ));
}

#[test]
fn the_usual_ports_are_those_of_tcp_services() {
    let registry = Registry::built_in();
    let usual = port_list::usual(&registry);
    assert!(usual.is_sorted_by(|left, right| left < right));
    assert!(usual.contains(&22) && usual.contains(&61613) && !usual.contains(&69));
    let has_tcp = |port: &u16| {
        registry
            .by_port(*port)
            .any(|service| service.protocols.contains(&Protocol::Tcp))
    };
    assert!(usual.iter().all(has_tcp));
}

proptest! {
    #[test]
    fn no_text_makes_the_list_panic(text in any::<String>(), listed in "[0-9a-z,-]{0,12}") {
        let registry = Registry::built_in();
        let _ = port_list::parse(&text, &registry);
        let _ = port_list::parse(&listed, &registry);
    }

    #[test]
    fn a_list_put_in_words_is_read_back(ports in proptest::collection::btree_set(1_u16.., 1..40)) {
        let ports: Vec<u16> = ports.into_iter().collect();
        let words = port_list::in_words(&ports);
        prop_assert_eq!(port_list::parse(&words, &Registry::built_in()), Ok(ports));
    }
}
