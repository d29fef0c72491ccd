//! DNS look-ups against servers on loopback: a good zone, and every kind of bad server.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, MX, PTR, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use ip::Nat64Prefix;
use ip::dns::{Answer, DnsError, Event, Question, RecordKind, look_up};
use proptest::prelude::*;
use snapbox::cmd::{Command, cargo_bin};

/// What a server does with the n-th question, counted from 0: the messages that it sends back.
type Behaviour = fn(&Message, usize) -> Vec<Message>;

/// Answers over UDP on a port of its own. Over TCP the zone answers on the same port, as a real server does.
fn serve(behaviour: Behaviour) -> SocketAddr {
    let (udp, tcp) = (0..100).find_map(|_| both_on_one_port()).unwrap();
    let server = udp.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        for count in 0.. {
            let (length, client) = udp.recv_from(&mut buffer).unwrap();
            let question = Message::from_vec(&buffer[..length]).unwrap();
            for reply in behaviour(&question, count) {
                udp.send_to(&reply.to_vec().unwrap(), client).unwrap();
            }
        }
    });
    thread::spawn(move || {
        for stream in tcp.incoming() {
            let mut stream = stream.unwrap();
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut question = vec![0; u16::from_be_bytes(length).into()];
            stream.read_exact(&mut question).unwrap();
            let reply = zone(&Message::from_vec(&question).unwrap(), 0)[0]
                .to_vec()
                .unwrap();
            let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
            stream.write_all(&[&length[..], &reply].concat()).unwrap();
        }
    });
    server
}

fn both_on_one_port() -> Option<(UdpSocket, TcpListener)> {
    let udp = UdpSocket::bind("127.0.0.1:0").ok()?;
    let tcp = TcpListener::bind(udp.local_addr().ok()?).ok()?;
    Some((udp, tcp))
}

fn record(name: &str, ttl: u32, data: RData) -> Record {
    Record::from_rdata(Name::from_ascii(name).unwrap(), ttl, data)
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

/// All that stands in the good zone.
fn records() -> Vec<Record> {
    vec![
        record("www.test.", 60, RData::CNAME(CNAME(name("web.test.")))),
        record("web.test.", 300, RData::A(A::new(192, 0, 2, 7))),
        record(
            "web.test.",
            300,
            RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)),
        ),
        record("four.test.", 300, RData::A(A::new(9, 9, 9, 9))),
        record(
            "six.test.",
            300,
            RData::AAAA(AAAA::new(0x2606, 0x4700, 0, 0, 0, 0, 0, 1)),
        ),
        record("ipv4only.arpa.", 300, RData::A(A::new(192, 0, 0, 170))),
        record("old.test.", 300, RData::A(A::new(10, 0, 0, 1))),
        record("test.", 3600, RData::MX(MX::new(10, name("mail.test.")))),
        record(
            "test.",
            3600,
            RData::TXT(TXT::new(vec!["v=spf1 -all".to_owned()])),
        ),
        record(
            "evil.test.",
            1,
            RData::TXT(TXT::new(vec!["\u{1b}[31mred".to_owned()])),
        ),
        record("7.2.0.192.in-addr.arpa.", 60, RData::PTR(PTR(name("web.test.")))),
    ]
}

/// A good server: follows the CNAME, knows what exists, and refuses what is not its own.
fn zone(question: &Message, _: usize) -> Vec<Message> {
    let query = &question.queries[0];
    let (mut asked, wanted) = (query.name().clone(), query.query_type());
    let all = records();
    let exists = all.iter().any(|record| record.name == asked);
    let mut answers = Vec::new();
    if wanted != RecordType::CNAME
        && let Some(alias) = all.iter().find(|record| record.name == asked)
        && let RData::CNAME(CNAME(target)) = &alias.data
    {
        answers.push(alias.clone());
        asked = target.clone();
    }
    answers.extend(
        all.into_iter()
            .filter(|record| record.name == asked && record.record_type() == wanted),
    );
    let ours = name("test.").zone_of(query.name()) || name("arpa.").zone_of(query.name());
    let code = match (ours, exists) {
        (false, _) => ResponseCode::Refused,
        (true, false) => ResponseCode::NXDomain,
        (true, true) => ResponseCode::NoError,
    };
    vec![reply(question, code, answers)]
}

/// A server with DNS64: where the zone has no IPv6 address, one is made up for the IPv4 address.
fn dns64(question: &Message, count: usize) -> Vec<Message> {
    const PREFIX: &str = "2001:4860:64::/96";
    let mut told = zone(question, count).remove(0);
    if question.queries[0].query_type() == RecordType::AAAA && told.answers.is_empty() {
        let mut for_ipv4 = question.clone();
        for_ipv4.queries[0].query_type = RecordType::A;
        for record in zone(&for_ipv4, count).remove(0).answers {
            if let RData::A(A(address)) = record.data {
                let made_up = PREFIX.parse::<Nat64Prefix>().unwrap().embed(address);
                told.add_answer(Record::from_rdata(record.name, 60, RData::AAAA(made_up.into())));
            }
        }
    }
    vec![told]
}

fn reply(question: &Message, code: ResponseCode, answers: Vec<Record>) -> Message {
    let mut reply = Message::response(question.id, question.op_code);
    reply.metadata.response_code = code;
    reply.metadata.authoritative = true;
    reply.add_query(question.queries[0].clone());
    reply.add_answers(answers);
    reply
}

fn ask(server: SocketAddr, name: &str, kind: RecordKind, timeout: Duration) -> Answer {
    look_up(&Question {
        name: name.to_owned(),
        kind,
        server: Some(server),
        timeout,
    })
}

const PLENTY: Duration = Duration::from_secs(10);

fn data(answer: Answer) -> Vec<String> {
    let records = answer.records.unwrap();
    records
        .iter()
        .map(|record| format!("{} {} {} {}", record.name, record.ttl, record.kind, record.data))
        .collect()
}

#[test]
fn the_chain_of_names_is_told_with_its_times() {
    let server = serve(zone);
    let chain = ["www.test. 60 CNAME web.test.", "web.test. 300 A 192.0.2.7"];
    assert_eq!(data(ask(server, "www.test", RecordKind::A, PLENTY)), chain);
    assert_eq!(
        data(ask(server, "WWW.test.", RecordKind::Aaaa, PLENTY))[1],
        "web.test. 300 AAAA 2001:db8::7"
    );
}

#[test]
fn other_kinds_and_the_name_of_an_address_are_found() {
    let server = serve(zone);
    assert_eq!(
        data(ask(server, "test", RecordKind::Mx, PLENTY)),
        ["test. 3600 MX 10 mail.test."]
    );
    assert_eq!(
        data(ask(server, "test", RecordKind::Txt, PLENTY)),
        ["test. 3600 TXT v=spf1 -all"]
    );
    let whose = Question::about("192.0.2.7".parse().unwrap(), Some(server), PLENTY);
    assert_eq!(
        data(look_up(&whose)),
        ["7.2.0.192.in-addr.arpa. 60 PTR web.test."]
    );
}

#[test]
fn the_failures_of_a_server_that_answers_are_told_apart() {
    let server = serve(zone);
    let failure = |name: &str, kind| ask(server, name, kind, PLENTY).records.unwrap_err();
    assert_eq!(
        failure("nowhere.test", RecordKind::A),
        DnsError::NoSuchName {
            name: "nowhere.test".to_owned()
        }
    );
    let no_data = DnsError::NoData {
        name: "old.test".to_owned(),
        kind: RecordKind::Aaaa,
    };
    assert_eq!(failure("old.test", RecordKind::Aaaa), no_data);
    let refused = DnsError::Refused {
        name: "www.example".to_owned(),
        servers: vec![server],
    };
    assert_eq!(failure("www.example", RecordKind::A), refused);
    assert!(matches!(failure("a..b", RecordKind::A), DnsError::BadName { .. }));

    let broken = serve(|question, _| vec![reply(question, ResponseCode::ServFail, Vec::new())]);
    let failed = ask(broken, "www.test", RecordKind::A, PLENTY)
        .records
        .unwrap_err();
    assert!(matches!(failed, DnsError::ServerFailed { .. }), "{failed:?}");
}

#[test]
fn a_silent_server_costs_the_deadline_and_no_more() {
    let server = serve(|_, _| Vec::new());
    let timeout = Duration::from_millis(600);
    let begun = Instant::now();
    let answer = ask(server, "www.test", RecordKind::A, timeout);
    let took = begun.elapsed();
    let expected = DnsError::TimedOut {
        name: "www.test".to_owned(),
        timeout,
        servers: vec![server],
    };
    assert_eq!(answer.records.unwrap_err(), expected);
    assert!(took < timeout + Duration::from_secs(2), "{took:?}");
    let asked = answer
        .trace
        .iter()
        .filter(|happening| matches!(happening.event, Event::Asked { .. }));
    assert!(
        asked.count() >= 2,
        "a datagram may get lost, so it is asked again"
    );
}

#[test]
fn where_nobody_listens_one_knows_at_once() {
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let begun = Instant::now();
    let answer = ask(nobody, "www.test", RecordKind::A, PLENTY);
    assert_eq!(
        answer.records.unwrap_err(),
        DnsError::NoServer {
            servers: vec![nobody]
        }
    );
    assert!(begun.elapsed() < PLENTY / 2);
}

#[test]
fn an_answer_with_another_id_is_not_believed() {
    let liar = serve(|question, _| {
        let mut lie = reply(
            question,
            ResponseCode::NoError,
            vec![record("www.test.", 60, RData::A(A::new(6, 6, 6, 6)))],
        );
        lie.metadata.id = question.id.wrapping_add(1);
        let truth = zone(question, 0).remove(0);
        vec![lie, truth]
    });
    assert_eq!(
        data(ask(liar, "old.test", RecordKind::A, PLENTY)),
        ["old.test. 300 A 10.0.0.1"]
    );
}

#[test]
fn an_answer_to_another_question_is_not_believed() {
    let liar = serve(|question, _| {
        let mut lie = Message::response(question.id, question.op_code);
        lie.add_query(hickory_resolver::proto::op::Query::query(
            name("bank.test."),
            RecordType::A,
        ));
        lie.add_answer(record("bank.test.", 60, RData::A(A::new(6, 6, 6, 6))));
        vec![lie, zone(question, 0).remove(0)]
    });
    assert_eq!(
        data(ask(liar, "old.test", RecordKind::A, PLENTY)),
        ["old.test. 300 A 10.0.0.1"]
    );
}

/// Who can send packets to this machine can send anything.
#[test]
fn a_server_that_talks_nonsense_costs_the_deadline_and_no_more() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut buffer) {
            let cut_off = &buffer[..length / 2];
            let mut endless_name = buffer[..length].to_vec();
            // The header says "answer", and the name points at itself (RFC 1035, section 4.1.4).
            endless_name[2] |= 0x80;
            endless_name[12..14].copy_from_slice(&[0xc0, 12]);
            for nonsense in [b"nonsense", &[][..], cut_off, &endless_name] {
                let _ = socket.send_to(nonsense, client);
            }
        }
    });
    let answer = ask(server, "www.test", RecordKind::A, Duration::from_millis(400));
    assert!(answer.records.is_err(), "{answer:?}");
}

#[test]
fn a_truncated_answer_is_asked_for_again_over_tcp() {
    let server = serve(|question, _| {
        let mut short = reply(question, ResponseCode::NoError, Vec::new());
        short.metadata.truncation = true;
        vec![short]
    });
    let answer = ask(server, "old.test", RecordKind::A, PLENTY);
    assert!(
        answer
            .trace
            .iter()
            .any(|happening| happening.event == Event::ConnectedTcp),
        "{:?}",
        answer.trace
    );
    assert_eq!(data(answer), ["old.test. 300 A 10.0.0.1"]);
}

#[test]
fn a_server_that_loses_the_first_question_is_asked_again() {
    let server = serve(|question, count| {
        if count == 0 {
            Vec::new()
        } else {
            zone(question, count)
        }
    });
    let answer = ask(server, "old.test", RecordKind::A, Duration::from_secs(3));
    assert!(answer.trace.len() >= 3, "{:?}", answer.trace);
    assert_eq!(data(answer), ["old.test. 300 A 10.0.0.1"]);
}

#[test]
fn what_comes_too_late_is_no_answer() {
    static PATIENCE_IS_OVER: Barrier = Barrier::new(2);
    let server = serve(|question, _| {
        PATIENCE_IS_OVER.wait();
        zone(question, 0)
    });
    let late = ask(server, "old.test", RecordKind::A, Duration::from_millis(300)).records;
    PATIENCE_IS_OVER.wait();
    assert!(matches!(late, Err(DnsError::TimedOut { .. })), "{late:?}");
}

#[test]
fn a_strangers_text_cannot_command_the_terminal() {
    let server = serve(zone);
    assert_eq!(
        data(ask(server, "evil.test", RecordKind::Txt, PLENTY)),
        ["evil.test. 1 TXT \\u{1b}[31mred"]
    );
}

/// What the tool prints, with the server's port made the same in every run.
fn transcript(server: SocketAddr, lines: &[&str]) -> String {
    let mut transcript = String::new();
    for line in lines {
        let line = line.replace("SERVER", &server.to_string());
        let arguments: Vec<&str> = line.split(' ').collect();
        let output = Command::new(cargo_bin!("01-ip"))
            .args(arguments)
            .output()
            .unwrap();
        transcript += &format!("$ 01-ip {line}\n");
        transcript += &String::from_utf8_lossy(&output.stdout);
        transcript += &String::from_utf8_lossy(&output.stderr);
        if let Some(code @ 1..) = output.status.code() {
            transcript += &format!("(exit code {code})\n");
        }
        transcript += "\n";
    }
    transcript.replace(&server.port().to_string(), "5353")
}

#[test]
fn the_tool_tells_records_and_failures() {
    let told = transcript(
        serve(zone),
        &[
            "dns www.test --server SERVER",
            "dns www.test --server SERVER --json",
            "dns old.test --server SERVER",
            "dns test mx txt --server SERVER",
            "dns 192.0.2.7 --server SERVER",
            "dns nowhere.test --server SERVER",
            "dns old.test aaaa --server SERVER",
            "dns www.example --server SERVER",
        ],
    );
    snapbox::assert_data_eq!(told, snapbox::file!["snapshots/dns.txt"]);
}

#[test]
fn the_tool_refuses_what_dns_does_not_know() {
    let told = transcript(
        SocketAddr::from(([127, 0, 0, 1], 9)),
        &[
            "dns www.test --server nine",
            "dns www.test hinfo",
            "dns 10.0.0.0/8",
            "dns a..b",
            "dns www.test --timeout 0",
        ],
    );
    assert_eq!(told.matches("error: ").count(), 5, "{told}");
    assert_eq!(told.matches("(exit code 2)").count(), 5, "{told}");
}

#[test]
fn the_tool_shows_who_was_asked() {
    let told = transcript(serve(zone), &["dns old.test a --server SERVER --trace"]);
    snapbox::assert_data_eq!(
        told,
        snapbox::str![[r#"
$ 01-ip dns old.test a --server 127.0.0.1:5353 --trace
A of old.test?
  [..] ms  127.0.0.1:5353  asked over UDP, [..] bytes
  [..] ms  127.0.0.1:5353  replied, [..] bytes
old.test.    300 s  A     10.0.0.1 (private)


"#]]
    );
}

#[test]
fn a_server_is_asked_whether_a_name_would_work_without_ipv4() {
    let lines = [
        "ipv6-ready four.test six.test web.test old.test --server SERVER",
        "ipv6-ready four.test nowhere.test --server SERVER --json",
    ];
    let plain = transcript(serve(zone), &lines);
    let with_dns64 = transcript(serve(dns64), &lines);
    let told = format!("# a plain server\n{plain}# a server with DNS64\n{with_dns64}");
    snapbox::assert_data_eq!(told, snapbox::file!["snapshots/ipv6-ready-server.txt"]);
}

proptest! {
    #[test]
    fn no_text_of_a_kind_makes_the_reader_panic(text in any::<String>()) {
        if let Ok(kind) = text.parse::<RecordKind>() {
            prop_assert!(kind.to_string().eq_ignore_ascii_case(&text));
        }
    }
}
