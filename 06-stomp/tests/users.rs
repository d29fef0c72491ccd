//! Users: who is let in, what each may do, and what it costs to guess.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use argon2::{Argon2, Params, PasswordHasher};
use common::{Broker, PATIENCE, Transport};
use ports::Endpoint;
use snapbox::cmd::{Command, cargo_bin};
use stomp::users::delays::Delays;
use stomp::users::file::set_passcode;
use stomp::users::gate::Gate;
use stomp::users::passcode::Hash;
use stomp::users::rights::{Right, Rights};
use stomp::users::{LineFault, Login};
use stomp::{Client, ClientOptions, Destination, Error, Fault, Server, ServerOptions, Users, UsersError};
use websocket::tls::{ClientTls, ServerTls, TestCertificate};
use websocket::{ConnectOptions, WebSocket};

const BOTH: [Transport; 2] = [Transport::Tcp, Transport::WebSocket];

/// A hash that takes no time: nobody is to be kept from guessing here.
fn cheap_hash(passcode: &str) -> String {
    let costs = Params::new(8, 1, 1, None).unwrap();
    let argon2 = Argon2::from(costs);
    argon2.hash_password(passcode.as_bytes()).unwrap().to_string()
}

fn users() -> Users {
    let hash = cheap_hash("secret");
    Users::parse(&format!(
        "# who is who\n\nalice {hash} read /topic/> /queue/in write /topic/chat.* /queue/orders.>\nbob {hash}\n"
    ))
    .unwrap()
}

fn options() -> ServerOptions {
    ServerOptions {
        users: Some(users()),
        ..ServerOptions::default()
    }
}

fn login(name: &str, passcode: &str) -> ClientOptions {
    ClientOptions {
        login: Some(name.to_owned()),
        passcode: Some(passcode.to_owned()),
        timeout: PATIENCE,
        ..ClientOptions::default()
    }
}

const AS_ALICE: &str = "CONNECT\naccept-version:1.2\nhost:localhost\nlogin:alice\npasscode:secret\n\n^@";

#[test]
fn a_user_with_the_right_passcode_is_let_in_over_every_transport() {
    let broker = Broker::start(Transport::Tcp, options());
    for url in [&broker.urls.tcp, &broker.urls.web_socket] {
        let client = Client::connect(url, &login("alice", "secret")).unwrap();
        let topic = client.subscribe("/topic/chat.a").unwrap();
        client.send("/topic/chat.a", "hello").unwrap();
        assert_eq!(topic.next_within(PATIENCE).unwrap().text(), "hello");
        client.disconnect().unwrap();
    }
}

#[test]
fn what_comes_right_behind_connect_waits_for_the_verdict() {
    for transport in BOTH {
        let mut raw = Broker::start(transport, options()).connect();
        raw.says(AS_ALICE);
        raw.says("SUBSCRIBE\nid:0\ndestination:/topic/chat.a\nreceipt:s\n\n^@");
        raw.says("SEND\ndestination:/topic/chat.a\n\nhello^@");
        raw.hears("CONNECTED\nversion:1.2\n");
        raw.hears_receipt("s");
        raw.hears_message("hello");
    }
}

#[test]
fn a_wrong_passcode_and_an_unknown_user_get_the_same_error_and_are_closed() {
    for transport in BOTH {
        let broker = Broker::start(transport, options());
        let connects = [
            "login:alice\npasscode:wrong\n",
            "login:nobody\npasscode:secret\n",
            "login:alice\n",
            "",
        ];
        let errors = connects.map(|headers| {
            let mut raw = broker.connect();
            raw.says(&format!(
                "CONNECT\naccept-version:1.2\nhost:localhost\n{headers}\n^@SEND\ndestination:/topic/chat.a\n\nx^@"
            ));
            raw.is_refused("wrong login or passcode")
        });
        assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
    }
}

#[test]
fn what_no_rule_allows_is_refused() {
    let refused = [
        "SEND\ndestination:/topic/price\nreceipt:x\n\nx^@",
        // Without a receipt it could go the short way.
        "SEND\ndestination:/topic/price\n\nx^@",
        "SEND\ndestination:/topic/chat.a.b\n\nx^@",
        "SEND\ndestination:/queue/in\n\nx^@",
        "SEND\ndestination:/temp-queue/x\n\nx^@",
        "BEGIN\ntransaction:t\n\n^@SEND\ndestination:/topic/price\ntransaction:t\n\nx^@",
        "SUBSCRIBE\nid:1\ndestination:/queue/orders.new\n\n^@",
    ];
    for transport in BOTH {
        let broker = Broker::start(transport, options());
        for frame in refused {
            let mut raw = broker.connect();
            raw.says(AS_ALICE);
            raw.hears("CONNECTED\n");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/chat.*\nreceipt:s\n\n^@");
            raw.hears_receipt("s");
            // What is allowed makes nothing else allowed.
            raw.says(
                "SEND\ndestination:/topic/chat.a\n\nhello^@SEND\ndestination:/queue/orders.new.big\n\nx^@",
            );
            raw.hears_message("hello");
            raw.says(frame);
            raw.is_refused("no rule of this broker's users allows it");
        }
    }
}

#[test]
fn a_new_user_may_do_nothing_but_receive_answers() {
    let broker = Broker::start(Transport::Tcp, options());
    let client = || Client::connect(&broker.urls.tcp, &login("bob", "secret")).unwrap();
    client().subscribe("/temp-queue/answers").unwrap();
    let refused = [
        client().subscribe("/topic/a").map(drop),
        client().send_with_receipt("/topic/a", "x"),
    ];
    for result in refused {
        let error = result.unwrap_err();
        assert!(error.to_string().contains("not allowed"), "{error}");
    }
}

#[test]
fn a_subscription_to_a_pattern_needs_a_rule_for_all_of_it() {
    let allows = |rule: &str, wanted: &str| {
        let rights = Rights::new(&[rule.to_owned()], &[]).unwrap();
        let wanted = Destination::to_subscribe(wanted).unwrap();
        assert!(rights.check(Right::Write, &wanted).is_err());
        rights.check(Right::Read, &wanted).is_ok()
    };
    for (rule, wanted) in [
        ("/topic/>", "/topic/>"),
        ("/topic/#", "/topic/a.*.c"),
        ("/topic/price.*", "/topic/price.*"),
        ("/topic/price.*", "/topic/price.krw"),
        ("/topic/*.krw", "/topic/price.krw"),
        ("/topic/price.>", "/topic/price"),
        ("/queue/a.*", "/queue/a.b"),
    ] {
        assert!(allows(rule, wanted), "{rule} should allow {wanted}");
    }
    for (rule, wanted) in [
        ("/topic/price.*", "/topic/price.>"),
        ("/topic/price.*", "/topic/>"),
        ("/topic/price.krw", "/topic/price.*"),
        ("/topic/price.*", "/topic/price"),
        ("/topic/price.*", "/topic/price.krw.seoul"),
        ("/topic/>", "/queue/a"),
        ("/queue/a.*", "/queue/a.b.c"),
        ("/queue/a", "/queue/ab"),
    ] {
        assert!(!allows(rule, wanted), "{rule} should not allow {wanted}");
    }
}

/// What a gate says to a login that comes from there.
fn verdict(gate: &Gate, name: &str, passcode: &str, from: &str) -> Result<String, Fault> {
    let login = Login {
        name: name.to_owned(),
        passcode: passcode.to_owned(),
    };
    let (tell, verdict) = mpsc::channel();
    gate.check(login, from.parse().unwrap(), move |verdict| {
        tell.send(verdict).unwrap();
    })?;
    verdict
        .recv_timeout(PATIENCE)
        .unwrap()
        .map(|user| user.name.clone())
}

#[test]
fn a_name_that_does_not_exist_costs_a_hash_like_one_that_does() {
    let gate = Gate::new(users());
    let attempts = [
        ("alice", "secret"),
        ("alice", "wrong"),
        ("nobody", "secret"),
        ("", ""),
    ];
    for (count, (name, passcode)) in (1..).zip(attempts) {
        let expected = (count == 1).then(|| "alice".to_owned());
        // From elsewhere each time, or it would have to wait.
        let from = format!("127.0.0.{count}");
        assert_eq!(
            verdict(&gate, name, passcode, &from),
            expected.ok_or(Fault::WrongLogin)
        );
        assert_eq!(gate.checked(), count);
    }
}

/// How long an attempt has to wait after so many failures.
fn wait(delays: &Delays, address: &str, name: &str, now: Instant) -> Duration {
    let address: IpAddr = address.parse().unwrap();
    let until = delays.until(address, name, now);
    until.map_or(Duration::ZERO, |until| until - now)
}

#[test]
fn failures_from_one_address_double_the_wait_whatever_the_name() {
    let (mut delays, now) = (Delays::default(), Instant::now());
    let mut waits = Vec::new();
    for count in 0..12 {
        waits.push(wait(&delays, "192.0.2.1", "new", now).as_millis());
        delays.failed("192.0.2.1".parse().unwrap(), &format!("user{count}"), now);
    }
    assert_eq!(
        waits,
        [0, 0, 0, 250, 500, 1000, 2000, 4000, 8000, 16000, 16000, 16000]
    );
    assert_eq!(wait(&delays, "192.0.2.2", "new", now), Duration::ZERO);
    let later = now + Duration::from_secs(17);
    assert_eq!(wait(&delays, "192.0.2.1", "new", later), Duration::ZERO);
}

#[test]
fn failures_for_one_name_slow_all_addresses_but_never_by_more_than_a_second() {
    let (mut delays, now) = (Delays::default(), Instant::now());
    for count in 0..100 {
        delays.failed(IpAddr::from([192, 0, 2, count]), "alice", now);
    }
    assert_eq!(
        wait(&delays, "198.51.100.1", "alice", now),
        Duration::from_secs(1)
    );
    assert_eq!(wait(&delays, "198.51.100.1", "bob", now), Duration::ZERO);
}

#[test]
fn a_whole_network_of_ipv6_counts_as_one_address() {
    let (mut delays, now) = (Delays::default(), Instant::now());
    for count in 0..4 {
        let address: IpAddr = format!("2001:db8::{count}").parse().unwrap();
        delays.failed(address, &count.to_string(), now);
    }
    assert!(wait(&delays, "2001:db8::ffff", "new", now) > Duration::ZERO);
    assert_eq!(wait(&delays, "2001:db8:0:1::1", "new", now), Duration::ZERO);
}

#[test]
fn old_failures_are_forgotten_and_the_tables_stay_bounded() {
    let (mut delays, now) = (Delays::default(), Instant::now());
    for _ in 0..10 {
        delays.failed(IpAddr::from([192, 0, 2, 1]), "alice", now);
    }
    let later = now + Duration::from_secs(601);
    delays.failed(IpAddr::from([192, 0, 2, 1]), "alice", later);
    assert_eq!(wait(&delays, "192.0.2.1", "alice", later), Duration::ZERO);
    for number in 0..10_500_u32 {
        delays.failed(IpAddr::from(number.to_be_bytes()), &number.to_string(), later);
    }
    let text = format!("{delays:?}");
    assert_eq!(
        text.matches("count:").count(),
        20_000,
        "10,000 addresses and 10,000 names"
    );
}

#[test]
fn guessing_is_slowed_and_others_are_served_meanwhile() {
    let broker = Broker::start(Transport::Tcp, options());
    let friend = Client::connect(&broker.urls.tcp, &login("alice", "secret")).unwrap();
    let guess = |number: u32| {
        let mut raw = broker.connect();
        raw.says(&format!(
            "CONNECT\naccept-version:1.2\nhost:localhost\nlogin:bob\npasscode:guess{number}\n\n^@"
        ));
        raw
    };
    let started = Instant::now();
    for number in 0..5 {
        guess(number).is_refused("wrong login");
    }
    // The fourth guess waited 250 ms after the third, the fifth 500 ms after the fourth.
    assert!(started.elapsed() >= Duration::from_millis(750));
    let asked = Instant::now();
    let mut slowed = guess(5);
    for _ in 0..10 {
        friend.send_with_receipt("/topic/chat.a", "hello").unwrap();
    }
    let served = asked.elapsed();
    slowed.is_refused("wrong login");
    assert!(served < asked.elapsed());
}

#[test]
fn an_address_that_guesses_at_once_many_times_does_not_fill_the_line() {
    let gate = Gate::new(users());
    for number in 0..4 {
        let _ = verdict(&gate, &number.to_string(), "guess", "192.0.2.1");
    }
    let attempt = |from: &str| {
        let login = Login {
            name: "alice".to_owned(),
            passcode: "guess".to_owned(),
        };
        gate.check(login, from.parse().unwrap(), |_| {})
    };
    let answers: Vec<_> = (0..100).map(|_| attempt("192.0.2.1")).collect();
    assert!(answers.iter().filter(|answer| answer.is_ok()).count() < 20);
    assert_eq!(answers.last().unwrap(), &Err(Fault::TooManyLogins));
    assert_eq!(attempt("192.0.2.2"), Ok(()));
}

/// Alice's login, with another passcode.
fn guess() -> Login {
    Login {
        name: "alice".to_owned(),
        passcode: "guess".to_owned(),
    }
}

#[test]
fn a_network_of_ipv6_that_guesses_from_many_addresses_does_not_fill_the_line() {
    let gate = Gate::new(users());
    for number in 0..4 {
        let _ = verdict(
            &gate,
            &number.to_string(),
            "guess",
            &format!("2001:db8::{number}"),
        );
    }
    let from = |number| format!("2001:db8::1:{number:x}").parse().unwrap();
    let answers = (0..100).map(|number| gate.check(guess(), from(number), |_| {}));
    assert!(answers.filter(Result::is_ok).count() < 20);
}

#[test]
fn who_comes_many_times_before_the_first_failure_does_not_fill_the_line_either() {
    const ATTEMPTS: usize = 2_000;
    let gate = Gate::new(users());
    let (tell, verdicts) = mpsc::channel();
    for _ in 0..ATTEMPTS {
        let (told, at_once) = (tell.clone(), tell.clone());
        let checked = gate.check(guess(), "192.0.2.1".parse().unwrap(), move |verdict| {
            told.send(verdict.map(|_| ())).unwrap();
        });
        if let Err(fault) = checked {
            at_once.send(Err(fault)).unwrap();
        }
    }
    // All but those few that may wait until their time has come.
    for _ in 0..ATTEMPTS - 16 {
        let verdict = verdicts.recv_timeout(PATIENCE).unwrap();
        assert!(matches!(verdict, Err(Fault::WrongLogin | Fault::TooManyLogins)));
    }
    assert!(gate.checked() < 20, "{} were checked", gate.checked());
    assert_eq!(verdict(&gate, "bob", "secret", "192.0.2.2"), Ok("bob".to_owned()));
}

#[test]
fn a_name_that_nobody_can_have_is_not_kept_in_line() {
    let gate = Gate::new(users());
    for (name, passcode) in [
        ("x".repeat(5_000), "secret".to_owned()),
        ("alice".to_owned(), "x".repeat(5_000)),
    ] {
        let refused = verdict(&gate, &name, &passcode, "192.0.2.1");
        assert_eq!(refused, Err(Fault::WrongLogin));
    }
    assert_eq!(gate.checked(), 0);
}

#[test]
fn how_the_broker_is_concerns_nobody_without_a_rule_for_it() {
    let destination = Destination::to_subscribe("/topic/$SYS/status").unwrap();
    for (rule, is_allowed) in [
        ("/topic/>", false),
        ("/topic/*/status", false),
        ("/topic/$SYS/>", true),
    ] {
        let rights = Rights::new(&[rule.to_owned()], &[]).unwrap();
        assert_eq!(
            rights.check(Right::Read, &destination).is_ok(),
            is_allowed,
            "{rule}"
        );
    }
}

#[test]
fn nobody_makes_so_many_durable_subscriptions_that_others_can_make_none() {
    let mut options = options();
    options.session.limits.subscriptions = 20;
    let broker = Broker::start(Transport::Tcp, options);
    let mut raw = broker.connect();
    raw.says(AS_ALICE);
    raw.hears("CONNECTED\n");
    for id in ["one", "two", "one more"] {
        raw.says(&format!(
            "SUBSCRIBE\nid:{id}\ndestination:/topic/a\ndurable:true\nauto-delete:false\nreceipt:{id}\n\n^@"
        ));
    }
    raw.hears_receipt("one");
    raw.hears_receipt("two");
    raw.is_refused("more than 2 durable subscriptions of one user");
}

#[test]
fn a_page_of_another_origin_is_refused() {
    let broker = Broker::start(
        Transport::WebSocket,
        ServerOptions {
            origins: Some(vec!["https://chat.example".to_owned()]),
            ..options()
        },
    );
    let from = |origin: &str| {
        let options = ConnectOptions {
            origin: Some(origin.to_owned()),
            subprotocols: vec!["v12.stomp".to_owned()],
            ..ConnectOptions::default()
        };
        WebSocket::connect(&broker.urls.web_socket, &options).map(drop)
    };
    from("https://chat.example").unwrap();
    let error = from("https://evil.example").unwrap_err();
    assert!(error.to_string().contains("403"), "{error}");
}

#[test]
fn our_client_refuses_a_broker_with_the_wrong_certificate() {
    let certificate = TestCertificate::new(&["broker.example"]).unwrap();
    let urls = Server::start_on_loopback(ServerOptions {
        certificate: Some(ServerTls::from_test(&certificate).unwrap()),
        ..options()
    })
    .unwrap();
    let another = TestCertificate::new(&["127.0.0.1"]).unwrap();
    let trusts = [
        // It is for another name.
        Some(ClientTls::trusting_test(&certificate).unwrap()),
        // It comes from somebody whom the client does not trust.
        Some(ClientTls::trusting_test(&another).unwrap()),
        // Nobody whom this machine trusts has made it.
        None,
    ];
    for tls in trusts {
        for url in [&urls.tls, &urls.web_socket_tls] {
            let options = ClientOptions {
                tls: tls.clone(),
                ..login("alice", "secret")
            };
            let error = Client::connect(url, &options).unwrap_err();
            assert!(error.to_string().contains("certificate"), "{error}");
        }
    }
}

#[test]
fn without_users_only_loopback_is_listened_on() {
    for host in ["0.0.0.0", "::", "192.0.2.1"] {
        let options = ServerOptions {
            tcp: None,
            web_socket: Some(Endpoint::new(host, 0)),
            ..ServerOptions::default()
        };
        let error = Server::bind(options).err().unwrap();
        assert!(matches!(error, Error::OpenToAll { .. }), "{error}");
    }
    for host in ["127.0.0.1", "localhost"] {
        let options = ServerOptions {
            tcp: Some(Endpoint::new(host, 0)),
            web_socket: None,
            ..ServerOptions::default()
        };
        Server::bind(options).unwrap();
    }
}

#[test]
fn a_line_that_says_nothing_sensible_is_named() {
    let hash = cheap_hash("secret");
    let fault = |text: &str| match Users::parse(text).unwrap_err() {
        UsersError::Line { number, fault } => (number, fault),
        error => panic!("{error}"),
    };
    let name = || "alice".to_owned();
    assert_eq!(fault("\nalice"), (2, LineFault::NoHash { name: name() }));
    assert_eq!(fault("alice secret"), (1, LineFault::NotAHash { name: name() }));
    let twice = format!("alice {hash}\nalice {hash}");
    assert_eq!(fault(&twice), (2, LineFault::Twice { name: name() }));
    let word = "/topic/a".to_owned();
    assert_eq!(
        fault(&format!("alice {hash} /topic/a")),
        (1, LineFault::NoRight { word })
    );
    let (_, fault) = fault(&format!("alice {hash} read topic"));
    assert!(matches!(fault, LineFault::Destination(_)));
}

#[test]
fn a_hash_is_of_one_passcode_and_has_the_costs_that_are_advised() {
    let hash = Hash::new("correct horse").unwrap();
    assert!(hash.is_of("correct horse"));
    assert!(!hash.is_of("correct horsE"));
    assert!(hash.to_string().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_ne!(
        hash,
        Hash::new("correct horse").unwrap(),
        "each has a salt of its own"
    );
    for passcode in ["", "two\nlines", "nul\0"] {
        assert!(matches!(Hash::new(passcode), Err(UsersError::Passcode)));
    }
}

#[test]
fn a_new_passcode_leaves_everything_else_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    let hash = cheap_hash("secret");
    let bob = format!("bob {hash} read /topic/a");
    fs::write(&path, format!("# friends\n{bob}\nalice {hash} write /topic/b\n")).unwrap();
    set_passcode(&path, "alice", "new", None).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..2], ["# friends", &bob]);
    assert!(lines[2].starts_with("alice $argon2id$v=19$m=19456,") && lines[2].ends_with(" write /topic/b"));
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
    let check = |name: &str, passcode: &str| {
        let login = Login {
            name: name.to_owned(),
            passcode: passcode.to_owned(),
        };
        Users::load(&path).unwrap().check(&login).is_some()
    };
    assert!(check("alice", "new") && !check("alice", "secret") && check("bob", "secret"));
}

#[test]
fn the_file_in_the_book_is_one() {
    let users = Users::load("tests/snapshots/users.txt".as_ref()).unwrap();
    let login = Login {
        name: "alice".to_owned(),
        passcode: "correct horse".to_owned(),
    };
    let rights = users.check(&login).unwrap().rights.to_string();
    assert_eq!(rights, " read /topic/> write /queue/orders.*");
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    set_passcode(&path, "alice", "secret", None).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

fn passwd(args: &[&str], passcode: &str) -> snapbox::cmd::OutputAssert {
    let mut command = std::process::Command::new(cargo_bin!("06-stomp"));
    let mut process = command
        .arg("passwd")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have found something to complain about before it reads.
    let _ = process.stdin.take().unwrap().write_all(passcode.as_bytes());
    snapbox::cmd::OutputAssert::new(process.wait_with_output().unwrap())
}

#[test]
fn the_tool_makes_a_file_that_the_broker_takes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    let path = path.to_str().unwrap();
    passwd(
        &[path, "alice", "--read", "/topic/>", "--write", "/topic/chat"],
        "secret\n",
    )
    .success()
    .stdout_eq("alice may read /topic/> write /topic/chat\n");
    passwd(&[path, "bob"], "secret\r\n")
        .success()
        .stdout_eq("bob may log in, and neither read nor write: say --read PATTERN, --write PATTERN\n");
    let users = Users::load(path.as_ref()).unwrap();
    for name in ["alice", "bob"] {
        let login = Login {
            name: name.to_owned(),
            passcode: "secret".to_owned(),
        };
        assert!(users.check(&login).is_some());
    }
}

#[test]
fn what_the_tool_cannot_write_or_read_it_says_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    let path = path.to_str().unwrap();
    passwd(&[path, "#alice"], "secret")
        .code(2)
        .stderr_eq("error: \"#alice\" is no name for a user: it takes 1 to 100 characters, no space among them, and no # in front\n");
    passwd(&[path, "alice"], "")
        .code(2)
        .stderr_eq("error: this is no passcode: it takes 1 to 1,000 characters in one line\n");
    passwd(&[path, "alice", "--read", "topic"], "secret")
        .code(2)
        .stderr_eq(
            "error: \"topic\" is not a destination: write /topic/NAME, /queue/NAME or /temp-queue/NAME\n",
        );
    passwd(&["/no/such/folder/users", "alice"], "secret")
        .code(1)
        .stderr_eq("error: cannot write the users in /no/such/folder/users: [..]\n");
    let serve = |args: &[&str]| {
        Command::new(cargo_bin!("06-stomp"))
            .arg("serve")
            .args(args)
            .assert()
    };
    serve(&["--users", path])
        .code(1)
        .stderr_eq("error: cannot read the users in [..]users: [..]\n");
    fs::write(path, "alice secret\n").unwrap();
    serve(&["--users", path]).code(2).stderr_eq(
        "error: line 1 of the users says something else where the hash of alice's passcode belongs ($argon2id$…): let `06-stomp passwd` write it\n",
    );
    serve(&["--tcp", "0.0.0.0:0"]).code(2).stderr_eq(
        "error: without users, everyone who reaches 0.0.0.0:0 could read and write everything: name them with --users FILE, or say --allow-anonymous if that is meant\n",
    );
}
