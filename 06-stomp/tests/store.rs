//! The store: what is on the disk before a receipt, what comes back after a crash, and what can be wrong with a file.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "common/disk.rs"]
mod disk;

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use common::{PATIENCE, Raw, header};
use disk::Disk;
use snapbox::cmd::cargo_bin;
use stomp::store::{Contents, Kept};
use stomp::{AckMode, Client, ClientOptions, Frame, LoopbackUrls, Server, ServerOptions, Store};

const QUEUE: &str = "/queue/a";
const TOPIC: &str = "/topic/price.gold";
/// The end of a frame about a subscription that outlives its connection, and its broker.
const DURABLE: &str = "durable:true\nauto-delete:false\n\n^@";

fn options() -> ClientOptions {
    ClientOptions {
        timeout: PATIENCE,
        ..ClientOptions::default()
    }
}

fn connect(url: &str) -> Client {
    Client::connect(url, &options()).unwrap()
}

fn persistent(body: impl Into<Vec<u8>>) -> Frame {
    persistent_to(QUEUE, body)
}

fn persistent_to(destination: &str, body: impl Into<Vec<u8>>) -> Frame {
    Frame::new(stomp::Command::Send)
        .with("destination", destination)
        .with("persistent", "true")
        .with_body(body)
}

fn ack_of(message: &Frame) -> Frame {
    Frame::new(stomp::Command::Ack).with("id", message.header("ack").unwrap())
}

/// A broker in this process, whose store is on that disk.
fn broker_on(disk: &Disk) -> LoopbackUrls {
    let store = Store::on(disk.clone()).unwrap();
    Server::start_on_loopback(ServerOptions {
        store: Some(Arc::new(store)),
        ..ServerOptions::default()
    })
    .unwrap()
}

/// The bodies of all messages on a disk, in order.
fn bodies(disk: &Disk) -> Vec<String> {
    let contents = Store::on(disk.clone()).unwrap().load().unwrap();
    contents.messages.iter().map(body).collect()
}

fn body(kept: &Kept) -> String {
    String::from_utf8_lossy(kept.message.body()).into_owned()
}

/// Comes back to a durable subscription, and hears what has waited; or makes a new one.
fn come_back(url: &str, id: &str, ack: &str) -> Raw {
    let mut raw = common::Broker::at(url).session("1.2");
    raw.says(&format!(
        "SUBSCRIBE\nid:{id}\nack:{ack}\ndestination:/topic/price.*\nreceipt:s\n{DURABLE}"
    ));
    raw
}

/// Makes a durable subscription, which is on the disk when this returns, and leaves.
fn subscribe_durably(url: &str, id: &str) {
    come_back(url, id, "client").hears_receipt("s");
}

// A disk that loses power.

/// A message by its body, and the queue that it waits in.
type Place = (&'static str, String);

/// The queues behind the durable subscriptions of one who reads, and of one who never comes back.
const READER: &str = "/durable//reader/topic/price.*";
const AWAY: &str = "/durable//away/topic/price.*";

/// What clients were promised, and what they may have been promised.
#[derive(Default)]
struct Ledger {
    receipted: HashSet<Place>,
    acknowledged: HashSet<Place>,
    perhaps_acknowledged: HashSet<Place>,
    transactions: Vec<[Place; 2]>,
}

/// Publishes for a queue and a topic in turn, and some of it in transactions.
fn publish(url: &str, name: usize, ledger: &Mutex<Ledger>, ended: &AtomicBool) {
    let client = connect(url);
    for number in 0.. {
        if ended.load(Ordering::Relaxed) {
            return;
        }
        let body = format!("{name}-{number}");
        let (destination, queues) = match number % 2 {
            0 => (QUEUE, &[QUEUE][..]),
            _ => (TOPIC, &[READER, AWAY][..]),
        };
        if number % 3 > 0 {
            client.ask(persistent_to(destination, body.as_str())).unwrap();
            let places = queues.iter().map(|queue| (*queue, body.clone()));
            ledger.lock().unwrap().receipted.extend(places);
            continue;
        }
        let bodies = [format!("{body}-first"), format!("{body}-second")];
        let places = |queue: &&'static str| bodies.clone().map(|body| (*queue, body));
        ledger
            .lock()
            .unwrap()
            .transactions
            .extend(queues.iter().map(places));
        client
            .send_frame(&Frame::new(stomp::Command::Begin).with("transaction", "t"))
            .unwrap();
        for body in &bodies {
            let message = persistent_to(destination, body.as_str());
            client.send_frame(&message.with("transaction", "t")).unwrap();
        }
        client
            .ask(Frame::new(stomp::Command::Commit).with("transaction", "t"))
            .unwrap();
        ledger
            .lock()
            .unwrap()
            .receipted
            .extend(queues.iter().flat_map(places));
    }
}

/// Consumes from the queue.
fn consume(url: &str, ledger: &Mutex<Ledger>, ended: &AtomicBool) {
    let client = connect(url);
    let queue = client.subscribe_with(QUEUE, AckMode::ClientIndividual).unwrap();
    while !ended.load(Ordering::Relaxed) {
        // When the publishers have ended, nothing may come any more.
        let Ok(message) = queue.next_within(Duration::from_millis(100)) else {
            continue;
        };
        let place = (QUEUE, message.text().into_owned());
        ledger.lock().unwrap().perhaps_acknowledged.insert(place.clone());
        client.ask(ack_of(&message)).unwrap();
        ledger.lock().unwrap().acknowledged.insert(place);
    }
}

/// Consumes from the topic, until it brings the end.
fn read_durably(url: &str, ledger: &Mutex<Ledger>) {
    let mut reader = come_back(url, "reader", "client-individual");
    reader.hears_receipt("s");
    loop {
        let frame = reader.frame();
        if let Some(body) = header(&frame, "receipt-id") {
            let place = (READER, body.to_owned());
            ledger.lock().unwrap().acknowledged.insert(place);
            continue;
        }
        let (_, body) = frame.split_once("\n\n").unwrap();
        if body == "the end" {
            return;
        }
        let place = (READER, body.to_owned());
        ledger.lock().unwrap().perhaps_acknowledged.insert(place);
        let ack = header(&frame, "ack").unwrap();
        reader.says(&format!("ACK\nid:{ack}\nreceipt:{body}\n\n^@"));
    }
}

/// Whether the disk holds whatever was promised, and nothing that was dealt with.
fn check(left: &Disk, (receipted, acknowledged): &(HashSet<Place>, HashSet<Place>), ledger: &Ledger) {
    let contents = Store::on(left.clone()).unwrap().load().unwrap();
    assert_eq!(contents.subscriptions.len(), 2, "durable subscriptions");
    let kept = contents.messages.iter();
    let found: HashSet<(&str, String)> = kept.map(|kept| (kept.queue.as_str(), body(kept))).collect();
    for place in receipted.difference(&ledger.perhaps_acknowledged) {
        assert!(found.contains(place), "receipted and lost: {place:?}");
    }
    for place in acknowledged {
        assert!(!found.contains(place), "acknowledged and kept: {place:?}");
    }
    for transaction in &ledger.transactions {
        let here = transaction.iter().filter(|place| found.contains(*place)).count();
        let done = |place: &&Place| ledger.perhaps_acknowledged.contains(*place);
        let here_or_done = transaction
            .iter()
            .filter(|place| found.contains(*place) || done(place));
        assert!(here == 0 || here_or_done.count() == 2, "half of {transaction:?}");
    }
}

#[test]
fn a_disk_that_loses_power_has_kept_every_promise() {
    let disk = Disk::default();
    let urls = broker_on(&disk);
    subscribe_durably(&urls.tcp, "reader");
    subscribe_durably(&urls.tcp, "away");
    let (ledger, ended) = (Mutex::new(Ledger::default()), AtomicBool::new(false));
    thread::scope(|scope| {
        for (name, url) in [&urls.tcp, &urls.web_socket, &urls.tcp].into_iter().enumerate() {
            let (ledger, ended) = (&ledger, &ended);
            scope.spawn(move || publish(url, name, ledger, ended));
        }
        for url in [&urls.tcp, &urls.web_socket] {
            scope.spawn(|| consume(url, &ledger, &ended));
        }
        scope.spawn(|| read_durably(&urls.tcp, &ledger));
        for _ in 1..=25 {
            // Some more syncs, and then the power goes in the middle of what follows.
            disk.wait_for_syncs(3);
            let promised = {
                let ledger = ledger.lock().unwrap();
                (ledger.receipted.clone(), ledger.acknowledged.clone())
            };
            let left = disk.after_power_loss();
            check(&left, &promised, &ledger.lock().unwrap());
        }
        ended.store(true, Ordering::Relaxed);
        connect(&urls.tcp).ask(persistent_to(TOPIC, "the end")).unwrap();
    });
    let ledger = ledger.into_inner().unwrap();
    assert!(ledger.acknowledged.iter().any(|(queue, _)| *queue == READER));
}

#[test]
fn all_that_waits_shares_a_sync_and_nobody_else_waits_for_the_disk() {
    const SENDERS: usize = 50;
    let disk = Disk::default();
    let urls = broker_on(&disk);
    let clients: Vec<Client> = (0..SENDERS).map(|_| connect(&urls.tcp)).collect();
    let other = connect(&urls.tcp);
    let queue = other.subscribe_with(QUEUE, AckMode::Client).unwrap();
    disk.block();
    let before = disk.syncs();
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        for (number, client) in clients.iter().enumerate() {
            let answered = &answered;
            scope.spawn(move || {
                client.ask(persistent(number.to_string())).unwrap();
                answered.fetch_add(1, Ordering::SeqCst);
            });
        }
        // The messages go on to their consumer, and others get their receipts.
        for _ in 0..SENDERS {
            queue.next_within(PATIENCE).unwrap();
        }
        other.send_with_receipt("/topic/b", "x").unwrap();
        other
            .send_with_receipt("/queue/b", "kept in memory only")
            .unwrap();
        assert_eq!(answered.load(Ordering::SeqCst), 0, "no receipt before the sync");
        disk.unblock();
    });
    assert_eq!(answered.load(Ordering::SeqCst), SENDERS);
    let syncs = disk.syncs() - before;
    assert!(syncs <= 6, "{SENDERS} receipts took {syncs} syncs");
}

#[test]
fn publishers_are_held_back_when_the_disk_is_slower() {
    for destination in [QUEUE, TOPIC] {
        let disk = Disk::default();
        let urls = broker_on(&disk);
        subscribe_durably(&urls.tcp, "away");
        disk.block();
        let sent = Arc::new(AtomicUsize::new(0));
        let (url, counter) = (urls.tcp, Arc::clone(&sent));
        thread::spawn(move || {
            let options = ClientOptions {
                timeout: Duration::from_secs(60),
                ..ClientOptions::default()
            };
            let client = Client::connect(&url, &options).unwrap();
            // All of it would be 32 MB, and the queues may hold 64.
            for _ in 0..500 {
                let message = persistent_to(destination, vec![b'x'; 64 * 1024]);
                client.send_frame(&message).unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
        // Until nothing has been sent for a while.
        let mut before = usize::MAX;
        while sent.load(Ordering::SeqCst) != before {
            before = sent.load(Ordering::SeqCst);
            thread::sleep(Duration::from_millis(500));
        }
        assert!((50..500).contains(&before), "{before} were sent to {destination}");
        disk.unblock();
        while sent.load(Ordering::SeqCst) == before {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_receipt_for_goodbye_comes_when_everything_is_on_the_disk() {
    let disk = Disk::default();
    let urls = broker_on(&disk);
    let client = connect(&urls.tcp);
    for number in 0..100 {
        client.send_frame(&persistent(number.to_string())).unwrap();
    }
    client.disconnect().unwrap();
    let expected: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    assert_eq!(bodies(&disk.after_power_loss()), expected);
}

#[test]
fn who_closes_after_the_last_word_still_gets_the_receipt() {
    let disk = Disk::default();
    let urls = broker_on(&disk);
    let endpoint: ports::Endpoint = urls.tcp.parse().unwrap();
    let mut socket = tcp_socket::TcpSocket::connect(&endpoint, PATIENCE).unwrap();
    let text = "CONNECT\naccept-version:1.2\nhost:a\n\n\0SEND\ndestination:/queue/a\npersistent:true\nreceipt:r\n\nx\0";
    chunked_io::send_all(&mut socket, text.as_bytes(), PATIENCE).unwrap();
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    let mut stream = std::net::TcpStream::from(socket);
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    assert!(heard.ends_with("RECEIPT\nreceipt-id:r\n\n\0"), "{heard:?}");
}

#[test]
fn a_disk_that_fails_ends_the_broker_and_no_receipt_lies() {
    let disk = Disk::default();
    let urls = broker_on(&disk);
    let client = connect(&urls.tcp);
    client.ask(persistent("before")).unwrap();
    disk.fail();
    let error = client.ask(persistent("after")).unwrap_err();
    assert!(error.to_string().contains("shutting down"), "{error}");
    assert_eq!(bodies(&disk.after_power_loss()), ["before"]);
}

// A broker as a process, killed and started again.

struct Broker {
    process: Child,
    tcp: String,
    output: BufReader<ChildStdout>,
}

fn start(store: &Path) -> Broker {
    started(Command::new(cargo_bin!("06-stomp")).arg("serve"), store)
}

fn started(command: &mut Command, store: &Path) -> Broker {
    let mut process = command
        .args(["--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0", "--store"])
        .arg(store)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let tcp = line.split_whitespace().last().unwrap_or_default().to_owned();
    Broker { process, tcp, output }
}

impl Broker {
    fn connect(&self) -> Client {
        connect(&self.tcp)
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// How it ends by itself.
    fn ends(mut self) -> (ExitStatus, String) {
        let mut error = String::new();
        self.process
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut error)
            .unwrap();
        (self.process.wait().unwrap(), error)
    }
}

/// Does the same over and over with a broker that is killed each time.
struct Killed {
    folder: tempfile::TempDir,
}

impl Killed {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("queues")
    }

    fn broker(&self) -> Broker {
        start(&self.path())
    }

    /// What is in the file of a broker that has been killed.
    fn contents(&self) -> Contents {
        Store::open(&self.path()).unwrap().load().unwrap()
    }
}

#[test]
fn a_queue_comes_back_in_order_with_everything_in_it() {
    let life = Killed::new();
    let broker = life.broker();
    let client = broker.connect();
    for number in 0..100 {
        client.ask(persistent(number.to_string())).unwrap();
    }
    client.send_with_receipt(QUEUE, "kept in memory only").unwrap();
    let odd = persistent(b"\0\xff\n".to_vec())
        .with("content-length", "3")
        .with("a:b", "c\\d\ne");
    client.ask(odd).unwrap();
    broker.kill();

    let broker = life.broker();
    let client = broker.connect();
    let queue = client.subscribe_with(QUEUE, AckMode::Client).unwrap();
    let mut ids = HashSet::new();
    for number in 0..100 {
        let message = queue.next_within(PATIENCE).unwrap();
        assert_eq!(message.text(), number.to_string());
        assert_eq!(message.header("redelivered"), None, "nobody has had it");
        assert_eq!(message.header("persistent"), Some("true"));
        ids.insert(message.header("message-id").unwrap().to_owned());
    }
    let odd = queue.next_within(PATIENCE).unwrap();
    assert_eq!(odd.body, b"\0\xff\n");
    assert_eq!(odd.header("a:b"), Some("c\\d\ne"));
    // Later ones come behind.
    client.ask(persistent("new")).unwrap();
    let new = queue.next_within(PATIENCE).unwrap();
    assert_eq!(new.text(), "new");
    assert!(ids.insert(new.header("message-id").unwrap().to_owned()));
    assert_eq!(ids.len(), 101);
    broker.kill();
}

#[test]
fn what_was_acknowledged_is_gone_and_what_was_only_delivered_is_marked() {
    let life = Killed::new();
    let broker = life.broker();
    let client = broker.connect();
    for number in 0..10 {
        client.ask(persistent(number.to_string())).unwrap();
    }
    let reader = broker.connect();
    let queue = reader.subscribe_with(QUEUE, AckMode::ClientIndividual).unwrap();
    let messages: Vec<Frame> = (0..10).map(|_| queue.next_within(PATIENCE).unwrap()).collect();
    for message in [&messages[2], &messages[3], &messages[7]] {
        reader.ask(ack_of(message)).unwrap();
    }
    client
        .ask(persistent("not delivered: its reader has enough"))
        .unwrap();
    drop(queue);
    // Its mark went with the sync that this one waits for.
    reader.ask(ack_of(&messages[9])).unwrap();
    broker.kill();

    let broker = life.broker();
    let client = broker.connect();
    let queue = client.subscribe_with(QUEUE, AckMode::Client).unwrap();
    let mut last = None;
    for number in [0, 1, 4, 5, 6, 8] {
        let message = queue.next_within(PATIENCE).unwrap();
        assert_eq!(message.text(), number.to_string());
        assert_eq!(message.header("redelivered"), Some("true"));
        assert_eq!(
            message.header("message-id"),
            messages[number].header("message-id")
        );
        last = Some(message);
    }
    let message = queue.next_within(PATIENCE).unwrap();
    assert!(message.text().starts_with("not delivered"));
    client.ask(ack_of(&message)).unwrap();
    drop(last);
    broker.kill();

    // In mode `client` the last one took all before with it.
    let broker = life.broker();
    let client = broker.connect();
    let queue = client.subscribe(QUEUE).unwrap();
    client.send(QUEUE, "the end").unwrap();
    assert_eq!(queue.next_within(PATIENCE).unwrap().text(), "the end");
    broker.kill();
}

#[test]
fn a_transaction_is_there_as_a_whole_or_not_at_all() {
    let life = Killed::new();
    let broker = life.broker();
    let client = broker.connect();
    client.ask(persistent("first")).unwrap();
    let queue = client.subscribe_with(QUEUE, AckMode::ClientIndividual).unwrap();
    let first = queue.next_within(PATIENCE).unwrap();
    // Answers, and says that the question is dealt with.
    let transaction = |name: &str, end: stomp::Command| {
        let begin = Frame::new(stomp::Command::Begin).with("transaction", name);
        client.send_frame(&begin).unwrap();
        for number in 0..3 {
            let answer = persistent(format!("{name} {number}")).with("transaction", name);
            client.send_frame(&answer).unwrap();
        }
        let ack = ack_of(&first).with("transaction", name);
        client.send_frame(&ack).unwrap();
        client.ask(Frame::new(end).with("transaction", name)).unwrap();
    };
    transaction("aborted", stomp::Command::Abort);
    transaction("committed", stomp::Command::Commit);
    let begin = Frame::new(stomp::Command::Begin).with("transaction", "open");
    client.send_frame(&begin).unwrap();
    client
        .ask(persistent("open").with("transaction", "open"))
        .unwrap();
    broker.kill();

    let broker = life.broker();
    let client = broker.connect();
    let queue = client.subscribe(QUEUE).unwrap();
    client.send(QUEUE, "the end").unwrap();
    let bodies = (0..4).map(|_| queue.next_within(PATIENCE).unwrap().text().into_owned());
    let bodies: Vec<String> = bodies.collect();
    assert_eq!(bodies, ["committed 0", "committed 1", "committed 2", "the end"]);
    broker.kill();
}

#[test]
fn the_first_lines_say_where_messages_are_kept() {
    let life = Killed::new();
    let mut broker = life.broker();
    let mut lines = broker.output.by_ref().lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains("kept in")).unwrap();
    assert!(line.starts_with("Persistent messages are kept in "), "{line}");
    assert!(line.ends_with("queues. Ctrl-C ends the broker."), "{line}");
    broker.kill();
}

// Durable subscriptions to topics.

#[test]
fn a_durable_subscription_outlives_its_broker_with_all_that_it_has_collected() {
    let life = Killed::new();
    let broker = life.broker();
    subscribe_durably(&broker.tcp, "mine");
    broker.kill();

    // Nobody has come back, and still it collects.
    let broker = life.broker();
    let client = broker.connect();
    client
        .ask(persistent_to("/topic/other", "not subscribed to"))
        .unwrap();
    for number in 0..10 {
        client.ask(persistent_to(TOPIC, number.to_string())).unwrap();
    }
    client.send_with_receipt(TOPIC, "kept in memory only").unwrap();
    broker.kill();

    let broker = life.broker();
    let mut reader = come_back(&broker.tcp, "mine", "client-individual");
    let frames: Vec<String> = (0..10)
        .map(|number| reader.hears_message(&number.to_string()))
        .collect();
    reader.hears_receipt("s");
    assert_eq!(header(&frames[0], "destination"), Some(TOPIC));
    assert_eq!(header(&frames[0], "redelivered"), None);
    for number in [0, 3, 4] {
        let ack = header(&frames[number], "ack").unwrap();
        reader.says(&format!("ACK\nid:{ack}\nreceipt:{number}\n\n^@"));
        reader.hears_receipt(&number.to_string());
    }
    broker.kill();

    let broker = life.broker();
    let mut reader = come_back(&broker.tcp, "mine", "auto");
    for number in [1, 2, 5, 6, 7, 8, 9] {
        let frame = reader.hears_message(&number.to_string());
        assert_eq!(header(&frame, "redelivered"), Some("true"));
        assert_eq!(
            header(&frame, "message-id"),
            header(&frames[number], "message-id")
        );
    }
    reader.hears_receipt("s");
    broker.kill();
}

#[test]
fn a_message_is_there_until_the_last_of_its_durable_subscribers_has_acknowledged_it() {
    let life = Killed::new();
    let broker = life.broker();
    for id in ["a", "b"] {
        subscribe_durably(&broker.tcp, id);
    }
    broker.connect().ask(persistent_to(TOPIC, "to both")).unwrap();
    broker.kill();
    for (id, others) in [("a", 1), ("b", 0)] {
        let broker = life.broker();
        let mut reader = come_back(&broker.tcp, id, "client");
        let ack = header(&reader.hears_message("to both"), "ack")
            .unwrap()
            .to_owned();
        reader.says(&format!("ACK\nid:{ack}\nreceipt:done\n\n^@"));
        reader.hears_receipt("s");
        reader.hears_receipt("done");
        broker.kill();
        let contents = life.contents();
        assert_eq!(contents.messages.len(), others, "after {id}");
        assert_eq!(contents.subscriptions.len(), 2);
    }
}

#[test]
fn who_unsubscribes_for_good_leaves_nothing_in_the_store() {
    let life = Killed::new();
    let broker = life.broker();
    let mut leaving = come_back(&broker.tcp, "leaving", "client");
    leaving.hears_receipt("s");
    // Another one listens with it, and owes an answer.
    let mut second = come_back(&broker.tcp, "leaving", "client");
    second.hears_receipt("s");
    subscribe_durably(&broker.tcp, "staying");
    let client = broker.connect();
    for number in 0..4 {
        client.ask(persistent_to(TOPIC, number.to_string())).unwrap();
    }
    leaving.says(&format!("UNSUBSCRIBE\nid:leaving\nreceipt:u\n{DURABLE}"));
    while !leaving.frame().starts_with("RECEIPT") {}
    second.hears("MESSAGE\n");
    // Not collected any more.
    client.ask(persistent_to(TOPIC, "4")).unwrap();
    broker.kill();

    let broker = life.broker();
    let mut again = come_back(&broker.tcp, "leaving", "auto");
    again.hears_receipt("s");
    again.says(&format!("UNSUBSCRIBE\nid:leaving\nreceipt:u\n{DURABLE}"));
    again.hears_receipt("u");
    broker.kill();
    let contents = life.contents();
    let queues: HashSet<&str> = contents.messages.iter().map(|kept| kept.queue.as_str()).collect();
    assert_eq!(queues, HashSet::from(["/durable//staying/topic/price.*"]));
    assert_eq!(
        contents.messages.iter().map(body).collect::<Vec<_>>(),
        ["0", "1", "2", "3", "4"]
    );
    assert_eq!(contents.subscriptions.len(), 1);
}

#[test]
fn what_is_too_much_for_a_durable_subscription_is_gone_from_the_store_too() {
    let disk = Disk::default();
    let store = Arc::new(Store::on(disk.clone()).unwrap());
    let mut options = ServerOptions {
        store: Some(store),
        ..ServerOptions::default()
    };
    options.session.limits.queued_bytes = 10_000;
    let urls = Server::start_on_loopback(options).unwrap();
    subscribe_durably(&urls.tcp, "mine");
    let client = connect(&urls.tcp);
    for number in 0..100 {
        client
            .ask(persistent_to(TOPIC, format!("{number:01000}")))
            .unwrap();
    }
    let bodies = bodies(&disk.after_power_loss());
    assert!((5..10).contains(&bodies.len()), "{} are kept", bodies.len());
    assert_eq!(bodies.last(), Some(&format!("{:01000}", 99)));
}

#[test]
fn queues_that_have_ended_leave_nothing_in_the_store() {
    let life = Killed::new();
    let broker = life.broker();
    let client = broker.connect();
    for number in 0..20 {
        client
            .ask(persistent_to(&format!("/queue/{number}"), "once"))
            .unwrap();
    }
    broker.kill();
    // The first ten are emptied, half of them by a broker that has found them in the file.
    for from in [0, 5] {
        let broker = life.broker();
        for number in from..from + 5 {
            let mut reader = common::Broker::at(&broker.tcp).session("1.2");
            let queue = format!("destination:/queue/{number}\nack:client\nid:0\n\n^@");
            reader.says(&format!("SUBSCRIBE\n{queue}"));
            let message = reader.hears_message("once");
            let ack = header(&message, "ack").unwrap();
            reader.says(&format!("ACK\nid:{ack}\n\n^@UNSUBSCRIBE\nid:0\nreceipt:u\n\n^@"));
            reader.hears_receipt("u");
        }
        broker.kill();
    }
    let database = redb::Database::create(life.path()).unwrap();
    let reading = redb::ReadableDatabase::begin_read(&database).unwrap();
    let delivered: redb::TableDefinition<&str, u64> = redb::TableDefinition::new("delivered");
    let rows = redb::ReadableTableMetadata::len(&reading.open_table(delivered).unwrap()).unwrap();
    assert_eq!(rows, 0);
    drop((reading, database));
    assert_eq!(life.contents().messages.len(), 10);
}

// Files that are none, or no longer.

/// A file as the first version of this broker wrote it: three tables, and no durable subscriptions.
fn first_format(path: &Path) {
    let about: redb::TableDefinition<&str, u64> = redb::TableDefinition::new("about");
    let messages: redb::TableDefinition<u64, &[u8]> = redb::TableDefinition::new("messages");
    let delivered: redb::TableDefinition<&str, u64> = redb::TableDefinition::new("delivered");
    let database = redb::Database::create(path).unwrap();
    let writing = database.begin_write().unwrap();
    writing.open_table(about).unwrap().insert("format", 1).unwrap();
    for number in 1..=3 {
        let record =
            format!("MESSAGE\nmessage-id:e-{number}\ndestination:{QUEUE}\npersistent:true\n\n{number}\0");
        let mut messages = writing.open_table(messages).unwrap();
        messages.insert(number, record.as_bytes()).unwrap();
    }
    writing.open_table(delivered).unwrap().insert(QUEUE, 1).unwrap();
    writing.commit().unwrap();
}

#[test]
fn a_file_of_the_first_format_is_gone_on_with() {
    let life = Killed::new();
    first_format(&life.path());
    // Killed at once, and started again: then it is one of the new format already.
    life.broker().kill();
    let broker = life.broker();
    subscribe_durably(&broker.tcp, "mine");
    broker.connect().ask(persistent_to(TOPIC, "new")).unwrap();
    broker.kill();

    let broker = life.broker();
    let client = broker.connect();
    let queue = client.subscribe(QUEUE).unwrap();
    for (number, redelivered) in [("1", Some("true")), ("2", None), ("3", None)] {
        let message = queue.next_within(PATIENCE).unwrap();
        assert_eq!(message.text(), number);
        assert_eq!(message.header("redelivered"), redelivered);
        assert_eq!(message.header("message-id"), Some(&*format!("e-{number}")));
    }
    come_back(&broker.tcp, "mine", "client").hears_message("new");
    broker.kill();
}

/// A store with ten messages in it, as octets.
fn ten_messages() -> Vec<u8> {
    let life = Killed::new();
    let broker = life.broker();
    let client = broker.connect();
    for number in 0..10 {
        client.ask(persistent(vec![b'0' + number; 5_000])).unwrap();
    }
    broker.kill();
    fs::read(life.folder.path().join("queues")).unwrap()
}

/// A broker is started on this file: it must end with 1 and this sentence, and leave the file as it was.
#[track_caller]
fn is_refused(path: &Path, sentence: &str) {
    let before = fs::read(path).ok();
    let (status, error) = start(path).ends();
    assert_eq!(status.code(), Some(1), "{error}");
    let expected = format!("error: cannot keep messages in {}: {sentence}\n", path.display());
    assert_eq!(error, expected);
    assert!(fs::read(path).ok() == before, "the file was changed");
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let sentence = "the file is another program's; it was left as it is: name a new one";
    for text in [
        "x",
        "My diary. Dear diary, today I met a broker.",
        &"x".repeat(100_000),
    ] {
        fs::write(&path, text).unwrap();
        is_refused(&path, sentence);
    }
    let others: redb::TableDefinition<u64, u64> = redb::TableDefinition::new("others");
    fs::remove_file(&path).unwrap();
    let database = redb::Database::create(&path).unwrap();
    let writing = database.begin_write().unwrap();
    writing.open_table(others).unwrap().insert(1, 2).unwrap();
    writing.commit().unwrap();
    drop(database);
    is_refused(&path, sentence);
}

#[test]
fn a_file_of_another_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, ten_messages()).unwrap();
    let about: redb::TableDefinition<&str, u64> = redb::TableDefinition::new("about");
    for format in [0, 3] {
        let database = redb::Database::create(&path).unwrap();
        let writing = database.begin_write().unwrap();
        writing
            .open_table(about)
            .unwrap()
            .insert("format", format)
            .unwrap();
        writing.commit().unwrap();
        drop(database);
        is_refused(
            &path,
            &format!(
                "another version of this broker wrote the file (format {format}, and this one's is 2); it was left as it is: start that version, or name a new file"
            ),
        );
    }
}

#[test]
fn a_file_is_for_one_broker_at_a_time() {
    let life = Killed::new();
    let broker = life.broker();
    let (status, error) = life.broker().ends();
    assert_eq!(status.code(), Some(1));
    assert!(
        error.ends_with("another broker has the file open: end that one, or name another file\n"),
        "{error}"
    );
    broker.connect().ask(persistent("still here")).unwrap();
    broker.kill();
}

#[test]
fn a_place_where_no_file_can_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for path in [
        folder.path().to_owned(),
        folder.path().join("no/such/folder/queues"),
    ] {
        let (status, error) = start(&path).ends();
        assert_eq!(status.code(), Some(1));
        let expected = format!("error: cannot keep messages in {}: ", path.display());
        assert!(
            error.starts_with(&expected) && error.lines().count() == 1,
            "{error}"
        );
    }
}

/// What a store says that lies in these octets: its messages, or why not.
fn opened(octets: &[u8]) -> Result<Vec<Vec<u8>>, stomp::StoreError> {
    let contents = Store::on(Disk::with(octets)).and_then(|store| store.load())?;
    let bodies = contents.messages.iter().map(|kept| kept.message.body().to_vec());
    Ok(bodies.collect())
}

#[test]
fn a_torn_last_write_is_undone_and_any_other_damage_is_found_out() {
    let whole = ten_messages();
    let expected: Vec<Vec<u8>> = (0..10).map(|number| vec![b'0' + number; 5_000]).collect();
    assert_eq!(opened(&whole).unwrap(), expected);
    let (mut undone, mut found_out) = (0, 0);
    // At every place a page that is there only in part; and a file that ends there.
    for place in (512..whole.len()).step_by(2_048) {
        let mut torn = whole.clone();
        let end = (place + 512).min(torn.len());
        torn[place..end].fill(0);
        for damaged in [&torn[..], &whole[..place]] {
            match opened(damaged) {
                Ok(messages) if messages == expected => {}
                // The last write looks like one that the power interrupted, and such a one was never receipted.
                Ok(messages) if messages == expected[..9] => undone += 1,
                Ok(messages) => panic!("{} messages, without a word, at {place}", messages.len()),
                Err(error) => {
                    found_out += 1;
                    assert!(
                        error.to_string().starts_with("cannot keep messages in "),
                        "{error}"
                    );
                }
            }
        }
    }
    assert!(
        undone > 0 && found_out > 50,
        "{undone} undone, {found_out} found out"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_the_broker_and_what_it_gave_a_receipt_for_is_there() {
    let life = Killed::new();
    let store = life.folder.path().join("queues");
    // No file may become longer than this. (In blocks of 512 bytes; without the trap the system would kill the program.)
    let limited = "trap '' XFSZ; ulimit -f 6000; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", limited])
        .arg(cargo_bin!("06-stomp"))
        .arg("serve");
    let broker = started(&mut command, &store);
    let client = broker.connect();
    let mut receipted = 0;
    let error = loop {
        match client.ask(persistent(vec![b'x'; 10_000])) {
            Ok(()) => receipted += 1,
            Err(error) => break error,
        }
    };
    assert!(receipted > 50);
    assert!(
        matches!(error, stomp::Error::Refused { .. } | stomp::Error::Closed { .. }),
        "{error}"
    );
    let (status, error) = broker.ends();
    assert_eq!(status.code(), Some(1));
    assert!(
        error.starts_with("error: cannot write to ") && error.lines().count() == 1,
        "{error}"
    );

    let broker = life.broker();
    let client = broker.connect();
    let queue = client.subscribe(QUEUE).unwrap();
    for _ in 0..receipted {
        queue.next_within(PATIENCE).unwrap();
    }
    broker.kill();
}
