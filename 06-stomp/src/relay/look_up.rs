//! Where the broker is now.
//!
//! Its name is looked up for each session anew, so that a broker that has moved is found where it is. The answer of a name
//! server may take long, and a thread that serves others must not wait for it: this one does. All who ask while it
//! waits share the next answer, so that a slow name server is asked no more often than it can answer.

use std::iter;
use std::net::SocketAddr;
use std::sync::{Weak, mpsc};
use std::thread;

use super::inbox::{Inbox, ToClient};

/// Looks up addresses for whoever asks. Dropped, it ends.
pub(super) struct LookUp(mpsc::Sender<Weak<Inbox>>);

impl LookUp {
    /// `resolve` gives the addresses to try, one after the other; none if the name leads nowhere.
    pub(super) fn start(resolve: impl Fn() -> Vec<SocketAddr> + Send + 'static) -> Self {
        let (sender, asked) = mpsc::channel();
        thread::spawn(move || {
            while let Ok(first) = asked.recv() {
                // An answer is for those only who asked before it was looked for.
                let waiting: Vec<Weak<Inbox>> = iter::once(first).chain(asked.try_iter()).collect();
                let addresses = resolve();
                for client in waiting.iter().filter_map(Weak::upgrade) {
                    client.put(ToClient::Addresses(addresses.clone()));
                }
            }
        });
        Self(sender)
    }

    /// The answer comes as a letter.
    pub(super) fn ask(&self, client: Weak<Inbox>) {
        // The thread is there as long as this is.
        let _ = self.0.send(client);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU16, Ordering};
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// A client, and how it hears that it has a letter.
    fn client() -> (Arc<Inbox>, mpsc::Receiver<()>) {
        let (rings, bell) = mpsc::channel();
        let waker = move || {
            let _ = rings.send(());
        };
        (Arc::new(Inbox::new(Box::new(waker))), bell)
    }

    /// The ports that a client is told.
    fn told((inbox, bell): &(Arc<Inbox>, mpsc::Receiver<()>)) -> Vec<u16> {
        assert!(bell.recv_timeout(PATIENCE).is_ok(), "no letter");
        let letters = inbox.take().into_iter().map(|letter| match letter {
            ToClient::Addresses(addresses) => addresses[0].port(),
            other => unreachable!("{other:?}"),
        });
        letters.collect()
    }

    #[test]
    fn a_broker_that_moves_is_found_by_the_next_session() {
        let place = Arc::new(AtomicU16::new(1));
        let moving = Arc::clone(&place);
        let look_up = LookUp::start(move || vec![([127, 0, 0, 1], moving.load(Ordering::SeqCst)).into()]);
        for port in 1..=3 {
            place.store(port, Ordering::SeqCst);
            let client = client();
            look_up.ask(Arc::downgrade(&client.0));
            assert_eq!(told(&client), [port]);
        }
    }

    #[test]
    fn all_who_ask_while_the_answer_is_late_share_the_next_one() {
        let (answers, answer) = mpsc::channel::<()>();
        let look_ups = Arc::new(AtomicU16::new(0));
        let counter = Arc::clone(&look_ups);
        let look_up = LookUp::start(move || {
            let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
            let is_there = answer.recv_timeout(PATIENCE).is_ok();
            is_there
                .then_some(([127, 0, 0, 1], number).into())
                .into_iter()
                .collect()
        });
        let first = client();
        look_up.ask(Arc::downgrade(&first.0));
        while look_ups.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
        let others: Vec<_> = iter::repeat_with(client).take(100).collect();
        for (inbox, _) in &others {
            look_up.ask(Arc::downgrade(inbox));
        }
        answers.send(()).ok();
        assert_eq!(told(&first), [1]);
        answers.send(()).ok();
        assert!(others.iter().all(|client| told(client) == [2]));
    }
}
