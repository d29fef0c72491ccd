//! `peers serve NAME`: an echo server on a port of its own, whose URL is the first line that it prints.
//! `peers connect URL [CA-FILE]`: tungstenite as the client of an echo server; it ends with 0 if all came back.

#[path = "../../../../04-chunked-io/benches/event_loop/epoll.rs"]
mod epoll;
mod fast;
mod tokio_tung;
mod tung;

use std::net::TcpListener;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    match arguments[..] {
        ["serve", "tcp"] => {
            println!("listening on tcp://{address}/");
            epoll::serve(&listener)?;
        }
        ["serve", name] => {
            println!("listening on ws://{address}/");
            match name {
                "tungstenite" => tung::serve(listener)?,
                "tokio-tungstenite" => tokio_tung::serve(listener)?,
                "fastwebsockets" => fast::serve(listener)?,
                _ => return Err(format!("no peer is called {name}").into()),
            }
        }
        ["connect", url] => tung::talk(url, None)?,
        ["connect", url, authority] => tung::talk(url, Some(authority))?,
        _ => return Err("serve NAME, or connect URL [CA-FILE]".into()),
    }
    Ok(())
}
