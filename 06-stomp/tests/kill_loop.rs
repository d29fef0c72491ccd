//! The kill loop: a broker that is killed at random moments, while clients publish and consume, and a ledger of what it has
//! promised them.
//!
//! `cargo test` runs a few rounds. `.ci/interop/kill-loop ROUNDS` runs more.
//!
//! `kill -9` ends the broker without a word, in the middle of whatever it does. What it has written stays with the system,
//! synced or not: so this proves the order of things (written before receipted), and recovery. That the disk has it too,
//! before the receipt, is proved in `store.rs`, with a disk that forgets what was not synced.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::collections::HashSet;
use std::env;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use snapbox::cmd::cargo_bin;
use stomp::{AckMode, Client, ClientOptions, Error, Frame};

const QUEUE: &str = "/queue/kill";
const PUBLISHERS: usize = 4;
const CONSUMERS: usize = 6;

/// A broker as a process of its own.
struct Broker {
    process: Child,
    /// TCP, then WebSocket.
    urls: [String; 2],
    /// Kept open, so that the broker can go on printing.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Broker {
    fn start(program: &Path, store: &Path) -> Self {
        let mut process = Command::new(program)
            .args(["serve", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0", "--store"])
            .arg(store)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut url = || {
            let line = lines.next().expect("the broker must start").unwrap();
            line.split_whitespace().last().unwrap().to_owned()
        };
        let urls = [url(), url()];
        Self {
            process,
            urls,
            _output: lines,
        }
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// What clients were promised, and what they have seen.
#[derive(Default)]
struct Ledger {
    last_number: u64,
    /// Lower numbers were sent to a broker that has been killed since.
    first_of_round: u64,
    /// The broker has said that it has these.
    receipted: HashSet<String>,
    /// The broker has said that it knows that these are done.
    acknowledged: HashSet<String>,
    /// The broker may know that these are done: their receipt never came.
    perhaps_acknowledged: HashSet<String>,
    /// Messages that were sent in one transaction.
    transactions: Vec<Vec<String>>,
    seen: HashSet<String>,
    /// These came back from the disk.
    restored: HashSet<String>,
    redelivered: usize,
    /// Came again, and did not say so.
    unmarked: usize,
    broken_promises: Vec<String>,
}

impl Ledger {
    fn begin_round(&mut self) {
        self.first_of_round = self.last_number;
    }

    fn names(&mut self, count: usize) -> Vec<String> {
        let first = self.last_number;
        self.last_number += count as u64;
        (first..self.last_number)
            .map(|number| number.to_string())
            .collect()
    }

    fn receives(&mut self, name: &str, message: &Frame) {
        if self.acknowledged.contains(name) {
            self.broken_promises
                .push(format!("{name} was acknowledged, and came again"));
        }
        if name.parse::<u64>().unwrap() < self.first_of_round {
            self.restored.insert(name.to_owned());
        }
        if !self.seen.insert(name.to_owned()) {
            self.redelivered += 1;
            self.unmarked += usize::from(message.header("redelivered") != Some("true"));
        }
    }
}

fn random(below: u64) -> u64 {
    RandomState::new().hash_one(Instant::now()) % below
}

fn send(name: &str) -> Frame {
    Frame::new(stomp::Command::Send)
        .with("destination", QUEUE)
        .with("persistent", "true")
        .with_body(name)
}

/// Publishes until the broker is killed.
fn publish(url: &str, ledger: &Mutex<Ledger>) -> Result<(), Error> {
    let client = Client::connect(url, &ClientOptions::default())?;
    loop {
        if random(5) > 0 {
            let name = ledger.lock().unwrap().names(1).remove(0);
            client.ask(send(&name))?;
            ledger.lock().unwrap().receipted.insert(name);
            continue;
        }
        let names = ledger.lock().unwrap().names(3);
        ledger.lock().unwrap().transactions.push(names.clone());
        let begin = Frame::new(stomp::Command::Begin).with("transaction", "t");
        client.send_frame(&begin)?;
        for name in &names {
            client.send_frame(&send(name).with("transaction", "t"))?;
        }
        client.ask(Frame::new(stomp::Command::Commit).with("transaction", "t"))?;
        ledger.lock().unwrap().receipted.extend(names);
    }
}

/// Consumes until the broker is killed.
fn consume(url: &str, ledger: &Mutex<Ledger>) -> Result<(), Error> {
    let client = Client::connect(url, &ClientOptions::default())?;
    let queue = client.subscribe_with(QUEUE, AckMode::ClientIndividual)?;
    for message in queue {
        let message = message?;
        let name = message.text().into_owned();
        ledger.lock().unwrap().receives(&name, &message);
        if random(50) == 0 {
            client.nack(&message)?;
            continue;
        }
        let ack = Frame::new(stomp::Command::Ack).with("id", message.header("ack").unwrap());
        ledger.lock().unwrap().perhaps_acknowledged.insert(name.clone());
        client.ask(ack)?;
        ledger.lock().unwrap().acknowledged.insert(name);
    }
    Ok(())
}

/// Waits until this round's broker has given some receipts of both kinds; a busy machine takes its time.
fn wait_for_work(ledger: &Mutex<Ledger>) {
    let counts = || {
        let ledger = ledger.lock().unwrap();
        (ledger.receipted.len(), ledger.acknowledged.len())
    };
    let (before, began) = (counts(), Instant::now());
    while began.elapsed() < Duration::from_secs(5) {
        let now = counts();
        if now.0 >= before.0 + 5 && now.1 >= before.1 + 5 {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Receives everything that is left.
fn drain(broker: &Broker, ledger: &Mutex<Ledger>) {
    let client = Client::connect(&broker.urls[0], &ClientOptions::default()).unwrap();
    let queue = client.subscribe_with(QUEUE, AckMode::ClientIndividual).unwrap();
    client.send(QUEUE, "the end").unwrap();
    for message in queue {
        let message = message.unwrap();
        client.ack(&message).unwrap();
        if message.text() == "the end" {
            break;
        }
        ledger.lock().unwrap().receives(&message.text(), &message);
    }
    client.disconnect().unwrap();
}

#[test]
fn what_was_receipted_is_not_lost_and_what_was_acknowledged_does_not_come_again() {
    let rounds = env::var("KILL_LOOP_ROUNDS").map_or(5, |rounds| rounds.parse().unwrap());
    let program =
        env::var_os("KILL_LOOP_BROKER").map_or_else(|| cargo_bin!("06-stomp").to_owned(), Into::into);
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("queues");
    let ledger = Mutex::new(Ledger::default());
    for round in 1..=rounds {
        let broker = Broker::start(&program, &store);
        ledger.lock().unwrap().begin_round();
        thread::scope(|scope| {
            let urls = broker.urls.clone();
            for number in 0..PUBLISHERS {
                let (url, ledger) = (urls[number % 2].clone(), &ledger);
                scope.spawn(move || publish(&url, ledger));
            }
            for number in 0..CONSUMERS {
                let (url, ledger) = (urls[number % 2].clone(), &ledger);
                scope.spawn(move || consume(&url, ledger));
            }
            // Most of the time in the middle of the work, and at times while it begins.
            if random(5) > 0 {
                wait_for_work(&ledger);
            }
            thread::sleep(Duration::from_millis(random(150)));
            broker.kill();
        });
        let ledger = ledger.lock().unwrap();
        assert_eq!(ledger.broken_promises, [""; 0], "in round {round}");
        if round % 50 == 0 {
            println!(
                "round {round}: {} receipted, {} acknowledged",
                ledger.receipted.len(),
                ledger.acknowledged.len()
            );
        }
    }
    let broker = Broker::start(&program, &store);
    ledger.lock().unwrap().begin_round();
    drain(&broker, &ledger);
    broker.kill();
    let ledger = ledger.into_inner().unwrap();
    let known = |name: &&String| ledger.seen.contains(*name);
    let lost: Vec<&String> = ledger.receipted.iter().filter(|name| !known(name)).collect();
    assert!(lost.is_empty(), "receipted, and lost: {lost:?}");
    assert_eq!(ledger.broken_promises, [""; 0]);
    // A consumer may have seen the first message of a transaction before the disk had any. But if the disk had one of them,
    // it had all.
    for transaction in &ledger.transactions {
        let was_on_disk = transaction.iter().any(|name| ledger.restored.contains(name));
        assert!(
            !was_on_disk || transaction.iter().all(|name| known(&name)),
            "half a transaction: {transaction:?}"
        );
    }
    println!(
        "{rounds} rounds: {} messages receipted, none lost; {} acknowledged with a receipt, none came again; {} others came again, {} of them not marked",
        ledger.receipted.len(),
        ledger.acknowledged.len(),
        ledger.redelivered,
        ledger.unmarked,
    );
}
