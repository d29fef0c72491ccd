//! A thread for each connection: the simplest server, and how far it goes.
//!
//! Each caller costs a descriptor, a thread with its stack, and memory; each of its clients costs a port. Something of it runs
//! out first, and [`hold`] says what. (Step 4 serves ten thousand connections on one thread.)

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use crate::limits::Resource;
use crate::{Deadline, Error, Listener, TcpSocket};

/// A server that is full must not keep its callers for ever.
const PATIENCE: Duration = Duration::from_secs(30);
/// Address space and memory that the rest of the program, and the rest of the machine, may still need, in bytes.
const SPARE_BYTES: u64 = 256 * 1024 * 1024;
/// After so many connections the memory is looked at again.
const GLANCE: usize = 256;

/// Why a crowd does not grow any more.
#[derive(Debug)]
pub enum Ending {
    /// There are as many as were wanted.
    Wanted,
    /// Something ran out, and these are the system's words.
    OutOf(Resource, String),
    /// Something would run out, and nobody would live to read the system's words.
    NearlyOutOf(Resource),
    /// Something else went wrong.
    Failed(Error),
}

impl Ending {
    /// What a failed call says about the resources of its end.
    #[must_use]
    pub fn of(error: Error) -> Self {
        match error {
            Error::TooManyOpenFiles { .. } => Self::OutOf(Resource::Descriptors, error.to_string()),
            Error::AddressNotAvailable { .. } => Self::OutOf(Resource::Ports, error.to_string()),
            error => Self::Failed(error),
        }
    }
}

/// Accepts callers until there are `wanted`, each on a thread of its own that sends back what it pulls, and tells `report`
/// how many there are. The threads end when their callers close.
pub fn hold(listener: &Listener, wanted: usize, mut report: impl FnMut(usize)) -> Ending {
    let threads = safe_threads();
    for held in 0..wanted {
        if held >= threads {
            return Ending::NearlyOutOf(Resource::MemoryMaps);
        }
        if is_short_of(Resource::AddressSpace) {
            return Ending::NearlyOutOf(Resource::AddressSpace);
        }
        if held % GLANCE == 0 && is_short_of(Resource::Memory) {
            return Ending::NearlyOutOf(Resource::Memory);
        }
        let socket = match listener.accept() {
            Ok(socket) => socket,
            Err(error) => return Ending::of(error),
        };
        if let Err(source) = thread::Builder::new().spawn(move || echo(&socket)) {
            return Ending::OutOf(Resource::Threads, format!("cannot start a thread: {source}"));
        }
        report(held + 1);
    }
    Ending::Wanted
}

/// How many threads may surely be started. One that cannot have the maps for its start ends the whole process, without an
/// error to handle.
fn safe_threads() -> usize {
    const MAPS_OF_A_THREAD: u64 = 4;
    /// The allocator and the libraries may still need some.
    const SPARE: u64 = 1000;
    let room = room(Resource::MemoryMaps)
        .unwrap_or(u64::MAX)
        .saturating_sub(SPARE);
    usize::try_from(room / MAPS_OF_A_THREAD).unwrap_or(usize::MAX)
}

fn is_short_of(bytes: Resource) -> bool {
    room(bytes).is_some_and(|room| room < SPARE_BYTES)
}

fn room(resource: Resource) -> Option<u64> {
    Some(resource.limit()?.saturating_sub(resource.used()?))
}

fn echo(socket: &TcpSocket) -> Result<(), Error> {
    let mut buffer = [0; 64];
    loop {
        match socket.pull(&mut buffer, Deadline::never())? {
            0 => return Ok(()),
            count => socket.send(&buffer[..count], PATIENCE)?,
        };
    }
}

/// The other side: calls `server` `wanted` times, or until it hangs up, and holds on. Each caller gets an echo before the
/// next one calls, so that nobody waits in line.
///
/// # Errors
///
/// What kept the next caller from being served; those before it are in `callers`.
pub fn call(server: SocketAddr, wanted: usize, callers: &mut Vec<TcpSocket>) -> Result<(), Error> {
    for _ in 0..wanted {
        let socket = TcpSocket::connect_address(server, PATIENCE)?;
        socket.send(b"?", PATIENCE)?;
        if socket.pull(&mut [0], PATIENCE)? == 0 {
            break;
        }
        callers.push(socket);
    }
    Ok(())
}
