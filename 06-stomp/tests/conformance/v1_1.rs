//! STOMP 1.1, where it differs from 1.2.

use crate::common::header;

mod stomp_frames {
    cases! {
        /// "The frame starts with a command string terminated by a newline": a carriage return is not part of it.
        fn cr_lf_does_not_end_a_line(broker) {
            let mut raw = broker.session("1.1");
            raw.says("SEND\r\ndestination:/topic/a\r\n\r\nhi^@");
            raw.is_refused("accept-version:1.2");
        }

        /// "header-value = *<any OCTET except LF or ":">": a carriage return is data.
        fn a_carriage_return_in_a_value_is_data(broker) {
            let mut raw = broker.session("1.1");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@SEND\ndestination:/topic/a\nkey:value\r\n\nhi^@");
            let message = raw.hears_message("hi");
            assert!(message.contains("\nkey:value\r\n"), "{message:?}");
        }
    }
}

mod value_encoding {
    use super::header;

    cases! {
        /// "\n", "\c" and "\\"
        fn three_escapes_are_passed_on(broker) {
            let mut raw = broker.session("1.1");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@SEND\ndestination:/topic/a\nkey:\\n\\c\\\\\n\nhi^@");
            let message = raw.hears_message("hi");
            assert_eq!(header(&message, "key"), Some("\\n\\c\\\\"));
        }

        /// "Undefined escape sequences such as \r (octet 92 and 114) MUST be treated as a fatal protocol error."
        fn the_escape_for_cr_does_not_exist(broker) {
            let mut raw = broker.session("1.1");
            raw.says("SEND\ndestination:/topic/a\nkey:\\r\n\nhi^@");
            raw.is_refused("does not exist in STOMP 1.1");
        }

        /// A message crosses versions: each reader gets the escapes of its own.
        fn each_reader_gets_its_own_escapes(broker) {
            let mut readers: Vec<_> = ["1.0", "1.1", "1.2"].map(|version| broker.session(version)).into();
            for raw in &mut readers {
                raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\nreceipt:1\n\n^@");
                raw.hears_receipt("1");
            }
            readers[2].says("SEND\ndestination:/topic/a\ncolon:a\\cb\nline:a\\nb\ncr:a\\rb\n\nhi^@");
            let heard: Vec<String> = readers.iter_mut().map(|raw| raw.hears_message("hi")).collect();
            assert_eq!(header(&heard[2], "cr"), Some("a\\rb"));
            assert!(heard[1].contains("\ncr:a\rb\n"), "{:?}", heard[1]);
            assert_eq!(header(&heard[1], "line"), Some("a\\nb"));
            assert_eq!(header(&heard[0], "colon"), Some("a:b"));
            // 1.0 has no way to say a line feed; written as it is, it would begin a new header.
            assert_eq!(header(&heard[0], "line"), None);
        }
    }
}

mod ack {
    use super::header;

    cases! {
        /// "ACK has two REQUIRED headers: message-id […] and subscription"
        fn message_id_and_subscription_name_the_message(broker) {
            let mut raw = broker.session("1.1");
            raw.says("SUBSCRIBE\nid:s\ndestination:/queue/a\nack:client-individual\n\n^@SEND\ndestination:/queue/a\n\nhi^@");
            let message = raw.hears_message("hi");
            assert_eq!(header(&message, "ack"), None, "that header came with 1.2");
            let id = header(&message, "message-id").unwrap();
            raw.says(&format!("NACK\nmessage-id:{id}\nsubscription:s\n\n^@"));
            let message = raw.hears_message("hi");
            assert_eq!(header(&message, "message-id"), Some(id));
            raw.says(&format!("ACK\nmessage-id:{id}\nsubscription:s\nreceipt:1\n\n^@"));
            raw.hears_receipt("1");
        }

        /// The same sentence.
        fn both_are_required(broker) {
            let mut raw = broker.session("1.1");
            raw.says("ACK\nmessage-id:1\n\n^@");
            raw.is_refused("no subscription header");
            let mut raw = broker.session("1.1");
            raw.says("ACK\nsubscription:1\n\n^@");
            raw.is_refused("no message-id header");
        }

        /// "which MUST be set to match the value of the subscription's id header"
        fn another_subscription_does_not_match(broker) {
            let mut raw = broker.session("1.1");
            raw.says("SUBSCRIBE\nid:s\ndestination:/queue/a\nack:client\n\n^@SEND\ndestination:/queue/a\n\nhi^@");
            let message = raw.hears_message("hi");
            let id = header(&message, "message-id").unwrap();
            raw.says(&format!("ACK\nmessage-id:{id}\nsubscription:t\n\n^@"));
            raw.is_refused("no such message");
        }

        /// One message in two subscriptions is acknowledged in each.
        fn the_subscription_tells_which_delivery(broker) {
            let mut raw = broker.session("1.1");
            for id in ["a", "b"] {
                raw.says(&format!("SUBSCRIBE\nid:{id}\ndestination:/topic/x\nack:client\n\n^@"));
            }
            raw.says("SEND\ndestination:/topic/x\n\nhi^@");
            let message = raw.hears_message("hi");
            raw.hears_message("hi");
            let id = header(&message, "message-id").unwrap();
            raw.says(&format!("ACK\nmessage-id:{id}\nsubscription:b\nreceipt:b\n\n^@ACK\nmessage-id:{id}\nsubscription:a\nreceipt:a\n\n^@"));
            raw.hears_receipt("b");
            raw.hears_receipt("a");
        }
    }
}
