//! `06-stomp quotes`: a price feed, from the publisher to the screen.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, IsTerminal, Write};
use std::thread;
use std::time::Duration;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use stomp::quotes::{self, Market, Quote};
use stomp::{Client, Server, ServerOptions, Subscription};
use tcp_socket::Deadline;

use super::access::{Access, Stay, seconds};
use super::error::CliError;
use super::publish::printable;
use super::serve::page;

/// Shares of which nobody has heard are not shown without end.
const MOST_SHARES: usize = 50;

/// Where prices come from, and what becomes of them.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Watch, or publish to, a broker that runs already [default: one of its own, with a publisher]
    #[arg(long)]
    url: Option<String>,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    stay: Stay,
    /// Publish prices, and show none
    #[arg(long, requires = "url", conflicts_with_all = ["page", "json"])]
    publish: bool,
    /// Show no prices here, only in a browser: say where the page is, and go on until Ctrl-C
    #[arg(long, conflicts_with_all = ["url", "json", "count"])]
    page: bool,
    #[command(flatten)]
    feed: Feed,
    /// Print each price as JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// Which prices are published.
#[derive(Debug, Clone, Copy, clap::Args)]
struct Feed {
    /// The same seed gives the same prices [default: others each time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// End after this many prices
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// The time from one price to the next
    #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = seconds)]
    every: Duration,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    match &arguments.url {
        Some(url) if arguments.publish => {
            let client = arguments.access.connect_and_stay(url, &arguments.stay)?;
            anstream::eprintln!("publishing to {} at {url}; Ctrl-C ends it", quotes::ALL);
            publish(client, arguments.feed)
        }
        Some(url) => {
            let client = arguments.access.connect_and_stay(url, &arguments.stay)?;
            let prices = client.subscribe(quotes::ALL)?;
            anstream::eprintln!("watching {} at {url}; Ctrl-C ends it", quotes::ALL);
            watch(&prices, arguments)?;
            Ok(client.disconnect()?)
        }
        None => all_in_one(arguments),
    }
}

/// A broker, a publisher and a reader in one process; the page makes more readers.
fn all_in_one(arguments: &Arguments) -> Result<(), CliError> {
    let urls = Server::start_on_loopback(ServerOptions::default())?;
    let page = page(&urls.web_socket);
    let publisher = arguments.access.connect_and_stay(&urls.tcp, &arguments.stay)?;
    if arguments.page {
        let mut out = anstream::stdout().lock();
        writeln!(out, "Prices and a chat, in a browser: {page}")?;
        writeln!(
            out,
            "From a terminal: cargo 06-stomp chat lobby --url {}",
            urls.tcp
        )?;
        writeln!(out, "Ctrl-C ends it.")?;
        out.flush()?;
        drop(out);
        return publish(publisher, arguments.feed);
    }
    let reader = arguments.access.connect_and_stay(&urls.tcp, &arguments.stay)?;
    // Before the first price is published, so that none is missed.
    let prices = reader.subscribe(quotes::ALL)?;
    anstream::eprintln!("The same in a browser: {page}");
    let feed = arguments.feed;
    // It fails only if the broker does, and then so does the reader, who says so.
    thread::spawn(move || publish(publisher, feed));
    watch(&prices, arguments)
}

/// Publishes one price after the other, as many as are wanted.
fn publish(client: Client, feed: Feed) -> Result<(), CliError> {
    let seed = feed
        .seed
        .unwrap_or_else(|| RandomState::new().build_hasher().finish());
    for (number, quote) in Market::new(seed).enumerate() {
        if feed.count.is_some_and(|count| number >= count) {
            break;
        }
        if number > 0 {
            thread::sleep(feed.every);
        }
        let body = serde_json::to_vec(&quote).map_err(io::Error::from)?;
        match client.send(&quote.destination(), body) {
            // A price that is lost is replaced by the next one.
            Err(error) if error.is_passing() => {}
            sent => sent?,
        }
    }
    Ok(client.disconnect()?)
}

fn watch(prices: &Subscription, arguments: &Arguments) -> Result<(), CliError> {
    let mut view = View::new(arguments.json);
    let mut left = arguments.feed.count.unwrap_or(usize::MAX);
    while left > 0 {
        let message = prices.next_within(Deadline::never())?;
        // Anybody may send anything there.
        if let Ok(quote) = serde_json::from_slice(&message.body) {
            view.show(quote)?;
            left -= 1;
        }
    }
    Ok(())
}

/// How prices are shown.
enum View {
    /// One object a line.
    Json,
    /// One price a line.
    Lines,
    /// All prices, redrawn whenever one moves.
    Table(Vec<Quote>),
}

impl View {
    fn new(json: bool) -> Self {
        match (json, io::stdout().is_terminal()) {
            (true, _) => Self::Json,
            (false, false) => Self::Lines,
            (false, true) => Self::Table(Vec::new()),
        }
    }

    fn show(&mut self, quote: Quote) -> io::Result<()> {
        match self {
            Self::Json => {
                let mut out = io::stdout().lock();
                writeln!(out, "{}", serde_json::to_string(&quote)?)?;
                out.flush()
            }
            Self::Lines => {
                let mut out = anstream::stdout().lock();
                writeln!(out, "{}", row(&quote))?;
                out.flush()
            }
            Self::Table(quotes) => redraw(quotes, quote),
        }
    }
}

/// Puts the cursor back to where the table began, and writes it again.
fn redraw(quotes: &mut Vec<Quote>, quote: Quote) -> io::Result<()> {
    let before = quotes.len();
    match quotes.iter_mut().find(|known| known.symbol == quote.symbol) {
        Some(known) => *known = quote,
        None if before < MOST_SHARES => quotes.push(quote),
        None => {}
    }
    quotes.sort_by(|one, other| one.name.cmp(&other.name));
    let up = if before > 0 {
        format!("\x1b[{before}A\x1b[J")
    } else {
        String::new()
    };
    let rows: String = quotes.iter().map(|quote| row(quote) + "\n").collect();
    let out = io::stdout();
    // Who wants no colour wants the table all the same.
    let rows = match AutoStream::choice(&out) {
        anstream::ColorChoice::Never => anstream::adapter::strip_str(&rows).to_string(),
        _ => rows,
    };
    let mut out = out.lock();
    write!(out, "{up}{rows}")?;
    out.flush()
}

/// `Samsung Electronics         71,400  ▲ +100`, red if it has risen and blue if it has fallen, as in Korea.
fn row(quote: &Quote) -> String {
    let (arrow, colour) = match quote.change {
        1.. => ("▲", AnsiColor::Red.on_default()),
        0 => (" ", Style::new()),
        _ => ("▼", AnsiColor::Blue.on_default()),
    };
    let sign = if quote.change > 0 { "+" } else { "" };
    let change = format!("{arrow} {sign}{}", thousands(&quote.change.to_string()));
    let (name, price) = (printable(&quote.name), thousands(&quote.price.to_string()));
    format!("{name:<20} {price:>10}  {colour}{change}{colour:#}")
}

/// `71400` as `71,400`.
fn thousands(digits: &str) -> String {
    let (sign, digits) = digits.split_at(usize::from(digits.starts_with('-')));
    let mut text = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
