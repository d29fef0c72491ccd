//! The load of `bench --durable`: a publisher that counts receipts, and a consumer that acknowledges what it counts.

use std::io::Write;
use std::ops::Range;
use std::time::Instant;

use chunked_io::send_all;
use memchr::memmem;
use tcp_socket::TcpSocket;

use super::counter::FrameCounter;
use super::generator::{BEGIN, BODY, Found, connect};
use super::{CliError, PATIENCE};

/// How many frames go out in one piece, at most.
const PIECE: u64 = 256;

/// Publishes persistent messages, each with a receipt; no more than `window` receipts are under way.
pub(super) fn publish(url: &str, queue: &str, window: u64, messages: u64) -> Result<Found, CliError> {
    let mut socket = connect(url, BEGIN)?;
    let began = Instant::now();
    let body = [b'x'; BODY];
    let head = format!("SEND\ndestination:{queue}\npersistent:true\nreceipt:r\ncontent-length:{BODY}\n\n");
    let frame = [head.as_bytes(), &body, b"\0"].concat();
    let piece = usize::try_from(window.min(PIECE)).unwrap_or(1);
    let frames = frame.repeat(piece);
    let (mut sent, mut receipts) = (0, FrameCounter::default());
    let (mut heard, mut buffer) = (0, vec![0; 64 * 1024]);
    while heard < messages {
        let room = (window - (sent - heard)).min(messages - sent).min(PIECE);
        if room > 0 {
            let length = frame.len() * usize::try_from(room).unwrap_or(1);
            send_all(&mut socket, &frames[..length], PATIENCE)?;
            sent += room;
        }
        // Half a window at a time, so that pieces stay large.
        while sent - heard > window / 2 || sent == messages && heard < messages {
            heard += receipts.count(pull(&mut socket, &mut buffer)?);
        }
    }
    Ok(Found {
        seconds: began.elapsed().as_secs_f64(),
        ..Found::default()
    })
}

/// Consumes so many messages, and acknowledges with each read all that it brought.
pub(super) fn consume(
    url: &str,
    queue: &str,
    messages: u64,
    out: &mut impl Write,
) -> Result<Found, CliError> {
    let frame = format!("SUBSCRIBE\nid:0\ndestination:{queue}\nack:client\nreceipt:0\n\n\0");
    let mut socket = connect(url, &frame)?;
    writeln!(out, "ready")?;
    out.flush()?;
    let (mut frames, mut received) = (FrameCounter::default(), 0);
    let mut buffer = vec![0; 256 * 1024];
    // The last octets of earlier reads: a header may have been cut.
    let mut recent = Vec::new();
    while received < messages {
        let octets = pull(&mut socket, &mut buffer)?;
        recent.extend_from_slice(octets);
        received += frames.count(octets);
        let done = match last_ack(&recent) {
            Some(id) => {
                let ack = [b"ACK\nid:", &recent[id.clone()], b"\n\n\0"].concat();
                send_all(&mut socket, &ack, PATIENCE)?;
                id.end
            }
            None => recent.len().saturating_sub(1024),
        };
        recent.drain(..done);
    }
    send_all(&mut socket, b"DISCONNECT\nreceipt:bye\n\n\0", PATIENCE)?;
    // Until the broker has heard all, and closes.
    while !matches!(socket.pull(&mut buffer, PATIENCE), Ok(0) | Err(_)) {}
    Ok(Found {
        deliveries: received,
        ..Found::default()
    })
}

fn pull<'b>(socket: &mut TcpSocket, buffer: &'b mut [u8]) -> Result<&'b [u8], CliError> {
    match socket.pull(buffer, PATIENCE)? {
        0 => Err(CliError::Unmeasured),
        count => Ok(&buffer[..count]),
    }
}

/// Where the id stands to acknowledge the last message by whose `ack` header has come.
fn last_ack(octets: &[u8]) -> Option<Range<usize>> {
    let mut end = octets.len();
    loop {
        let header = memmem::rfind(&octets[..end], b"\nack:")?;
        let start = header + b"\nack:".len();
        match memchr::memchr(b'\n', &octets[start..]) {
            Some(length) => return Some(start..start + length),
            None => end = header,
        }
    }
}
