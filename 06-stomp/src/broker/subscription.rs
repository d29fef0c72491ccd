//! A subscription, and the messages that it has received and not yet acknowledged.

use std::collections::VecDeque;
use std::sync::Arc;

use super::ConnectionId;
use crate::request::{AckMode, DeliveryName, SubscriptionName};
use crate::{Destination, Message};

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
}

impl Subscription {
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
                    .position(|waiting| waiting.message.id == *id)
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

    /// The client's id, if it gave one.
    pub(super) fn id(&self) -> Option<Arc<str>> {
        match &self.name {
            SubscriptionName::Id(id) => Some(Arc::clone(id)),
            SubscriptionName::Destination(_) => None,
        }
    }
}
