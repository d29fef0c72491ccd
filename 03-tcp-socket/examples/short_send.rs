//! A send takes what fits into the systems' buffers. What does not fit waits for the peer to read.

use std::time::Duration;

use tcp_socket::{Error, Listener, TcpSocket};

const PATIENCE: Duration = Duration::from_millis(100);

fn main() -> Result<(), Error> {
    let listener = Listener::bind_address(([127, 0, 0, 1], 0).into())?;
    let socket = TcpSocket::connect_address(listener.local_address(), PATIENCE)?;
    let peer = listener.accept()?;

    let offered = vec![0; 100 * 1024 * 1024];
    let taken = socket.send(&offered, PATIENCE)?;
    println!("all 100 MiB taken by one send: {}", taken == offered.len());

    // The peer's system may find a little more room; then there is none.
    let error = loop {
        if let Err(error) = socket.send(&offered, PATIENCE) {
            break error;
        }
    };
    println!("in the end no byte is taken: {}", error.short());

    let pulled = peer.pull(&mut [0; 1000], PATIENCE)?;
    println!("the peer reads at last, {pulled} bytes, and the connection is as good as new");
    Ok(())
}
