//! A museum of wrong versions: each has been in use for years, and stands beside the right one. One room a file.

mod half_a_message;
mod lost_on_the_way_in;
mod lost_on_the_way_out;
mod timeout_for_each_call;

use std::error::Error;
use std::fmt::Display;

fn main() -> Result<(), Box<dyn Error>> {
    println!("Room 1: half a message, as if it were whole");
    half_a_message::show()?;
    println!("\nRoom 2: how much has left?");
    lost_on_the_way_out::show()?;
    println!("\nRoom 3: how much has come?");
    lost_on_the_way_in::show()?;
    println!("\nRoom 4: a timeout for each call");
    timeout_for_each_call::show()?;
    Ok(())
}

/// One exhibit: what the peer does, and what either version makes of it.
fn exhibit(peer: &str, wrong: impl Display, right: impl Display) {
    println!("  {peer}\n    wrong: {wrong}\n    right: {right}");
}
