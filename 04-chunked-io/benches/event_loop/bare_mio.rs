//! A bare loop on `mio`: edge-triggered, one array indexed by token, read and write, and nothing for the case that the
//! peer does not read.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpListener;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Registry, Token};

const DOOR: Token = Token(usize::MAX);

#[derive(Default)]
struct Connections {
    slots: Vec<Option<TcpStream>>,
    free: Vec<usize>,
}

pub(crate) fn serve(listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut listener = mio::net::TcpListener::from_std(listener);
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, DOOR, Interest::READABLE)?;
    let mut connections = Connections::default();
    let mut events = Events::with_capacity(1024);
    let mut buffer = vec![0; 1 << 16];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == DOOR {
                connections.accept_all(&listener, poll.registry())?;
                continue;
            }
            let index = event.token().0;
            let Some(stream) = &mut connections.slots[index] else {
                continue;
            };
            if !echo(stream, &mut buffer) {
                connections.slots[index] = None;
                connections.free.push(index);
            }
        }
    }
}

impl Connections {
    fn accept_all(&mut self, listener: &mio::net::TcpListener, registry: &Registry) -> io::Result<()> {
        loop {
            let mut stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            stream.set_nodelay(true)?;
            let index = self.free.pop().unwrap_or(self.slots.len());
            registry.register(&mut stream, Token(index), Interest::READABLE)?;
            if index == self.slots.len() {
                self.slots.push(None);
            }
            self.slots[index] = Some(stream);
        }
    }
}

/// Whether the connection stays.
fn echo(stream: &mut TcpStream, buffer: &mut [u8]) -> bool {
    loop {
        match stream.read(buffer) {
            Ok(0) => return false,
            Ok(count) => {
                if !stream
                    .write(&buffer[..count])
                    .is_ok_and(|written| written == count)
                {
                    return false;
                }
                // Less than was asked for: there is no more.
                if count < buffer.len() {
                    return true;
                }
            }
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}
