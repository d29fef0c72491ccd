//! The same twenty events told in five ways: what each costs in requests, bytes and segments, and how late it is.

mod clients;
mod news;
mod server;
mod wire;

use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tcp_socket::Listener;

use clients::Way;
use news::News;

/// Tells the same events by polling, long polling, server-sent events and a socket, and counts
#[derive(Debug, Parser)]
struct Arguments {
    /// The time from one event to the next
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Publish events until Ctrl-C, for curl and browsers
    Serve,
}

const EVENTS: usize = 20;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments = Arguments::parse();
    let every = Duration::from_millis(arguments.every);
    if arguments.command.is_some() {
        return publish_for_ever(every);
    }
    println!(
        "{EVENTS} events of {} bytes, one every {every:?}, told in five ways:\n",
        news::SIZE
    );
    println!(
        "{:24}{:>9}{:>8}{:>10}{:>10}{:>14}",
        "", "requests", "bytes", "an event", "segments", "median delay"
    );
    // All at once, each with a server of its own: nobody has to wait five times.
    let ways = Way::all(every).map(|way| thread::spawn(move || clients::hear_all(way, EVENTS, every)));
    for way in ways {
        println!("{}", way.join().map_err(|_| "a client has failed")??);
    }
    Ok(())
}

fn publish_for_ever(every: Duration) -> Result<(), Box<dyn Error + Send + Sync>> {
    let listener = Listener::bind_address(([127, 0, 0, 1], 0).into())?;
    let news = Arc::new(News::default());
    println!(
        "listening on http://{0}/ (try: curl -N http://{0}/stream)",
        listener.local_address()
    );
    server::start(listener, &news);
    loop {
        thread::sleep(every);
        news.publish();
    }
}
