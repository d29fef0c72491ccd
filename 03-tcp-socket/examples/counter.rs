//! A connection remembers who is at its other end. HTTP forgets after each answer, unless the client brings a cookie.

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use tcp_socket::http::{RequestHead, ResponseHead, pull_head};
use tcp_socket::{Listener, TcpSocket};

const TIMEOUT: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        let listener = Listener::bind_address(([127, 0, 0, 1], 0).into())?;
        println!(
            "listening on http://{}/ (try: curl -v -c jar -b jar)",
            listener.local_address()
        );
        return serve_http(&listener);
    }
    let listener = Listener::bind_address(([127, 0, 0, 1], 0).into())?;
    let socket = TcpSocket::connect_address(listener.local_address(), TIMEOUT)?;
    thread::spawn(move || count_calls(&listener.accept()?));
    let mut counts = Vec::new();
    for _ in 0..3 {
        socket.send(b"+", TIMEOUT)?;
        let mut count = [0];
        socket.pull(&mut count, TIMEOUT)?;
        counts.push(count[0].to_string());
    }
    println!("one connection, three calls:  {}", counts.join(" "));

    let listener = Listener::bind_address(([127, 0, 0, 1], 0).into())?;
    let server = listener.local_address();
    thread::spawn(move || serve_http(&listener).map_err(|error| error.to_string()));
    let counts = [get(server, "")?.0, get(server, "")?.0, get(server, "")?.0];
    println!("three HTTP requests:          {}", counts.join(" "));

    let (first, cookie) = get(server, "")?;
    let counts = [first, get(server, &cookie)?.0, get(server, &cookie)?.0];
    println!("three with a cookie:          {}", counts.join(" "));
    Ok(())
}

/// The state is a variable: it lives as long as the connection.
fn count_calls(socket: &TcpSocket) -> Result<(), tcp_socket::Error> {
    let mut count = 0;
    while socket.pull(&mut [0], TIMEOUT)? > 0 {
        count += 1;
        socket.send(&[count], TIMEOUT)?;
    }
    Ok(())
}

/// The state is a table, because each request may come from anybody. The client has to say which row is its own.
fn serve_http(listener: &Listener) -> Result<(), Box<dyn Error>> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    loop {
        let socket = listener.accept()?;
        let request = RequestHead::parse(&pull_head(&socket, TIMEOUT)?)?;
        let stranger = format!("visitor={}", counts.len());
        let cookie = request.headers.get("Cookie").unwrap_or(&stranger).to_owned();
        let count = counts.entry(cookie.clone()).or_default();
        *count += 1;
        let head = ResponseHead::new(200).with("Set-Cookie", &cookie);
        socket.send(
            &head.with_body("text/plain", count.to_string().as_bytes()),
            TIMEOUT,
        )?;
    }
}

/// One request on a connection of its own; the answer's text, and the cookie that came with it.
fn get(server: SocketAddr, cookie: &str) -> Result<(String, String), Box<dyn Error>> {
    let socket = TcpSocket::connect_address(server, TIMEOUT)?;
    let line = if cookie.is_empty() {
        String::new()
    } else {
        format!("Cookie: {cookie}\r\n")
    };
    socket.send(
        format!("GET / HTTP/1.1\r\nHost: {server}\r\n{line}\r\n").as_bytes(),
        TIMEOUT,
    )?;
    let head = ResponseHead::parse(&pull_head(&socket, TIMEOUT)?)?;
    let cookie = head.headers.get("Set-Cookie").unwrap_or_default().to_owned();
    Ok((String::from_utf8(pull_to_end(&socket)?)?, cookie))
}

/// Pulls until the peer closes. (Step 4 makes a function of this loop for every stream.)
fn pull_to_end(socket: &TcpSocket) -> Result<Vec<u8>, tcp_socket::Error> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 64]);
    loop {
        match socket.pull(&mut buffer, TIMEOUT)? {
            0 => return Ok(bytes),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
