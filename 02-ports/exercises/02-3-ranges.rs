//! Exercise 02-3: three ranges, and what Linux lends.
//!
//! Complete it. RFC 6335 divides the ports in three ranges, and a client's port is lent by the system, from a range that is
//! the system's own. `describe` is to tell both. It follows the slide, and takes the lent ports from the wrong place. Run it
//! with `cargo ex 02-3`.

/// What Linux writes into `/proc/sys/net/ipv4/ip_local_port_range`, unless somebody has changed it.
pub const LENT_BY_LINUX: &str = "32768\t60999\n";

/// Where a port lies, and whether a system whose file holds `lent` would lend it to a client.
pub fn describe(port: u16, lent: &str) -> String {
    let range = match port {
        0..=1023 => "system",
        1024..=49151 => "user",
        _ => "dynamic",
    };
    let _ = lent;
    let is_lent = range == "dynamic";
    format!(
        "{range:<8} {}",
        if is_lent { "lent to clients" } else { "not lent" }
    )
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 02-3");
}

#[cfg(test)]
#[path = "../checks/02-3-ranges.rs"]
mod checks;
