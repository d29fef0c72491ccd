//! One send may take less than it was offered: here, because the peer does not read.

use std::thread;
use std::time::Duration;

use chunked_io::{pull_exact, send_all};
use ports::Endpoint;
use tcp_socket::{Listener, TcpSocket};

const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = Listener::bind(&Endpoint::new("127.0.0.1", 0))?;
    let mut client = TcpSocket::connect_address(listener.local_address(), PATIENCE)?;
    let mut server = listener.accept()?;
    let offered = vec![b'x'; 32 * 1024 * 1024];

    // Nobody pulls at the other end: what the two systems can hold fills up, and the call gives up waiting.
    let taken = client.send(&offered, Duration::from_millis(100))?;
    println!("all of it taken by one send? {}", taken == offered.len());

    // Now the other end reads, and the loop sends what is left.
    let mut received = vec![0; offered.len()];
    let reader = thread::spawn(move || pull_exact(&mut server, &mut received, PATIENCE).map(|()| received));
    send_all(&mut client, &offered[taken..], PATIENCE)?;
    let received = reader.join().map_err(|_| "the reader panicked")??;
    println!("all of it there after the loop? {}", received == offered);
    Ok(())
}
