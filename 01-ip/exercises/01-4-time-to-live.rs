//! Exercise 01-4: how long the world remembers.
//!
//! Mend it. A resolver remembers an answer for its time to live, and then asks again. Users complain: "the camera moved
//! yesterday, and your resolver still sends me to the old address. Others have seen the new one since the first minute!"
//! It happens with names that are asked for all the time. Run it with `cargo ex 01-4`, and find out why.

use std::net::Ipv4Addr;

/// What a server answers: the address, and for how many seconds it may be remembered.
pub struct Answer {
    /// Where the name leads.
    pub address: Ipv4Addr,
    /// Its time to live, in seconds.
    pub ttl: u64,
}

/// A resolver that remembers one name.
#[derive(Default)]
pub struct Memory {
    address: Option<Ipv4Addr>,
    /// The second in which it must be forgotten.
    until: u64,
    ttl: u64,
}

impl Memory {
    /// The address in the second `now`: remembered, or asked for anew.
    pub fn look_up(&mut self, now: u64, ask: impl FnOnce() -> Answer) -> Ipv4Addr {
        if let Some(address) = self.address
            && now < self.until
        {
            self.until = now + self.ttl;
            return address;
        }
        let Answer { address, ttl } = ask();
        self.address = Some(address);
        self.until = now + ttl;
        self.ttl = ttl;
        address
    }
}

fn main() {
    println!("This exercise is judged by its check: cargo ex 01-4");
}

#[cfg(test)]
#[path = "../checks/01-4-time-to-live.rs"]
mod checks;
