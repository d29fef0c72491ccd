//! Takes a port, and tries to take it again.

use std::io;
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let first = TcpListener::bind("127.0.0.1:0")?;
    let address = first.local_addr()?;
    println!("first server on {address}");

    match TcpListener::bind(address) {
        Ok(_) => println!("second server on the same port"),
        Err(error) => println!("second server: {error}"),
    }

    drop(first);
    TcpListener::bind(address)?;
    println!("third server, once the first was gone: ok");
    Ok(())
}
