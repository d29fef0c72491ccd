//! STOMP 1.2, "Server Frames": what the broker says.

use crate::common::header;

mod message {
    use super::header;

    cases! {
        /// "MUST include a destination header", "MUST also contain a message-id header […] and a subscription header"
        fn it_has_all_that_it_needs(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:7\ndestination:/queue/a\nack:client\n\n^@SEND\ndestination:/queue/a\n\nhi^@");
            let message = raw.hears_message("hi");
            assert_eq!(header(&message, "destination"), Some("/queue/a"));
            assert_eq!(header(&message, "subscription"), Some("7"));
            assert!(header(&message, "message-id").is_some());
            assert!(header(&message, "ack").is_some());
        }

        /// "a unique identifier for that message"
        fn its_id_is_unique(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@");
            raw.says(&"SEND\ndestination:/topic/a\n\nhi^@".repeat(10));
            let mut ids: Vec<String> = (0..10).map(|_| header(&raw.frame(), "message-id").unwrap().to_owned()).collect();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), 10);
            // Some clients undo escapes wrongly, so there had better be none.
            assert!(ids.iter().all(|id| !id.contains([':', '\\', ' '])), "{ids:?}");
        }

        /// Messages of one publisher come in the order in which they were sent.
        fn the_order_is_kept(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
            for number in 0..100 {
                raw.says(&format!("SEND\ndestination:/queue/a\n\n{number}^@"));
            }
            for number in 0..100 {
                raw.hears_message(&number.to_string());
            }
        }
    }
}

mod receipt {
    cases! {
        /// "the value is the value of the receipt header", and the work is done when it comes
        fn it_says_that_the_work_is_done(broker) {
            let (mut one, mut other) = (broker.session("1.2"), broker.session("1.2"));
            one.says("SUBSCRIBE\nid:0\ndestination:/topic/a\nreceipt:message-12345\n\n^@");
            one.hears_receipt("message-12345");
            other.says("SEND\ndestination:/topic/a\n\nhi^@");
            one.hears_message("hi");
        }

        /// It is "also a cumulative acknowledgment that all the previous frames have been received".
        fn receipts_come_in_the_order_of_the_frames(broker) {
            let mut raw = broker.session("1.2");
            for number in 0..50 {
                raw.says(&format!("SEND\ndestination:/topic/a\nreceipt:{number}\n\nhi^@"));
            }
            for number in 0..50 {
                raw.hears_receipt(&number.to_string());
            }
        }
    }
}

mod error {
    use super::header;

    cases! {
        /// "SHOULD contain a message header", "SHOULD set the receipt-id header", and content-type and content-length
        fn it_says_what_and_where(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\ndestined:/queue/a\nreceipt:message-12345\n\nHello queue a!^@");
            let error = raw.is_refused("needs");
            assert_eq!(header(&error, "message"), Some("missing header"));
            assert_eq!(header(&error, "receipt-id"), Some("message-12345"));
            assert_eq!(header(&error, "content-type"), Some("text/plain"));
            let (_, body) = error.split_once("\n\n").unwrap();
            assert_eq!(header(&error, "content-length"), Some(body.len().to_string().as_str()));
        }

        /// What was done before is said before.
        fn what_was_done_before_is_said_before(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\naccept-version:1.2\nhost:localhost\n\n^@SUBSCRIBE\nid:0\ndestination:/topic/a\nreceipt:1\n\n^@SEND\ndestination:/topic/a\n\nhi^@SEND\nnonsense\n\n^@");
            raw.hears("CONNECTED\n");
            raw.hears_receipt("1");
            raw.hears_message("hi");
            raw.is_refused("no colon");
        }

        /// What comes after it is not done.
        fn what_comes_after_it_is_not_done(broker) {
            let mut raw = broker.session("1.2");
            raw.says("ACK\nid:1\n\n^@SEND\ndestination:/queue/a\n\nlate^@");
            raw.is_refused("no such message");
            let mut next = broker.session("1.2");
            next.says("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n^@");
            next.hears_nothing();
        }

        /// One client's fault concerns no other.
        fn others_do_not_notice(broker) {
            let (mut raw, mut other) = (broker.session("1.2"), broker.session("1.2"));
            other.says("SUBSCRIBE\nid:0\ndestination:/topic/a\nreceipt:1\n\n^@");
            other.hears_receipt("1");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@NONSENSE\n\n^@");
            raw.is_refused("not a command");
            other.says("SEND\ndestination:/topic/a\n\nhi^@");
            other.hears_message("hi");
        }
    }
}
