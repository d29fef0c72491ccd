//! A bare epoll loop, in the style of C: level-triggered, one array indexed by descriptor, read and write, and nothing
//! for the case that the peer does not read.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::{Errno, read, write};
use rustix::net::sockopt::set_tcp_nodelay;
use rustix::net::{SocketFlags, accept_with};

pub(crate) fn serve(listener: &TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    let door = data_of(listener);
    epoll::add(&epoll, listener, door, EventFlags::IN)?;
    let mut connections: Vec<Option<OwnedFd>> = Vec::new();
    let mut events = Vec::with_capacity(1024);
    let mut buffer = vec![0; 1 << 16];
    loop {
        events.clear();
        epoll::wait(&epoll, spare_capacity(&mut events), None)?;
        for event in &events {
            let data = event.data;
            if data == door {
                accept_all(listener, &epoll, &mut connections)?;
                continue;
            }
            let slot = &mut connections[usize::try_from(data.u64()).unwrap_or(usize::MAX)];
            let Some(connection) = slot else { continue };
            let stays = match read(&*connection, &mut buffer[..]) {
                Ok(0) => false,
                Ok(count) => write(&*connection, &buffer[..count]) == Ok(count),
                Err(error) => error == Errno::AGAIN,
            };
            if !stays {
                *slot = None;
            }
        }
    }
}

fn accept_all(
    listener: &TcpListener,
    epoll: &OwnedFd,
    connections: &mut Vec<Option<OwnedFd>>,
) -> io::Result<()> {
    loop {
        let connection = match accept_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
            Ok(connection) => connection,
            Err(Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        set_tcp_nodelay(&connection, true)?;
        let data = data_of(&connection);
        epoll::add(epoll, &connection, data, EventFlags::IN)?;
        let index = usize::try_from(data.u64()).unwrap_or(usize::MAX);
        if index >= connections.len() {
            connections.resize_with(index + 1, || None);
        }
        connections[index] = Some(connection);
    }
}

fn data_of(descriptor: &impl AsRawFd) -> EventData {
    EventData::new_u64(u64::try_from(descriptor.as_raw_fd()).unwrap_or(u64::MAX))
}
