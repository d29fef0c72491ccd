//! Who is subscribed to which topic.

use std::collections::HashMap;

use super::subscription::Key;
use crate::Destination;

#[derive(Debug, Default)]
pub(super) struct Topics {
    /// Subscriptions to one topic, found by its text. The oldest first, so that one among ten thousand is found by
    /// bisection.
    plain: HashMap<Destination, Vec<Key>>,
    /// Subscriptions with wildcards, the oldest first, tried one after the other.
    patterns: Vec<(Destination, Key)>,
}

impl Topics {
    /// Adds a subscription. Gives the destination back as all who subscribed to it share it.
    pub(super) fn add(&mut self, destination: Destination, key: Key) -> Destination {
        if destination.is_pattern() {
            self.patterns.push((destination.clone(), key));
            return destination;
        }
        let topic = self.plain.entry(destination);
        let shared = topic.key().clone();
        topic.or_default().push(key);
        shared
    }

    pub(super) fn remove(&mut self, destination: &Destination, key: Key) {
        if destination.is_pattern() {
            if let Ok(place) = self.patterns.binary_search_by_key(&key, |(_, other)| *other) {
                self.patterns.remove(place);
            }
        } else if let Some(keys) = self.plain.get_mut(destination) {
            if let Ok(place) = keys.binary_search(&key) {
                keys.remove(place);
            }
            if keys.is_empty() {
                self.plain.remove(destination);
            }
        }
    }

    /// All subscriptions that a message to `destination` goes to.
    pub(super) fn subscribers(&self, destination: &Destination) -> impl Iterator<Item = Key> {
        let plain = self.plain.get(destination).into_iter().flatten();
        let patterns = self
            .patterns
            .iter()
            .filter(|(pattern, _)| pattern.matches(destination));
        plain.copied().chain(patterns.map(|(_, key)| *key))
    }
}
