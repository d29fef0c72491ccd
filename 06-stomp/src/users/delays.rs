//! Who has been wrong often waits longer: so nobody tries a million passcodes.
//!
//! The first few failures cost nothing, as people mistype. From then on each doubles the time until the next attempt is
//! looked at. Failures are counted for the address that the attempts come from, and for the name that they are for: one
//! address that tries many names is slowed, and so are many addresses that try one name, though those only to one attempt a
//! second, or anybody could keep a user out by failing in their name. Names that do not exist count in the same way. A
//! success forgives nothing: or whoever has one account could try others' passcodes in between.
//!
//! The tables are bounded: when one is full, whoever failed longest ago is forgotten.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// So many failures are free.
const FREE: u32 = 3;

/// What the first failure beyond them costs; each further one costs double.
const FIRST: Duration = Duration::from_millis(250);

/// The longest time between two attempts from one address, and for one name.
const LONGEST_FOR_ADDRESS: Duration = Duration::from_secs(16);
const LONGEST_FOR_NAME: Duration = Duration::from_secs(1);

/// After this long without a failure all is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(600);

/// The most addresses, and the most names, that are remembered.
const MOST: usize = 10_000;

/// Whoever has failed of late.
#[derive(Debug, Default)]
pub struct Delays {
    addresses: Table<IpAddr>,
    names: Table<String>,
}

impl Delays {
    /// When an attempt may be looked at, if not now.
    #[must_use]
    pub fn until(&self, address: IpAddr, name: &str, now: Instant) -> Option<Instant> {
        let for_address = self.addresses.next(&network(address), LONGEST_FOR_ADDRESS);
        let for_name = self.names.next(name, LONGEST_FOR_NAME);
        for_address.max(for_name).filter(|next| *next > now)
    }

    /// An attempt has failed.
    pub fn failed(&mut self, address: IpAddr, name: &str, now: Instant) {
        self.addresses.failed(network(address), now);
        self.names.failed(name.to_owned(), now);
    }
}

/// A home or a company has a whole /64 of IPv6 (RFC 4291, section 2.5.1), and can call from any address in it.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

#[derive(Debug)]
struct Failures {
    count: u32,
    last: Instant,
}

#[derive(Debug)]
struct Table<K> {
    last_failures: HashMap<K, Failures>,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self {
            last_failures: HashMap::new(),
        }
    }
}

impl<K: Hash + Eq + Clone> Table<K> {
    fn next<Q: Hash + Eq + ?Sized>(&self, key: &Q, longest: Duration) -> Option<Instant>
    where
        K: std::borrow::Borrow<Q>,
    {
        let failures = self.last_failures.get(key)?;
        let doublings = failures.count.checked_sub(FREE)?;
        let delay = FIRST.saturating_mul(2_u32.saturating_pow(doublings)).min(longest);
        Some(failures.last + delay)
    }

    fn failed(&mut self, key: K, now: Instant) {
        let is_old = |failures: &Failures| now.saturating_duration_since(failures.last) > FORGOTTEN;
        if self.last_failures.get(&key).is_some_and(is_old) {
            self.last_failures.remove(&key);
        }
        if self.last_failures.len() >= MOST && !self.last_failures.contains_key(&key) {
            let oldest = self
                .last_failures
                .iter()
                .min_by_key(|(_, failures)| failures.last);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.last_failures.remove(&oldest);
            }
        }
        let failures = self
            .last_failures
            .entry(key)
            .or_insert(Failures { count: 0, last: now });
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }
}
