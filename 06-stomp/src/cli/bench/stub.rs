//! What a broker is measured against: a bare fan-out, which knows the four frames of the load and nothing else.
//!
//! A thread for each connection; it reads as much as there is, makes a MESSAGE of each SEND, and writes all of them
//! to each subscriber at once. It checks nothing, holds nothing back and forgets nobody, so no broker is to be had
//! for less work.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use memchr::memmem;

use super::counter;

/// As much as a broker reads at once, in bytes.
const READ: usize = 64 * 1024;

/// Who is subscribed to a topic.
type Subscribers = Arc<Mutex<Vec<TcpStream>>>;
type Topics = Mutex<HashMap<Vec<u8>, Subscribers>>;

/// Serves until the process ends, and gives its URL.
pub(super) fn start() -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let url = format!("stomp://{}", listener.local_addr()?);
    let topics = Arc::new(Topics::default());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let topics = Arc::clone(&topics);
            // A connection that fails ends alone; the load notices what does not come.
            thread::spawn(move || Client { stream, topics }.serve());
        }
    });
    Ok(url)
}

struct Client {
    stream: TcpStream,
    topics: Arc<Topics>,
}

impl Client {
    fn serve(mut self) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let (mut buffer, mut held) = (vec![0; READ], 0);
        loop {
            let pulled = self.stream.read(&mut buffer[held..])?;
            if pulled == 0 {
                return Ok(());
            }
            let end = held + pulled;
            let whole = self.take(&buffer[..end])?;
            buffer.copy_within(whole..end, 0);
            held = end - whole;
        }
    }

    /// Does what all whole frames say, and gives where the last of them ends.
    fn take(&mut self, octets: &[u8]) -> io::Result<usize> {
        let (mut messages, mut topic, mut whole) = (Vec::new(), &b""[..], 0);
        while let Some((head, rest)) = counter::head(&octets[whole..])
            && let Some(frame) = octets.get(whole..whole + head + rest)
        {
            if let Some(sent) = frame.strip_prefix(b"SEND\n") {
                messages.extend_from_slice(b"MESSAGE\nsubscription:0\nmessage-id:0\n");
                messages.extend_from_slice(sent);
                topic = destination(frame);
            } else {
                self.answer(frame)?;
            }
            whole += head + rest;
        }
        if !messages.is_empty() {
            let subscribers = self.subscribers(topic);
            lock(&subscribers).retain_mut(|subscriber| subscriber.write_all(&messages).is_ok());
        }
        Ok(whole)
    }

    fn answer(&mut self, frame: &[u8]) -> io::Result<()> {
        if frame.starts_with(b"SUBSCRIBE\n") {
            let subscribers = self.subscribers(destination(frame));
            lock(&subscribers).push(self.stream.try_clone()?);
        }
        self.stream.write_all(if frame.starts_with(b"CONNECT\n") {
            b"CONNECTED\nversion:1.2\n\n\0"
        } else if frame.starts_with(b"DISCONNECT\n") {
            b"RECEIPT\nreceipt-id:bye\n\n\0"
        } else {
            b"RECEIPT\nreceipt-id:0\n\n\0"
        })
    }

    fn subscribers(&self, topic: &[u8]) -> Subscribers {
        Arc::clone(lock(&self.topics).entry(topic.to_vec()).or_default())
    }
}

fn destination(frame: &[u8]) -> &[u8] {
    const NAME: &[u8] = b"\ndestination:";
    let value = memmem::find(frame, NAME).map_or(&b""[..], |at| &frame[at + NAME.len()..]);
    value.split(|octet| *octet == b'\n').next().unwrap_or_default()
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
