//! A subscription, and the messages that it has received and not yet acknowledged.

use std::collections::VecDeque;
use std::sync::Arc;

use super::batch::Batch;
use super::queue::Waiting;
use super::{ConnectionId, Replies, Reply};
use crate::destination::Kind;
use crate::request::{AckMode, DeliveryName, SubscriptionName};
use crate::{Delivery, Destination, Message};

/// The broker's own name for a subscription. Later ones have higher numbers.
pub(super) type Key = u64;

/// A message that waits for ACK or NACK.
#[derive(Debug)]
pub(super) struct Outstanding {
    /// The number in its `ack` header.
    pub(super) number: u64,
    pub(super) message: Arc<Message>,
}

#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) connection: ConnectionId,
    pub(super) name: SubscriptionName,
    pub(super) destination: Destination,
    pub(super) ack: AckMode,
    /// In the order of delivery.
    pub(super) outstanding: VecDeque<Outstanding>,
    /// What a queue gives it and does not have to see again goes out in one piece.
    batch: Option<Box<Batch>>,
}

impl Subscription {
    pub(super) fn new(
        connection: ConnectionId,
        name: SubscriptionName,
        destination: Destination,
        ack: AckMode,
    ) -> Self {
        let mut new = Self {
            connection,
            name,
            destination,
            ack,
            outstanding: VecDeque::new(),
            batch: None,
        };
        if new.destination.kind() != Kind::Topic && ack == AckMode::Auto {
            new.batch = Batch::new(new.id().as_deref()).map(Box::new);
        }
        new
    }

    /// Makes the delivery of a message, and notes it if it is to be acknowledged.
    pub(super) fn deliver(
        &mut self,
        message: &Arc<Message>,
        last_delivery: &mut u64,
        redelivered: bool,
        credit: usize,
    ) -> Delivery {
        let ack = (self.ack != AckMode::Auto).then(|| {
            *last_delivery += 1;
            self.outstanding.push_back(Outstanding {
                number: *last_delivery,
                message: Arc::clone(message),
            });
            *last_delivery
        });
        Delivery {
            message: Arc::clone(message),
            subscription: self.id(),
            ack,
            redelivered,
            credit,
        }
    }

    /// Takes a message out of a queue; what can wait goes out with the next [flush](Subscription::flush). Returns how
    /// much there is to write for it, in bytes.
    pub(super) fn take(
        &mut self,
        waiting: &Waiting,
        last_delivery: &mut u64,
        replies: &mut Replies,
    ) -> usize {
        if let Some(batch) = &mut self.batch
            && let Some(rest) = waiting.message.plain_part()
            && !waiting.redelivered
        {
            let length = batch.add(rest);
            batch.add_credit(length);
            if batch.is_full() {
                self.flush(replies);
            }
            return length;
        }
        self.flush(replies);
        let size = waiting.message.size();
        let delivery = self.deliver(&waiting.message, last_delivery, waiting.redelivered, size);
        replies.push((self.connection, Reply::Message(delivery)));
        size
    }

    /// Whether nothing waits for a [flush](Subscription::flush).
    pub(super) fn is_flushed(&self) -> bool {
        self.batch.as_ref().is_none_or(|batch| batch.is_empty())
    }

    pub(super) fn flush(&mut self, replies: &mut Replies) {
        if let Some(batch) = &mut self.batch
            && !batch.is_empty()
        {
            replies.push((self.connection, Reply::Fanned(batch.finish())));
        }
    }

    /// Where the message of that name is among those that wait.
    pub(super) fn position(&self, delivery: &DeliveryName) -> Option<usize> {
        match delivery {
            DeliveryName::Ack(number) => {
                let number = number.parse().ok()?;
                self.outstanding
                    .binary_search_by_key(&number, |waiting| waiting.number)
                    .ok()
            }
            DeliveryName::Message { id, subscription } => {
                if subscription.is_some() && *subscription != self.id() {
                    return None;
                }
                self.outstanding
                    .iter()
                    .position(|waiting| waiting.message.id() == *id)
            }
        }
    }

    /// Takes out what an ACK or NACK of the message at `position` settles: in mode `client` all before it too.
    pub(super) fn settle(&mut self, position: usize) -> Vec<Outstanding> {
        match self.ack {
            AckMode::Client => self.outstanding.drain(..=position).collect(),
            AckMode::Auto | AckMode::ClientIndividual => {
                self.outstanding.remove(position).into_iter().collect()
            }
        }
    }

    /// Whether a queue waits for an ACK or a NACK.
    pub(super) fn owes_answer(&self) -> bool {
        self.destination.kind() != Kind::Topic && !self.outstanding.is_empty()
    }

    /// The client's id, if it gave one.
    pub(super) fn id(&self) -> Option<Arc<str>> {
        match &self.name {
            SubscriptionName::Id(id) => Some(Arc::clone(id)),
            SubscriptionName::Destination(_) => None,
        }
    }
}
