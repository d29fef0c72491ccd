//! STOMP 1.0, where it differs from 1.1.

use crate::common::header;

mod connect {
    use super::header;

    cases! {
        /// "the server will always acknowledge the connection, by sending a frame which looks like: CONNECTED session:"
        fn connected_has_a_session(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\nlogin:alice\npasscode:secret\n\n^@");
            let connected = raw.hears("CONNECTED\n");
            assert!(header(&connected, "session").is_some());
            assert_eq!(header(&connected, "heart-beat"), None, "heart-beats came with 1.1");
        }
    }
}

mod subscribe {
    use super::header;

    cases! {
        /// The id is optional, and without it there is no subscription header.
        fn a_subscription_may_go_without_id(broker) {
            let mut raw = broker.session("1.0");
            raw.says("SUBSCRIBE\ndestination:/queue/foo\nreceipt:1\n\n^@SEND\ndestination:/queue/foo\n\nhi^@");
            raw.hears_receipt("1");
            let message = raw.hears_message("hi");
            assert_eq!(header(&message, "subscription"), None);
        }

        /// "If an id header is supplied then Stomp brokers should append a subscription header"
        fn with_an_id_the_message_names_it(broker) {
            let mut raw = broker.session("1.0");
            raw.says("SUBSCRIBE\nid:7\ndestination:/queue/foo\n\n^@SEND\ndestination:/queue/foo\n\nhi^@");
            let message = raw.hears_message("hi");
            assert_eq!(header(&message, "subscription"), Some("7"));
        }

        /// "The body of the SUBSCRIBE command is ignored."
        fn its_body_is_ignored(broker) {
            let mut raw = broker.session("1.0");
            raw.says("SUBSCRIBE\ndestination:/queue/foo\nreceipt:1\n\nbody^@");
            raw.hears_receipt("1");
        }

        /// "The valid values for ack are auto (the default […]) and client."
        fn client_individual_does_not_exist(broker) {
            let mut raw = broker.session("1.0");
            raw.says("SUBSCRIBE\ndestination:/queue/foo\nack:client-individual\n\n^@");
            raw.is_refused("auto or client");
        }
    }
}

mod unsubscribe {
    cases! {
        /// "It requires either a destination header or an id header (if the previous SUBSCRIBE […] passed an id value)."
        fn a_destination_or_an_id_names_the_subscription(broker) {
            for name in ["destination:/topic/a", "id:7\ndestination:/topic/a"] {
                let mut raw = broker.session("1.0");
                raw.says(&format!("SUBSCRIBE\n{name}\n\n^@UNSUBSCRIBE\n{name}\nreceipt:1\n\n^@"));
                raw.hears_receipt("1");
                raw.says("SEND\ndestination:/topic/a\n\nhi^@");
                raw.hears_nothing();
            }
        }

        /// The same sentence.
        fn one_of_them_is_required(broker) {
            let mut raw = broker.session("1.0");
            raw.says("UNSUBSCRIBE\n\n^@");
            raw.is_refused("no destination header");
        }
    }
}

mod ack {
    use super::header;

    cases! {
        /// "ACK has one required header, message-id"
        fn the_message_id_is_enough(broker) {
            let mut raw = broker.session("1.0");
            raw.says("SUBSCRIBE\ndestination:/queue/a\nack:client\n\n^@SEND\ndestination:/queue/a\n\nhi^@");
            let message = raw.hears_message("hi");
            raw.says(&format!("ACK\nmessage-id:{}\nreceipt:1\n\n^@DISCONNECT\n\n^@", header(&message, "message-id").unwrap()));
            raw.hears_receipt("1");
            raw.is_closed();
            let mut next = broker.session("1.0");
            next.says("SUBSCRIBE\ndestination:/queue/a\n\n^@");
            next.hears_nothing();
        }

        /// The list of commands does not have it.
        fn nack_does_not_exist(broker) {
            let mut raw = broker.session("1.0");
            raw.says("NACK\nmessage-id:1\n\n^@");
            raw.is_refused("does not exist in STOMP 1.0");
        }
    }
}

mod headers {
    use super::header;

    cases! {
        /// There are no escapes: a backslash is a backslash, and a value may hold a colon.
        fn a_backslash_is_a_backslash(broker) {
            let mut raw = broker.session("1.0");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@SEND\ndestination:/topic/a\npath:C:\\temp\\new\n\nhi^@");
            let message = raw.hears_message("hi");
            assert_eq!(header(&message, "path"), Some("C:\\temp\\new"));
        }
    }
}
