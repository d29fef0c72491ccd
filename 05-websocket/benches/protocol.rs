//! How fast the protocol is without a network: what a core can mask, check, and echo.
//!
//! `cargo bench -p websocket`. To compare, `memory` copies the same bytes.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use websocket::{Connection, Event, Message, Options, mask};

fn main() {
    divan::main();
}

const SIZES: [usize; 4] = [64, 4 << 10, 64 << 10, 1 << 20];

#[divan::bench(args = SIZES)]
fn memory(bencher: Bencher<'_, '_>, size: usize) {
    let (from, mut to) = (vec![7u8; size], vec![0; size]);
    bencher
        .counter(BytesCount::new(size))
        .bench_local(|| to.copy_from_slice(divan::black_box(&from)));
}

#[divan::bench(args = SIZES)]
fn masking(bencher: Bencher<'_, '_>, size: usize) {
    let mut bytes = vec![7; size];
    bencher
        .counter(BytesCount::new(size))
        .bench_local(|| mask::apply(divan::black_box(&mut bytes), [1, 2, 3, 4], 1));
}

#[divan::bench(args = SIZES)]
fn utf8_of_one_script(bencher: Bencher<'_, '_>, size: usize) {
    utf8(bencher, &"x".repeat(size));
}

#[divan::bench(args = SIZES)]
fn utf8_of_two_scripts(bencher: Bencher<'_, '_>, size: usize) {
    utf8(bencher, &"웹 socket ".repeat(size / 11));
}

fn utf8(bencher: Bencher<'_, '_>, text: &str) {
    bencher.counter(BytesCount::new(text.len())).bench_local(|| {
        Message::from_payload(websocket::Kind::Text, divan::black_box(text.as_bytes())).is_ok()
    });
}

/// A server's whole work for messages of 64 bytes, sixteen of which one read has brought.
#[divan::bench]
fn echo_of_16_messages_in_one_read(bencher: Bencher<'_, '_>) {
    echo(bencher, 16, 64);
}

#[divan::bench(args = [64, 16 << 10, 1 << 20])]
fn echo_of_one_message(bencher: Bencher<'_, '_>, size: usize) {
    echo(bencher, 1, size);
}

fn echo(bencher: Bencher<'_, '_>, count: usize, size: usize) {
    let mut client = Connection::client(Options::default());
    let mut server = Connection::server(Options::default());
    let mut wire = Vec::new();
    for _ in 0..count {
        // A key is always at hand, so this does not fail.
        let _ = client.send(vec![7; size], &mut wire);
    }
    let mut read = wire.clone();
    let mut output = Vec::new();
    bencher
        .counter(ItemsCount::new(count))
        .counter(BytesCount::new(count * size))
        .bench_local(|| {
            read.copy_from_slice(&wire);
            output.clear();
            let mut input = &mut read[..];
            while let Some(event) = server.next_event(&mut input, &mut output) {
                if let Event::Message(message) = event {
                    let _ = server.send(message, &mut output);
                }
            }
        });
}
