//! A museum of wrong versions: each has been in use for years, and stands beside the right one. One room a file.

mod connected_to_nobody;
mod names_take_no_time;
mod one_family_only;
mod zero_means_nothing;

use std::error::Error;
use std::fmt::Display;

fn main() -> Result<(), Box<dyn Error>> {
    println!("Room 1: zero for an end, for silence and for a reset");
    zero_means_nothing::show();
    println!("\nRoom 2: connected, and nobody there");
    connected_to_nobody::show()?;
    println!("\nRoom 3: the first IPv4 address, and no other");
    one_family_only::show()?;
    println!("\nRoom 4: a timeout of 100 ms, without the name");
    names_take_no_time::show()?;
    Ok(())
}

/// One exhibit: what the peer does, and what either version makes of it.
fn exhibit(peer: &str, wrong: impl Display, right: impl Display) {
    println!("  {peer}\n    wrong: {wrong}\n    right: {right}");
}
