//! A queue of callers that nobody accepts: to those in it all looks well, and the next one waits for a second at least.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use ports::Endpoint;
use tcp_socket::{Error, ListenOptions, Listener, TcpSocket};

const TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = ListenOptions {
        backlog: 1,
        ..ListenOptions::default()
    };
    let listener = Listener::bind_with(&Endpoint::new("127.0.0.1", 0), options)?;
    let server = listener.local_address();
    println!("A queue for 1 caller, in which Linux puts 2. Nobody accepts.");
    let _first = call("first", server)?;
    let _second = call("second", server)?;

    // The third one's SYN finds the queue full and is dropped. The system sends it again after a second.
    let third = thread::spawn(move || call("third", server));
    thread::sleep(Duration::from_millis(50));
    println!("  Now the server accepts one of them.");
    listener.accept()?;
    third.join().map_err(|_| "the third caller has failed")??;
    Ok(())
}

fn call(name: &str, server: SocketAddr) -> Result<TcpSocket, Error> {
    let started = Instant::now();
    let socket = TcpSocket::connect_address(server, TIMEOUT)?;
    let connected = started.elapsed();
    let sent = socket.send(b"hello?", TIMEOUT)?;
    println!("  The {name} caller: connected ({connected:.1?}), and has sent {sent} bytes");
    Ok(socket)
}
