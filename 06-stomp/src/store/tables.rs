//! The tables of a store's file: how each is read, and what a change does to them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use redb::{
    MultimapTableDefinition, ReadTransaction, ReadableMultimapTable, ReadableTable, TableDefinition,
    WriteTransaction,
};

use super::change::Changes;
use super::error::{Failure, Unusable};
use super::{Contents, Kept, record};
use crate::Destination;
use crate::destination::Kind;

const ABOUT: TableDefinition<&str, u64> = TableDefinition::new("about");
const MESSAGES: TableDefinition<u64, &[u8]> = TableDefinition::new("messages");
const DELIVERED: TableDefinition<&str, u64> = TableDefinition::new("delivered");
const SUBSCRIPTIONS: TableDefinition<&str, &str> = TableDefinition::new("subscriptions");
const COLLECTED: MultimapTableDefinition<u64, &str> = MultimapTableDefinition::new("collected");

/// The number of the format that is described at [the store](super).
const FORMAT: u64 = 2;
/// The oldest format that [begin] makes one of these.
const OLDEST: u64 = 1;

/// Which format a store has that we know.
fn format(reading: &ReadTransaction) -> Result<u64, Unusable> {
    let about = reading.open_table(ABOUT).map_err(|_| Unusable::NotAStore)?;
    let found = about.get("format")?.ok_or(Unusable::NotAStore)?.value();
    if (OLDEST..=FORMAT).contains(&found) {
        return Ok(found);
    }
    Err(Unusable::Format { found, ours: FORMAT })
}

/// Whether tables are to be made before changes can be written: nothing is there yet, or an older format.
pub(super) fn are_missing(reading: &ReadTransaction) -> Result<bool, Unusable> {
    let is_new = reading.list_tables()?.next().is_none();
    Ok(is_new || format(reading)? < FORMAT)
}

/// Makes the tables that are not there yet.
pub(super) fn begin(writing: &WriteTransaction) -> Result<(), Failure> {
    writing.open_table(ABOUT)?.insert("format", FORMAT)?;
    writing.open_table(MESSAGES)?;
    writing.open_table(DELIVERED)?;
    writing.open_table(SUBSCRIPTIONS)?;
    writing.open_multimap_table(COLLECTED)?;
    Ok(())
}

/// Everything in a store of our format.
pub(super) fn read(reading: &ReadTransaction) -> Result<Contents, Unusable> {
    let mut contents = Contents::default();
    let mut delivered = HashMap::new();
    for row in reading.open_table(DELIVERED)?.iter()? {
        let (queue, number) = row?;
        contents.last_number = contents.last_number.max(number.value());
        delivered.insert(queue.value().to_owned(), number.value());
    }
    for row in reading.open_table(SUBSCRIPTIONS)?.iter()? {
        let (queue, topic) = row?;
        let (queue, topic) = (queue.value(), topic.value());
        let known = Destination::stored_queue(queue).zip(Destination::to_subscribe(topic).ok());
        let name = || queue.to_owned();
        let subscription = known.ok_or_else(|| Unusable::Subscription { name: name() })?;
        contents.subscriptions.push(subscription);
    }
    let collected = reading.open_multimap_table(COLLECTED)?;
    for row in reading.open_table(MESSAGES)?.iter()? {
        let (number, record) = row?;
        let number = number.value();
        let damaged = || Unusable::Record { number };
        let message = Arc::new(record::decode(number, record.value()).ok_or_else(damaged)?);
        let mut queues = Vec::new();
        if message.destination.kind() == Kind::Topic {
            for queue in collected.get(number)? {
                queues.push(Destination::stored_queue(queue?.value()).ok_or_else(damaged)?);
            }
        } else {
            queues.push(message.destination.clone());
        }
        contents.last_number = contents.last_number.max(number);
        contents.messages.extend(queues.into_iter().map(|queue| Kept {
            was_delivered: delivered.get(queue.as_str()).is_some_and(|last| *last >= number),
            queue,
            message: Arc::clone(&message),
        }));
    }
    Ok(contents)
}

/// Forgets what has been delivered from queues that are empty.
pub(super) fn forget_empty_queues(writing: &WriteTransaction, contents: &Contents) -> Result<(), Failure> {
    let kept = contents.messages.iter();
    let filled: HashSet<&str> = kept.map(|kept| kept.queue.as_str()).collect();
    writing
        .open_table(DELIVERED)?
        .retain(|queue, _| filled.contains(queue))?;
    Ok(())
}

/// Does all of these.
pub(super) fn write(writing: &WriteTransaction, changes: &Changes) -> Result<(), Failure> {
    let mut messages = writing.open_table(MESSAGES)?;
    let mut collected = writing.open_multimap_table(COLLECTED)?;
    let (mut octets, mut last) = (Vec::new(), None);
    for ((number, queue), message) in &changes.kept {
        // The next one may be the same, in the queue of another subscription.
        if last.replace(number) != Some(number) {
            record::encode(message, &mut octets);
            messages.insert(number, octets.as_slice())?;
        }
        if queue.is_durable() {
            collected.insert(number, queue.as_str())?;
        }
    }
    for (number, queue) in &changes.forgotten {
        if queue.is_durable() {
            collected.remove(number, queue.as_str())?;
        }
        if !queue.is_durable() || collected.get(number)?.is_empty() {
            messages.remove(number)?;
        }
    }
    let mut delivered = writing.open_table(DELIVERED)?;
    for (queue, number) in &changes.delivered {
        let known = delivered.get(queue.as_str())?.map(|known| known.value());
        match number {
            Some(number) if known < Some(*number) => drop(delivered.insert(queue.as_str(), number)?),
            Some(_) => {}
            None => drop(delivered.remove(queue.as_str())?),
        }
    }
    let mut subscriptions = writing.open_table(SUBSCRIPTIONS)?;
    for (queue, topic) in &changes.subscriptions {
        match topic {
            Some(topic) => subscriptions.insert(queue.as_str(), topic.as_str())?,
            None => subscriptions.remove(queue.as_str())?,
        };
    }
    Ok(())
}
