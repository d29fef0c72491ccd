//! Both ends of two connections to one server: four numbers name each.

use std::io;
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let server = TcpListener::bind("127.0.0.1:0")?;
    let address = server.local_addr()?;
    for _ in 0..2 {
        let client = TcpStream::connect(address)?;
        let (accepted, peer) = server.accept()?;
        println!("client: {} -> {}", client.local_addr()?, client.peer_addr()?);
        println!("server: {} <- {peer}", accepted.local_addr()?);
    }
    Ok(())
}
