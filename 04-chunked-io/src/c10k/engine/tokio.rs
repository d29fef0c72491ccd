//! A task for each connection, on tokio: it reads like the threads, and the runtime turns it into a readiness loop.

use std::io;

use tcp_socket::Listener;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// Serves on one thread a core, until accepting fails.
///
/// # Errors
///
/// What ended it.
pub fn serve(listener: Listener) -> io::Result<()> {
    serve_on(&Builder::new_multi_thread().enable_io().build()?, listener)
}

/// Serves on one thread.
///
/// # Errors
///
/// What ended it.
pub fn serve_on_one_thread(listener: Listener) -> io::Result<()> {
    serve_on(&Builder::new_current_thread().enable_io().build()?, listener)
}

fn serve_on(runtime: &Runtime, listener: Listener) -> io::Result<()> {
    let listener = std::net::TcpListener::from(listener);
    listener.set_nonblocking(true)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(echo(stream));
        }
    })
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            count => stream.write_all(&buffer[..count]).await?,
        }
    }
}
