//! Two small sends, then a pull: Nagle's algorithm at one end and the delayed ACK at the other wait for each other.

use std::thread;
use std::time::{Duration, Instant};

use tcp_socket::{Error, Listener, TcpSocket};

const TIMEOUT: Duration = Duration::from_secs(5);
const ROUNDS: usize = 15;

fn main() -> Result<(), Error> {
    let two: &[&[u8]] = &[b"head", b"body"];
    let one: &[&[u8]] = &[b"headbody"];
    println!("two sends, and an answer:   {:.1?}", median_round(two, false)?);
    println!("the same with TCP_NODELAY:  {:.1?}", median_round(two, true)?);
    println!("one send, and an answer:    {:.1?}", median_round(one, false)?);
    Ok(())
}

/// How long a question of eight bytes and its answer take, in the middle of all rounds.
fn median_round(pieces: &[&[u8]], no_delay: bool) -> Result<Duration, Error> {
    let listener = Listener::bind_address(([127, 0, 0, 1], 0).into())?;
    let socket = TcpSocket::connect_address(listener.local_address(), TIMEOUT)?;
    socket.set_no_delay(no_delay)?;
    let server = thread::spawn(move || answer(&listener));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for piece in pieces {
            socket.send(piece, TIMEOUT)?;
        }
        socket.pull(&mut [0; 8], TIMEOUT)?;
        rounds.push(started.elapsed());
    }
    drop((socket, server));
    rounds.sort();
    Ok(rounds[ROUNDS / 2])
}

/// Answers each eight bytes with one.
fn answer(listener: &Listener) -> Result<(), Error> {
    let socket = listener.accept()?;
    let mut heard = 0;
    loop {
        match socket.pull(&mut [0; 8], TIMEOUT)? {
            0 => return Ok(()),
            count => heard += count,
        }
        if heard == 8 {
            socket.send(b"!", TIMEOUT)?;
            heard = 0;
        }
    }
}
