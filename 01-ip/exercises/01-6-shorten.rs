//! Exercise 01-6: one address, one text.
//!
//! Mend it. `shorten` writes an IPv6 address, and leaves a run of zeros out as `::`. Searching a log for an address fails with
//! it now and then: other programs write the same address in another way. RFC 5952 says which way is right. Run it with
//! `cargo ex 01-6`.

use std::ops::Range;

/// The text of an address that is given as its eight groups.
pub fn shorten(groups: [u16; 8]) -> String {
    let hex = |range: Range<usize>| {
        let texts: Vec<String> = groups[range].iter().map(|group| format!("{group:x}")).collect();
        texts.join(":")
    };
    match left_out(groups) {
        Some(run) => format!("{}::{}", hex(0..run.start), hex(run.end..8)),
        None => hex(0..8),
    }
}

/// The zeros that are left out.
fn left_out(groups: [u16; 8]) -> Option<Range<usize>> {
    let start = groups.iter().position(|&group| group == 0)?;
    let length = groups[start..].iter().take_while(|&&group| group == 0).count();
    Some(start..start + length)
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 01-6");
}

#[cfg(test)]
#[path = "../checks/01-6-shorten.rs"]
mod checks;
