//! The course: builds the book, serves it on this machine, and shows the way.

#![forbid(unsafe_code)]

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread;

use book::exercise::Exercise;
use book::live::Text;
use book::overview::{exercises, overview};
use book::progress::{Progress, State};
use book::server::Server;
use book::workspace;
use clap::Parser;
use tcp_socket::Listener;

/// How many ports are tried after the one that was asked for.
const PORTS_TO_TRY: u16 = 20;

/// Open the course: build the book and serve it to the browsers of this machine.
///
/// A page that is open in a browser loads again when its chapter is saved.
#[derive(Parser)]
#[command(name = "cargo run", bin_name = "cargo run --")]
#[command(
    after_help = "Each step has a tool of its own: cargo 01-ip, cargo 02-ports … cargo 06-stomp\nThe exercises: cargo study"
)]
struct Arguments {
    /// The port; if it is taken, the next free one. 0 lets the system choose
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Open the book in the browser
    #[arg(long)]
    open: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let root = workspace::root()?;
    let text = Text::new(&root, &workspace::target(&root).join("book"));
    let watcher = text.watcher();
    let (site, rendered) = text.build()?;
    rendered
        .complaints
        .iter()
        .for_each(|complaint| complain(complaint));

    let listener = listen(arguments.port)?;
    let address = listener.local_address();
    let server = Server::new(site);
    thread::spawn({
        let server = Arc::clone(&server);
        move || server.serve(&listener)
    });
    thread::spawn({
        let server = Arc::clone(&server);
        move || text.keep_up(watcher, &server, complain)
    });

    if arguments.port != 0 && address.port() != arguments.port {
        anstream::println!(
            "Port {} is taken by another program; this is the next free one.\n",
            arguments.port
        );
    }
    anstream::println!("{}", overview(address, &rendered));
    anstream::println!("{}", exercises(&states(&root)?));
    if arguments.open {
        opener::open_browser(format!("http://{address}/"))?;
    }

    let (interrupt, interrupted) = mpsc::channel();
    ctrlc::set_handler(move || {
        let _ = interrupt.send(());
    })?;
    interrupted.recv()?;
    server.say_goodbye();
    Ok(())
}

/// How the exercises stand, as far as it is known. To judge the others would take a build, and the next command that
/// the reader types would have to wait for it: `cargo study` does that when it is asked.
fn states(root: &Path) -> Result<Vec<Option<State>>, Box<dyn Error>> {
    let progress = Progress::load(root);
    let exercises = Exercise::all(root)?;
    Ok(exercises
        .iter()
        .map(|exercise| progress.known(exercise))
        .collect())
}

/// Listens on `port` of this machine, which others cannot reach, or on the next free one.
fn listen(port: u16) -> Result<Listener, tcp_socket::Error> {
    let mut candidates = port..=port.saturating_add(if port == 0 { 0 } else { PORTS_TO_TRY });
    loop {
        let candidate = candidates.next().unwrap_or(port);
        match Listener::bind_address(SocketAddr::from((Ipv4Addr::LOCALHOST, candidate))) {
            Err(tcp_socket::Error::AddressInUse { .. }) if !candidates.is_empty() => {}
            result => return result,
        }
    }
}

fn complain(complaint: &str) {
    anstream::eprintln!("the book: {complaint}");
}
