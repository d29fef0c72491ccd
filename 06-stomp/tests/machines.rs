//! The state machines without sockets, threads and clocks: time is what a test says it is.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use stomp::broker::{Broker, BrokerOptions, ConnectionId, Replies};
use stomp::client::{ClientSession, Event, Greeting, ServerFault};
use stomp::{Fault, HeartBeat, Limits, Output, Reply, Session, SessionOptions, Version};

const SECOND: Duration = Duration::from_secs(1);

fn session(limits: Limits, heart_beat: HeartBeat, now: Instant) -> Session {
    let options = SessionOptions {
        limits,
        heart_beat,
        ..SessionOptions::default()
    };
    Session::new("s".to_owned(), Arc::new(options), now)
}

fn seconds(can: u64, wants: u64) -> HeartBeat {
    HeartBeat {
        can: SECOND * u32::try_from(can).unwrap(),
        wants: SECOND * u32::try_from(wants).unwrap(),
    }
}

/// What the session has to say, as text with `^@` for the octet 0.
fn said(session: &mut Session, now: Instant) -> String {
    let mut output = Output::default();
    session.take_output(&mut output, now);
    String::from_utf8_lossy(output.octets()).replace('\0', "^@")
}

/// A session of STOMP 1.2 whose client has said this about heart-beats.
fn open(ours: HeartBeat, theirs: &str, now: Instant) -> Session {
    let mut session = session(Limits::default(), ours, now);
    session.receive(
        format!("CONNECT\naccept-version:1.2\nhost:x\n{theirs}\n\0").as_bytes(),
        now,
    );
    assert_eq!(session.next_order(now), None);
    assert!(said(&mut session, now).starts_with("CONNECTED\n"));
    session
}

#[test]
fn the_slower_of_can_and_wants_is_agreed_on_in_each_direction() {
    let start = Instant::now();
    // The broker sends every max(1, 8) = 8 s, a little early; it hears every max(4, 2) = 4 s, with three times the patience.
    let mut session = open(seconds(1, 2), "heart-beat:4000,8000\n", start);
    assert_eq!(session.next_wake(), Some(start + 6 * SECOND));
    session.receive(b"\n", start + 3 * SECOND);
    session.tick(start + 5 * SECOND);
    assert!(session.output_len() == 0);
    session.tick(start + 6 * SECOND);
    assert_eq!(said(&mut session, start + 6 * SECOND), "\n");
    session.tick(start + 14 * SECOND);
    assert!(!session.is_closed());
    session.tick(start + 15 * SECOND);
    assert!(session.is_closed());
    assert!(said(&mut session, start + 15 * SECOND).contains("no heart-beat"));
}

#[test]
fn a_side_that_cannot_or_does_not_want_has_no_heart_beats() {
    let start = Instant::now();
    for theirs in ["heart-beat:0,0\n", ""] {
        let mut session = open(seconds(1, 1), theirs, start);
        assert_eq!(session.next_wake(), None);
        session.tick(start + 1000 * SECOND);
        assert!(!session.is_closed() && session.output_len() == 0);
    }
    assert_eq!(
        open(seconds(0, 0), "heart-beat:1000,1000\n", start).next_wake(),
        None
    );
}

#[test]
fn a_frame_takes_the_place_of_a_heart_beat() {
    let start = Instant::now();
    let mut session = open(seconds(4, 0), "heart-beat:0,4000\n", start);
    session.deliver(Reply::Receipt("1".to_owned()));
    assert_eq!(
        said(&mut session, start + 2 * SECOND),
        "RECEIPT\nreceipt-id:1\n\n^@"
    );
    assert_eq!(session.next_wake(), Some(start + 5 * SECOND));
}

#[test]
fn who_does_not_connect_in_time_is_sent_away() {
    let start = Instant::now();
    let mut session = session(Limits::default(), HeartBeat::NONE, start);
    let wake = session.next_wake().unwrap();
    assert_eq!(wake, start + Limits::default().connect_time);
    session.tick(wake);
    assert!(session.is_closed());
    assert!(said(&mut session, wake).contains("no CONNECT"));
}

#[test]
fn a_client_gives_up_a_silent_broker_and_keeps_its_own_promise() {
    let start = Instant::now();
    let greeting = Greeting {
        host: "x".to_owned(),
        login: None,
        passcode: None,
        versions: Version::ALL.to_vec(),
        heart_beat: seconds(4, 4),
    };
    let mut client = ClientSession::new(greeting, Limits::default(), start).unwrap();
    let mut output = Output::default();
    client.take_output(&mut output, start);
    client.receive(b"CONNECTED\nversion:1.2\nheart-beat:2000,2000\n\n\0", start);
    assert!(matches!(client.next_event(start), Ok(Some(Event::Connected(_)))));
    client.tick(start + 3 * SECOND).unwrap();
    client.take_output(&mut output, start + 3 * SECOND);
    assert_eq!(output.octets(), b"\n");
    client.tick(start + 11 * SECOND).unwrap();
    assert_eq!(
        client.tick(start + 12 * SECOND),
        Err(ServerFault::Silent(12 * SECOND))
    );
}

/// Several sessions around one broker, all in memory.
struct World {
    broker: Broker,
    sessions: Vec<Session>,
    now: Instant,
}

impl World {
    fn new(clients: usize, limits: Limits, options: BrokerOptions) -> Self {
        let now = Instant::now();
        let sessions = (0..clients)
            .map(|_| session(limits.clone(), HeartBeat::NONE, now))
            .collect();
        let broker = Broker::new(BrokerOptions { limits, ..options });
        let mut world = Self {
            broker,
            sessions,
            now,
        };
        for client in 0..clients {
            world.says(client, "CONNECT\naccept-version:1.2\nhost:x\n\n^@");
            world.heard(client);
        }
        world
    }

    fn says(&mut self, client: usize, text: &str) {
        self.sessions[client].receive(text.replace("^@", "\0").as_bytes(), self.now);
        let mut replies = Replies::new();
        while let Some(order) = self.sessions[client].next_order(self.now) {
            self.broker
                .handle(ConnectionId(client as u64), order, &mut replies);
            self.deliver(&mut replies);
        }
    }

    fn deliver(&mut self, replies: &mut Replies) {
        for (ConnectionId(client), reply) in replies.drain(..) {
            self.sessions[usize::try_from(client).unwrap()].deliver(reply);
        }
    }

    /// What a client would read now. Reading makes room for more.
    fn heard(&mut self, client: usize) -> String {
        let mut output = Output::default();
        self.sessions[client].take_output(&mut output, self.now);
        let mut replies = Replies::new();
        self.broker
            .written(ConnectionId(client as u64), output.credit(), &mut replies);
        self.deliver(&mut replies);
        String::from_utf8_lossy(output.octets()).replace('\0', "^@")
    }

    fn messages(&mut self, client: usize) -> usize {
        self.heard(client).matches("MESSAGE\n").count()
    }
}

fn send(destination: &str, body: &str) -> String {
    format!("SEND\ndestination:{destination}\n\n{body}^@")
}

#[test]
fn a_queue_sends_no_more_than_may_be_unacknowledged() {
    let limits = Limits {
        unacknowledged: 3,
        ..Limits::default()
    };
    let mut world = World::new(1, limits, BrokerOptions::default());
    world.says(0, "SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\n\n^@");
    world.says(0, &send("/queue/a", "hi").repeat(5));
    assert_eq!(world.messages(0), 3);
    world.says(0, "ACK\nid:2\n\n^@");
    assert_eq!(world.messages(0), 2);
}

#[test]
fn a_queue_holds_back_what_a_reader_does_not_read_and_loses_none_of_it() {
    let options = BrokerOptions {
        window_bytes: 10_000,
        ..BrokerOptions::default()
    };
    let mut world = World::new(2, Limits::default(), options);
    world.says(0, "SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
    for _ in 0..100 {
        world.says(1, &send("/queue/a", &"x".repeat(1_000)));
    }
    let mut total = 0;
    loop {
        let messages = world.messages(0);
        assert!(
            messages <= 10,
            "{messages} messages of 1,000 bytes in a window of 10,000"
        );
        total += messages;
        if messages == 0 {
            break;
        }
    }
    assert_eq!(total, 100);
}

#[test]
fn a_subscriber_that_does_not_read_is_told_so_and_others_lose_nothing() {
    let limits = Limits {
        queued_bytes: 20_000,
        ..Limits::default()
    };
    let mut world = World::new(3, limits, BrokerOptions::default());
    for reader in [0, 1] {
        world.says(reader, "SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@");
    }
    let mut read = 0;
    for _ in 0..100 {
        world.says(2, &send("/topic/a", &"x".repeat(1_000)));
        read += world.messages(0);
    }
    assert_eq!(read, 100);
    let heard = world.heard(1);
    assert!(heard.starts_with("ERROR\nmessage:too slow\n"), "{heard}");
    assert!(heard.len() < 1_000, "what was not read is forgotten");
    assert!(world.sessions[1].is_closed());
}

#[test]
fn a_client_that_never_reads_its_receipts_is_bounded_too() {
    let limits = Limits {
        queued_bytes: 2_000,
        ..Limits::default()
    };
    let mut world = World::new(1, limits, BrokerOptions::default());
    world.says(
        0,
        &"BEGIN\ntransaction:t\nreceipt:1\n\n^@ABORT\ntransaction:t\nreceipt:2\n\n^@".repeat(100),
    );
    let heard = world.heard(0);
    assert!(heard.starts_with("ERROR\nmessage:too slow\n"), "{heard}");
}

#[test]
fn queues_that_are_full_refuse_and_have_room_again_afterwards() {
    let options = BrokerOptions {
        stored_bytes: 5_000,
        ..BrokerOptions::default()
    };
    let mut world = World::new(3, Limits::default(), options);
    world.says(0, &send("/queue/a", &"x".repeat(1_000)).repeat(20));
    let heard = world.heard(0);
    assert!(heard.contains("message:queues full"), "{heard}");
    world.says(1, "SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
    assert!(world.messages(1) > 0);
    world.says(2, &send("/queue/a", "room"));
    assert!(world.heard(1).contains("room"));
}

#[test]
fn a_flood_of_subscriptions_or_transactions_meets_a_limit() {
    let limits = Limits {
        subscriptions: 10,
        transactions: 10,
        transaction_frames: 10,
        transaction_bytes: 10_000,
        ..Limits::default()
    };
    let begin = "BEGIN\ntransaction:t\n\n^@";
    let in_transaction = |body: &str| format!("SEND\ndestination:/topic/a\ntransaction:t\n\n{body}^@");
    let numbered = |frame: &str| {
        (0..11)
            .map(|number| frame.replace('#', &number.to_string()))
            .collect()
    };
    let cases: [String; 4] = [
        numbered("SUBSCRIBE\nid:#\ndestination:/topic/a\n\n^@"),
        numbered("BEGIN\ntransaction:#\n\n^@"),
        format!("{begin}{}", in_transaction("x").repeat(11)),
        format!("{begin}{}", in_transaction(&"x".repeat(3_000)).repeat(4)),
    ];
    for frames in cases {
        let mut world = World::new(1, limits.clone(), BrokerOptions::default());
        world.says(0, &frames);
        let heard = world.heard(0);
        assert!(heard.contains("message:too many"), "{frames}: {heard}");
    }
}

#[test]
fn a_topic_subscriber_that_never_acknowledges_meets_a_limit() {
    let limits = Limits {
        unacknowledged: 3,
        ..Limits::default()
    };
    let mut world = World::new(2, limits, BrokerOptions::default());
    world.says(0, "SUBSCRIBE\nid:0\ndestination:/topic/a\nack:client\n\n^@");
    world.says(1, &send("/topic/a", "hi").repeat(5));
    let heard = world.heard(0);
    assert_eq!(heard.matches("MESSAGE\n").count(), 3);
    assert!(heard.contains("more than 3 unacknowledged messages"), "{heard}");
}

#[test]
fn refused_messages_go_back_to_their_old_place() {
    let mut world = World::new(2, Limits::default(), BrokerOptions::default());
    world.says(
        0,
        "SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client-individual\n\n^@",
    );
    for body in ["one", "two", "three"] {
        world.says(1, &send("/queue/a", body));
    }
    world.heard(0);
    world.says(0, "UNSUBSCRIBE\nid:0\n\n^@");
    world.says(1, &send("/queue/a", "four"));
    world.says(0, "SUBSCRIBE\nid:1\ndestination:/queue/a\n\n^@");
    let heard = world.heard(0);
    let bodies: Vec<&str> = heard
        .split("^@")
        .filter_map(|frame| Some(frame.split_once("\n\n")?.1))
        .collect();
    assert_eq!(bodies, ["one", "two", "three", "four"]);
    assert_eq!(heard.matches("redelivered:true").count(), 3);
}

#[test]
fn a_fault_after_the_end_says_nothing() {
    let now = Instant::now();
    let mut session = open(HeartBeat::NONE, "", now);
    session.fail(&Fault::ShuttingDown, None);
    let first = said(&mut session, now);
    assert!(first.starts_with("ERROR\nmessage:shutting down\n"), "{first}");
    session.fail(&Fault::ShuttingDown, None);
    session.deliver(Reply::Receipt("late".to_owned()));
    assert_eq!(said(&mut session, now), "");
}

#[test]
fn a_greeting_that_would_forge_headers_is_refused() {
    let greeting = Greeting {
        host: "x\nlogin:admin".to_owned(),
        login: None,
        passcode: None,
        versions: vec![Version::V1_2],
        heart_beat: HeartBeat::NONE,
    };
    assert!(ClientSession::new(greeting, Limits::default(), Instant::now()).is_err());
}

/// What the broker says to a client that says this, in pieces of that length: frame by frame, sorted.
fn conversation(octets: &[u8], piece: usize, short_way: bool) -> Vec<String> {
    let (now, id) = (Instant::now(), ConnectionId(1));
    let mut session = open(HeartBeat::NONE, "", now);
    let mut broker = Broker::new(BrokerOptions::default());
    let mut replies = Replies::new();
    for piece in octets.chunks(piece) {
        session.receive(piece, now);
        loop {
            while short_way
                && let Some(send) = session.plain_send()
                && broker.publish(&send, &mut replies)
            {
                let length = send.length;
                session.skip(length);
            }
            broker.flush(&mut replies);
            replies.drain(..).for_each(|(_, reply)| session.deliver(reply));
            let Some(order) = session.next_order(now) else {
                break;
            };
            broker.handle(id, order, &mut replies);
            replies.drain(..).for_each(|(_, reply)| session.deliver(reply));
        }
    }
    let said = said(&mut session, now);
    let mut frames: Vec<String> = said.split_inclusive('\0').map(str::to_owned).collect();
    // Two subscriptions of one client may be told in another order.
    frames.sort_unstable();
    frames
}

proptest::proptest! {
    /// A message that needs nothing unusual is not decoded at all; nobody may notice.
    #[test]
    fn the_short_way_and_the_long_way_say_the_same(
        frames in proptest::collection::vec(
            proptest::sample::select(vec![
                "SEND\ndestination:/topic/a\n\none\0",
                "SEND\ndestination:/topic/a\nmine:x\ncontent-length:3\n\ntwo\0\n",
                "SEND\r\ndestination:/queue/a\r\n\r\nthree\0",
                "SEND\ndestination:/queue/a\n\nfour\0",
                "SEND\ndestination:/queue/b\nmine:a\\cb\n\nfive\0",
                "SEND\ndestination:/queue/b\npersistent:true\nreceipt:r\n\nsix\0",
                "SUBSCRIBE\nid:0\ndestination:/topic/*\n\n\0",
                "SUBSCRIBE\nid:1\ndestination:/queue/a\n\n\0",
                "SUBSCRIBE\nid:2\ndestination:/queue/b\nack:client\n\n\0",
                "SUBSCRIBE\nid:3\ndestination:/topic/a\ndurable:true\n\n\0",
                "UNSUBSCRIBE\nid:1\n\n\0",
                "UNSUBSCRIBE\nid:3\n\n\0",
                "ACK\nid:1\n\n\0",
                "NACK\nid:2\n\n\0",
                "BEGIN\ntransaction:t\n\n\0",
                "SEND\ndestination:/queue/a\ntransaction:t\n\nseven\0",
                "COMMIT\ntransaction:t\n\n\0",
            ]),
            0..30,
        ),
        piece in 1_usize..400,
    ) {
        let octets = frames.concat();
        proptest::prop_assert_eq!(
            conversation(octets.as_bytes(), piece, true),
            conversation(octets.as_bytes(), piece, false)
        );
    }
}
