//! `06-stomp chat`: lines in, lines out.

use std::io::{self, BufRead, Write};
use std::sync::mpsc::{self, Sender};
use std::thread;

use stomp::chat::{Chat, Said};
use stomp::{Client, Frame, Subscription};

use super::access::{Broker, Stay};
use super::error::CliError;
use super::publish::printable;

/// A room, and who comes to it.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The room: everybody who names the same one hears each other
    room: String,
    /// What the others see before your lines [default: your user's name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    broker: Broker,
    #[command(flatten)]
    stay: Stay,
}

/// What the main thread has to deal with, in the order in which it happens.
enum Happening {
    /// Somebody has said something, perhaps we ourselves.
    Message(Frame),
    /// A line was typed.
    Typed(String),
    /// The input has ended, or Ctrl-C was pressed.
    Goodbye,
    /// The connection is lost for good.
    Lost(stomp::Error),
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let name = arguments.name.clone().unwrap_or_else(user);
    let chat = Chat::new(&arguments.room, &name).map_err(|error| CliError::BadInput(error.to_string()))?;
    let client = arguments.broker.connect_and_stay(&arguments.stay)?;
    let subscription = client.subscribe(&chat.destination())?;
    let (happens, happenings) = mpsc::channel();
    let interrupted = happens.clone();
    // Without it Ctrl-C ends the program as it always does: at once.
    let _ = ctrlc::set_handler(move || drop(interrupted.send(Happening::Goodbye)));
    let lines = happens.clone();
    thread::spawn(move || pass_lines_on(&lines));
    thread::spawn(move || pass_messages_on(&subscription, &happens));

    client.ask(chat.frame(&Said::Join))?;
    anstream::eprintln!(
        "You are {name} in the room {}. Type a line to say it; Ctrl-D or Ctrl-C to leave.",
        arguments.room
    );
    let mut out = anstream::stdout().lock();
    for happening in happenings {
        match happening {
            Happening::Message(message) => {
                if let Some(line) = chat.read(&message) {
                    writeln!(out, "{}", printable(&line.to_string()))?;
                    out.flush()?;
                }
            }
            Happening::Typed(line) => say(&client, &chat.frame(&Said::Words(line)))?,
            Happening::Goodbye => {
                say(&client, &chat.frame(&Said::Leave))?;
                return Ok(client.disconnect()?);
            }
            Happening::Lost(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Says it, and complains only if that can be of use: while the broker is called again, a line is lost and the next may
/// not be.
fn say(client: &Client, frame: &Frame) -> Result<(), CliError> {
    match client.ask(frame.clone()) {
        Err(error) if error.is_passing() => anstream::eprintln!("{error}"),
        said => said?,
    }
    Ok(())
}

fn pass_lines_on(happens: &Sender<Happening>) {
    let lines = io::stdin().lock().lines().map_while(Result::ok);
    for line in lines.filter(|line| !line.trim().is_empty()) {
        if happens.send(Happening::Typed(line)).is_err() {
            return;
        }
    }
    let _ = happens.send(Happening::Goodbye);
}

fn pass_messages_on(subscription: &Subscription, happens: &Sender<Happening>) {
    loop {
        let happening = match subscription.next_within(tcp_socket::Deadline::never()) {
            Ok(message) => Happening::Message(message),
            Err(error) => Happening::Lost(error),
        };
        let is_last = matches!(happening, Happening::Lost(_));
        if happens.send(happening).is_err() || is_last {
            return;
        }
    }
}

/// The name of whoever sits here, as far as it may be one.
fn user() -> String {
    let user = ["USER", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    let plain = |user: &String| Chat::new("room", user).is_ok();
    user.filter(plain).unwrap_or_else(|| "guest".to_owned())
}
