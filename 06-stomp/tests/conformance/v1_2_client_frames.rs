//! STOMP 1.2, "Client Frames": what each of them does.

use crate::common::header;

mod send {
    use super::header;

    cases! {
        /// "It has one REQUIRED header, destination"
        fn a_destination_is_required(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\nreceipt:1\n\nhi^@");
            let error = raw.is_refused("no destination header");
            assert_eq!(header(&error, "receipt-id"), Some("1"));
        }

        /// "If the server cannot successfully process the SEND frame for any reason, the server MUST send […] an ERROR"
        fn a_destination_that_is_none_is_refused(broker) {
            for destination in ["", "a", "/topic/", "/topics/a", "/queue/", "/topic/a.*", "/topic/>"] {
                let mut raw = broker.session("1.2");
                raw.says(&format!("SEND\ndestination:{destination}\nreceipt:1\n\nhi^@"));
                let error = raw.is_refused("bad destination");
                assert_eq!(header(&error, "receipt-id"), Some("1"));
            }
        }

        /// "The user defined headers MUST be passed through in the MESSAGE frame."
        fn user_headers_are_passed_through(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@");
            raw.says("SEND\ndestination:/topic/a\nprice:71,300\npersistent:true\nreply-to:/queue/answers\n\nhi^@");
            let message = raw.hears_message("hi");
            assert_eq!(header(&message, "price"), Some("71,300"));
            assert_eq!(header(&message, "persistent"), Some("true"));
            assert_eq!(header(&message, "reply-to"), Some("/queue/answers"));
        }

        /// What is said to the broker is not for the reader, and what only the broker may say cannot be forged.
        fn the_brokers_own_headers_are_not(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@");
            raw.says("SEND\ndestination:/topic/a\nreceipt:1\nmessage-id:forged\nsubscription:forged\nack:forged\nredelivered:true\n\nhi^@");
            let message = raw.hears_message("hi");
            raw.hears_receipt("1");
            assert!(!message.contains("forged") && !message.contains("redelivered"), "{message}");
            assert_eq!(header(&message, "receipt"), None);
        }

        /// A queue keeps a message until somebody subscribes.
        fn a_queue_waits_for_a_reader(broker) {
            let (mut one, mut other) = (broker.session("1.2"), broker.session("1.2"));
            one.says("SEND\ndestination:/queue/a\nreceipt:1\n\nhi^@");
            one.hears_receipt("1");
            one.says("DISCONNECT\n\n^@");
            other.says("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
            other.hears_message("hi");
        }

        /// A topic does not.
        fn a_topic_does_not(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\ndestination:/topic/a\n\nearly^@SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@");
            raw.says("SEND\ndestination:/topic/a\n\nlate^@");
            raw.hears_message("late");
        }
    }
}

mod subscribe {
    use super::header;

    cases! {
        /// "an id header MUST be included in the frame", and "requires a destination header"
        fn id_and_destination_are_required(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\ndestination:/topic/a\nreceipt:1\n\n^@");
            let error = raw.is_refused("no id header");
            assert_eq!(header(&error, "receipt-id"), Some("1"));
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\nreceipt:1\n\n^@");
            raw.is_refused("no destination header");
        }

        /// "Within the same connection, different subscriptions MUST use different subscription identifiers."
        fn an_id_is_used_once(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@SUBSCRIBE\nid:0\ndestination:/topic/b\nreceipt:1\n\n^@");
            let error = raw.is_refused("subscription exists");
            assert_eq!(header(&error, "receipt-id"), Some("1"));
        }

        /// Within the same connection: another one may use it.
        fn another_connection_may_use_the_same_id(broker) {
            let (mut one, mut other) = (broker.session("1.2"), broker.session("1.2"));
            for raw in [&mut one, &mut other] {
                raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\nreceipt:1\n\n^@");
                raw.hears_receipt("1");
            }
            one.says("SEND\ndestination:/topic/a\n\nhi^@");
            one.hears_message("hi");
            other.hears_message("hi");
        }

        /// "a single connection can have multiple open subscriptions", even to one destination
        fn two_subscriptions_to_one_topic_get_two_messages(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:a\ndestination:/topic/a\n\n^@SUBSCRIBE\nid:b\ndestination:/topic/a\n\n^@");
            raw.says("SEND\ndestination:/topic/a\n\nhi^@");
            let (one, other) = (raw.hears_message("hi"), raw.hears_message("hi"));
            assert_eq!(header(&one, "subscription"), Some("a"));
            assert_eq!(header(&other, "subscription"), Some("b"));
        }

        /// "The valid values for the ack header are auto, client, or client-individual."
        fn any_other_ack_is_refused(broker) {
            for ack in ["", "Auto", "none", "client_individual"] {
                let mut raw = broker.session("1.2");
                raw.says(&format!("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:{ack}\nreceipt:1\n\n^@"));
                let error = raw.is_refused("auto, client or client-individual");
                assert_eq!(header(&error, "receipt-id"), Some("1"));
            }
        }

        /// "If the server cannot successfully create the subscription, the server MUST send […] an ERROR"
        fn a_destination_that_is_none_is_refused(broker) {
            for destination in ["", "a", "/topic/", "/topic/>.a"] {
                let mut raw = broker.session("1.2");
                raw.says(&format!("SUBSCRIBE\nid:0\ndestination:{destination}\n\n^@"));
                raw.is_refused("bad destination");
            }
        }

        /// A selector that is not understood would deliver what was not asked for.
        fn a_selector_is_refused(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\nselector:price > 70000\n\n^@");
            raw.is_refused("no selectors");
        }

        /// Words may be left open.
        fn wildcards_match_words(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:one\ndestination:/topic/price.*\n\n^@SUBSCRIBE\nid:rest\ndestination:/topic/price.>\n\n^@");
            raw.says("SEND\ndestination:/topic/price.samsung\n\n1^@");
            assert_eq!(header(&raw.hears_message("1"), "subscription"), Some("one"));
            let message = raw.hears_message("1");
            assert_eq!(header(&message, "subscription"), Some("rest"));
            assert_eq!(header(&message, "destination"), Some("/topic/price.samsung"));
            raw.says("SEND\ndestination:/topic/price.kr.samsung\n\n2^@SEND\ndestination:/topic/news\n\n3^@");
            assert_eq!(header(&raw.hears_message("2"), "subscription"), Some("rest"));
            raw.hears_nothing();
        }
    }
}

/// What `/temp-queue/` means is the server's affair ("STOMP treats this destination as an opaque string").
mod temporary_queues {
    use super::header;
    use crate::common::{Broker, Raw};

    /// A client that reads what goes to this queue.
    fn reader(broker: &Broker, queue: &str) -> Raw {
        let mut reader = broker.session("1.2");
        reader.says(&format!("SUBSCRIBE\nid:0\ndestination:{queue}\nreceipt:1\n\n^@"));
        reader.hears_receipt("1");
        reader
    }

    cases! {
        /// A question carries the way back, and only who asked hears the answer.
        fn an_answer_finds_its_way_back(broker) {
            let mut server = reader(broker, "/queue/questions");
            let mut clients = [broker.session("1.2"), broker.session("1.1")];
            for (number, client) in clients.iter_mut().enumerate() {
                client.says("SUBSCRIBE\nid:0\ndestination:/temp-queue/answers\n\n^@");
                client.says(&format!("SEND\ndestination:/queue/questions\nreply-to:/temp-queue/answers\n\n{number}?^@"));
            }
            for _ in 0..2 {
                let question = server.hears("MESSAGE\n");
                let reply_to = header(&question, "reply-to").unwrap();
                assert_ne!(reply_to, "/temp-queue/answers");
                let body = if question.ends_with("0?") { "0!" } else { "1!" };
                server.says(&format!("SEND\ndestination:{reply_to}\n\n{body}^@"));
            }
            for (number, client) in clients.iter_mut().enumerate() {
                client.hears_message(&format!("{number}!"));
                client.hears_nothing();
            }
        }

        /// It is there as long as its owner is subscribed.
        fn it_ends_with_its_owner(broker) {
            let (mut owner, mut other) = (broker.session("1.2"), reader(broker, "/queue/a"));
            owner.says("SUBSCRIBE\nid:0\ndestination:/temp-queue/a\n\n^@SEND\ndestination:/queue/a\nreply-to:/temp-queue/a\n\nhi^@");
            let message = other.hears_message("hi");
            owner.says("DISCONNECT\nreceipt:1\n\n^@");
            owner.hears_receipt("1");
            other.says(&format!("SEND\ndestination:{}\n\nlate^@", header(&message, "reply-to").unwrap()));
            other.is_refused("as long as its owner");
        }

        /// Nobody else can subscribe to it, not even under its full name.
        fn only_its_owner_receives(broker) {
            let (mut owner, mut thief) = (broker.session("1.2"), reader(broker, "/queue/a"));
            owner.says("SUBSCRIBE\nid:0\ndestination:/temp-queue/a\n\n^@SEND\ndestination:/queue/a\nreply-to:/temp-queue/a\n\nhi^@");
            let message = thief.hears_message("hi");
            let name = header(&message, "reply-to").unwrap();
            thief.says(&format!("SUBSCRIBE\nid:1\ndestination:{name}\n\n^@SEND\ndestination:{name}\n\nsecret^@"));
            owner.hears_message("secret");
            thief.hears_nothing();
        }

        /// Who has been told one name cannot work out another of the same owner.
        fn its_name_cannot_be_guessed(broker) {
            let (mut owner, mut thief) = (broker.session("1.2"), reader(broker, "/queue/q"));
            owner.says("SUBSCRIBE\nid:0\ndestination:/temp-queue/a\n\n^@SUBSCRIBE\nid:1\ndestination:/temp-queue/b\n\n^@");
            owner.says("SEND\ndestination:/queue/q\nreply-to:/temp-queue/b\n\nhi^@");
            let message = thief.hears_message("hi");
            let told = header(&message, "reply-to").unwrap();
            thief.says(&format!("SEND\ndestination:{told}\n\nanswer^@"));
            owner.hears_message("answer");
            let guess = format!("{}-a", told.strip_suffix("-b").unwrap());
            thief.says(&format!("SEND\ndestination:{guess}\n\nforged^@"));
            thief.is_refused("as long as its owner");
            owner.hears_nothing();
        }

        /// Its owner may send to it under its own name.
        fn its_owner_may_use_the_short_name(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/temp-queue/a\n\n^@SEND\ndestination:/temp-queue/a\n\nhi^@");
            raw.hears_message("hi");
        }
    }
}

mod subscribe_ack_header {
    use super::header;

    cases! {
        /// "If the header is not set, it defaults to auto": nothing is to be acknowledged.
        fn auto_is_the_default(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@SEND\ndestination:/queue/a\n\nhi^@");
            let message = raw.hears_message("hi");
            assert_eq!(header(&message, "ack"), None);
            raw.says("DISCONNECT\nreceipt:1\n\n^@");
            raw.hears_receipt("1");
            let mut next = broker.session("1.2");
            next.says("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
            next.hears_nothing();
        }

        /// client: "a cumulative acknowledgment […] and all messages sent to the subscription before"
        fn client_is_cumulative(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\n\n^@");
            for text in ["one", "two", "three"] {
                raw.says(&format!("SEND\ndestination:/queue/a\n\n{text}^@"));
            }
            raw.hears_message("one");
            let two = raw.hears_message("two");
            raw.hears_message("three");
            raw.says(&format!("ACK\nid:{}\n\n^@DISCONNECT\nreceipt:1\n\n^@", header(&two, "ack").unwrap()));
            raw.hears_receipt("1");
            let mut next = broker.session("1.2");
            next.says("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
            let message = next.hears_message("three");
            assert_eq!(header(&message, "redelivered"), Some("true"));
            next.hears_nothing();
        }

        /// client-individual: "MUST NOT cause a previous message to get acknowledged"
        fn client_individual_is_not(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client-individual\n\n^@");
            for text in ["one", "two", "three"] {
                raw.says(&format!("SEND\ndestination:/queue/a\n\n{text}^@"));
            }
            raw.hears_message("one");
            let two = raw.hears_message("two");
            raw.hears_message("three");
            raw.says(&format!("ACK\nid:{}\n\n^@DISCONNECT\nreceipt:1\n\n^@", header(&two, "ack").unwrap()));
            raw.hears_receipt("1");
            let mut next = broker.session("1.2");
            next.says("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
            next.hears_message("one");
            next.hears_message("three");
            next.hears_nothing();
        }

        /// "If the connection fails before a client sends an ACK […] the server […] MAY redeliver the message"
        fn a_lost_connection_gives_the_message_to_another(broker) {
            let (mut lost, mut other) = (broker.session("1.2"), broker.session("1.2"));
            lost.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\n\n^@SEND\ndestination:/queue/a\n\nhi^@");
            let first = lost.hears_message("hi");
            assert_eq!(header(&first, "redelivered"), None);
            other.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\nreceipt:1\n\n^@");
            other.hears_receipt("1");
            drop(lost);
            let second = other.hears_message("hi");
            assert_eq!(header(&second, "redelivered"), Some("true"));
            assert_eq!(header(&second, "message-id"), header(&first, "message-id"));
        }
    }
}

mod unsubscribe {
    use super::header;

    cases! {
        /// "the STOMP connections will no longer receive messages from that subscription"
        fn nothing_comes_afterwards(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@UNSUBSCRIBE\nid:0\n\n^@SEND\ndestination:/topic/a\n\nhi^@");
            raw.hears_nothing();
        }

        /// "This header MUST match the subscription identifier of an existing subscription."
        fn the_id_must_be_known(broker) {
            let mut raw = broker.session("1.2");
            raw.says("UNSUBSCRIBE\nid:7\nreceipt:1\n\n^@");
            let error = raw.is_refused("no such subscription");
            assert_eq!(header(&error, "receipt-id"), Some("1"));
            let mut raw = broker.session("1.2");
            raw.says("UNSUBSCRIBE\ndestination:/topic/a\n\n^@");
            raw.is_refused("no id header");
        }

        /// The id is free again.
        fn the_id_may_be_used_again(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@UNSUBSCRIBE\nid:0\n\n^@SUBSCRIBE\nid:0\ndestination:/topic/b\n\n^@");
            raw.says("SEND\ndestination:/topic/b\n\nhi^@");
            raw.hears_message("hi");
        }

        /// What was not acknowledged goes to another.
        fn what_was_not_acknowledged_is_redelivered(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\n\n^@SEND\ndestination:/queue/a\n\nhi^@");
            raw.hears_message("hi");
            raw.says("UNSUBSCRIBE\nid:0\n\n^@SUBSCRIBE\nid:1\ndestination:/queue/a\n\n^@");
            let message = raw.hears_message("hi");
            assert_eq!(header(&message, "redelivered"), Some("true"));
        }
    }
}

mod ack {
    use super::header;

    cases! {
        /// "The ACK frame MUST include an id header matching the ack header of the MESSAGE being acknowledged."
        fn the_id_must_match(broker) {
            for (frame, reason) in [
                ("ACK\nreceipt:1\n\n^@", "no id header"),
                ("ACK\nid:12345\nreceipt:1\n\n^@", "no such message"),
                ("ACK\nid:x\nreceipt:1\n\n^@", "no such message"),
                ("NACK\nid:12345\nreceipt:1\n\n^@", "no such message"),
            ] {
                let mut raw = broker.session("1.2");
                raw.says(frame);
                let error = raw.is_refused(reason);
                assert_eq!(header(&error, "receipt-id"), Some("1"));
            }
        }

        /// A message is acknowledged once.
        fn a_second_ack_is_refused(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client-individual\n\n^@SEND\ndestination:/queue/a\n\nhi^@");
            let message = raw.hears_message("hi");
            let ack = header(&message, "ack").unwrap();
            raw.says(&format!("ACK\nid:{ack}\nreceipt:1\n\n^@ACK\nid:{ack}\nreceipt:2\n\n^@"));
            raw.hears_receipt("1");
            raw.is_refused("no such message");
        }

        /// The message of another connection is none of ours.
        fn only_the_receiver_may_acknowledge(broker) {
            let (mut one, mut other) = (broker.session("1.2"), broker.session("1.2"));
            one.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\n\n^@SEND\ndestination:/queue/a\n\nhi^@");
            let message = one.hears_message("hi");
            other.says(&format!("ACK\nid:{}\n\n^@", header(&message, "ack").unwrap()));
            other.is_refused("no such message");
        }
    }
}

mod nack {
    use super::header;

    cases! {
        /// "The server can then […] send the message to a different client"
        fn a_refused_message_goes_to_the_next(broker) {
            let (mut one, mut other) = (broker.session("1.2"), broker.session("1.2"));
            for raw in [&mut one, &mut other] {
                raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client-individual\nreceipt:1\n\n^@");
                raw.hears_receipt("1");
            }
            one.says("SEND\ndestination:/queue/a\n\nhi^@");
            let message = one.hears_message("hi");
            one.says(&format!("NACK\nid:{}\n\n^@", header(&message, "ack").unwrap()));
            let message = other.hears_message("hi");
            assert_eq!(header(&message, "redelivered"), Some("true"));
        }

        /// "all messages sent before and not yet ACK'ed or NACK'ed (if the subscription's ack mode is client)"
        fn in_mode_client_it_is_cumulative(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client\n\n^@");
            raw.says("SEND\ndestination:/queue/a\n\none^@SEND\ndestination:/queue/a\n\ntwo^@");
            raw.hears_message("one");
            let two = raw.hears_message("two");
            raw.says(&format!("NACK\nid:{}\n\n^@", header(&two, "ack").unwrap()));
            raw.hears_message("one");
            raw.hears_message("two");
        }

        /// A topic has nothing to take it back to: "discard it".
        fn on_a_topic_it_is_discarded(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\nack:client\n\n^@SEND\ndestination:/topic/a\n\nhi^@");
            let message = raw.hears_message("hi");
            raw.says(&format!("NACK\nid:{}\n\n^@", header(&message, "ack").unwrap()));
            raw.hears_nothing();
        }
    }
}

mod transactions {
    use super::header;

    cases! {
        /// "any messages sent […] during a transaction will be processed atomically based on the transaction"
        fn a_message_waits_for_commit(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@BEGIN\ntransaction:t\n\n^@");
            raw.says("SEND\ndestination:/topic/a\ntransaction:t\n\none^@SEND\ndestination:/topic/a\ntransaction:t\n\ntwo^@");
            raw.says("SEND\ndestination:/topic/a\n\noutside^@COMMIT\ntransaction:t\nreceipt:1\n\n^@");
            raw.hears_message("outside");
            let message = raw.hears_message("one");
            assert_eq!(header(&message, "transaction"), None);
            raw.hears_message("two");
            raw.hears_receipt("1");
        }

        /// "ABORT is used to roll back a transaction in progress."
        fn abort_forgets_it(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@BEGIN\ntransaction:t\n\n^@");
            raw.says("SEND\ndestination:/topic/a\ntransaction:t\n\nhi^@ABORT\ntransaction:t\n\n^@");
            raw.hears_nothing();
        }

        /// "the message acknowledgment SHOULD be part of the named transaction"
        fn an_acknowledgement_waits_too(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client-individual\n\n^@SEND\ndestination:/queue/a\n\nhi^@");
            let message = raw.hears_message("hi");
            let ack = header(&message, "ack").unwrap();
            raw.says(&format!("BEGIN\ntransaction:t\n\n^@ACK\nid:{ack}\ntransaction:t\n\n^@ABORT\ntransaction:t\n\n^@"));
            raw.says(&format!("BEGIN\ntransaction:t\n\n^@ACK\nid:{ack}\ntransaction:t\n\n^@COMMIT\ntransaction:t\nreceipt:1\n\n^@"));
            raw.hears_receipt("1");
            raw.says(&format!("ACK\nid:{ack}\n\n^@"));
            raw.is_refused("no such message");
        }

        /// All of it or nothing: a commit that cannot be done whole sends nothing.
        fn a_commit_that_fails_does_nothing(broker) {
            let (mut raw, mut reader) = (broker.session("1.2"), broker.session("1.2"));
            reader.says("SUBSCRIBE\nid:0\ndestination:/topic/a\nreceipt:1\n\n^@");
            reader.hears_receipt("1");
            raw.says("BEGIN\ntransaction:t\n\n^@SEND\ndestination:/topic/a\ntransaction:t\n\nhi^@");
            raw.says("ACK\nid:99\ntransaction:t\n\n^@COMMIT\ntransaction:t\nreceipt:1\n\n^@");
            let error = raw.is_refused("no such message");
            assert_eq!(header(&error, "receipt-id"), Some("1"));
            reader.hears_nothing();
        }

        /// "The transaction header is REQUIRED"
        fn its_name_is_required(broker) {
            for command in ["BEGIN", "COMMIT", "ABORT"] {
                let mut raw = broker.session("1.2");
                raw.says(&format!("{command}\nreceipt:1\n\n^@"));
                let error = raw.is_refused("no transaction header");
                assert_eq!(header(&error, "receipt-id"), Some("1"));
            }
        }

        /// It "MUST specify the identifier of the transaction"
        fn its_name_must_be_known(broker) {
            for frame in ["COMMIT\ntransaction:t", "ABORT\ntransaction:t", "SEND\ndestination:/topic/a\ntransaction:t", "ACK\nid:1\ntransaction:t"] {
                let mut raw = broker.session("1.2");
                raw.says(&format!("{frame}\nreceipt:1\n\n^@"));
                let error = raw.is_refused("no such transaction");
                assert_eq!(header(&error, "receipt-id"), Some("1"));
            }
        }

        /// "Within the same connection, different transactions MUST use different transaction identifiers."
        fn a_name_is_used_once_at_a_time(broker) {
            let mut raw = broker.session("1.2");
            raw.says("BEGIN\ntransaction:t\n\n^@COMMIT\ntransaction:t\n\n^@BEGIN\ntransaction:t\nreceipt:1\n\n^@");
            raw.hears_receipt("1");
            raw.says("BEGIN\ntransaction:t\nreceipt:2\n\n^@");
            raw.is_refused("transaction exists");
        }

        /// Within the same connection: another one may use it.
        fn another_connection_may_use_the_same_name(broker) {
            let (mut one, mut other) = (broker.session("1.2"), broker.session("1.2"));
            for raw in [&mut one, &mut other] {
                raw.says("BEGIN\ntransaction:t\nreceipt:1\n\n^@");
                raw.hears_receipt("1");
            }
            one.says("ABORT\ntransaction:t\n\n^@");
            other.says("COMMIT\ntransaction:t\nreceipt:2\n\n^@");
            other.hears_receipt("2");
        }

        /// "implicitly aborted if the client sends a DISCONNECT frame or if the TCP connection fails"
        fn it_ends_with_the_connection(broker) {
            let mut reader = broker.session("1.2");
            reader.says("SUBSCRIBE\nid:0\ndestination:/topic/a\nreceipt:1\n\n^@");
            reader.hears_receipt("1");
            let mut raw = broker.session("1.2");
            raw.says("BEGIN\ntransaction:t\n\n^@SEND\ndestination:/topic/a\ntransaction:t\n\nhi^@DISCONNECT\nreceipt:1\n\n^@");
            raw.hears_receipt("1");
            raw.is_closed();
            reader.hears_nothing();
        }
    }
}

mod disconnect {
    cases! {
        /// "wait for the RECEIPT frame response to the DISCONNECT", and then the connection is closed
        fn the_receipt_comes_and_then_the_end(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\ndestination:/queue/a\nreceipt:1\n\nhi^@DISCONNECT\nreceipt:77\n\n^@");
            raw.hears_receipt("1");
            raw.hears_receipt("77");
            raw.is_closed();
        }

        /// A receipt is not compulsory.
        fn without_a_receipt_the_end_comes_at_once(broker) {
            let mut raw = broker.session("1.2");
            raw.says("DISCONNECT\n\n^@");
            raw.is_closed();
        }

        /// "Clients MUST NOT send any more frames after the DISCONNECT frame is sent."
        fn what_comes_afterwards_is_not_done(broker) {
            let mut raw = broker.session("1.2");
            raw.says("DISCONNECT\nreceipt:1\n\n^@SEND\ndestination:/queue/a\nreceipt:2\n\nlate^@");
            raw.hears_receipt("1");
            raw.is_closed();
            let mut next = broker.session("1.2");
            next.says("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
            next.hears_nothing();
        }
    }
}
