//! STOMP 1.2, "STOMP Frames": how a frame is written.

/// "The frame starts with a command string terminated by an end-of-line (EOL)"
mod stomp_frames {
    cases! {
        /// "which consists of an OPTIONAL carriage return (octet 13) followed by a REQUIRED line feed"
        fn lines_may_end_in_cr_lf(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\r\naccept-version:1.2\r\nhost:localhost\r\n\r\n^@\r\n");
            raw.hears("CONNECTED\nversion:1.2\n");
            raw.says("SUBSCRIBE\r\nid:0\r\ndestination:/topic/a\r\nreceipt:1\r\n\r\n^@");
            raw.hears_receipt("1");
            raw.says("SEND\r\ndestination:/topic/a\r\n\r\nhi\r\n^@");
            raw.hears_message("hi\r\n");
        }

        /// "The NULL octet can be optionally followed by multiple EOLs."
        fn ends_of_line_may_stand_between_frames(broker) {
            let mut raw = broker.session("1.2");
            raw.says("\n\r\n\n\nBEGIN\ntransaction:1\nreceipt:1\n\n^@\n\n\r\n\nABORT\ntransaction:1\nreceipt:2\n\n^@\n\n");
            raw.hears_receipt("1");
            raw.hears_receipt("2");
        }

        /// "All commands and header names referenced in this document are case sensitive."
        fn commands_are_case_sensitive(broker) {
            let mut raw = broker.session("1.2");
            raw.says("send\ndestination:/topic/a\n\n^@");
            raw.is_refused("not a command");
        }

        /// The same sentence.
        fn header_names_are_case_sensitive(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\nDestination:/topic/a\n\n^@");
            raw.is_refused("no destination header");
        }

        /// "A STOMP 1.2 server MAY respond with an ERROR frame and then close the connection."
        fn an_unknown_command_is_refused(broker) {
            let mut raw = broker.session("1.2");
            raw.says("HELLO\nreceipt:7\n\n^@");
            let error = raw.is_refused("HELLO");
            assert_eq!(crate::common::header(&error, "receipt-id"), Some("7"));
        }

        /// Where an octet stream is cut means nothing.
        fn a_frame_may_come_octet_by_octet(broker) {
            let mut raw = broker.session("1.2");
            for octet in b"BEGIN\ntransaction:1\nreceipt:slow\n\n\0" {
                raw.sends(&[*octet]);
            }
            raw.hears_receipt("slow");
        }

        /// Nor does it that several frames come together.
        fn several_frames_may_come_at_once(broker) {
            let mut raw = broker.session("1.2");
            raw.says(&"BEGIN\ntransaction:1\nreceipt:1\n\n^@COMMIT\ntransaction:1\nreceipt:2\n\n^@".repeat(50));
            for _ in 0..50 {
                raw.hears_receipt("1");
                raw.hears_receipt("2");
            }
        }

        /// "Each header entry [is] in `<key>:<value>` format"
        fn a_header_without_colon_is_refused(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\ndestination /topic/a\nreceipt:5\n\n^@");
            let error = raw.is_refused("no colon");
            assert_eq!(crate::common::header(&error, "receipt-id"), Some("5"));
        }

        /// "header-name = 1*<any OCTET except CR or LF or ":">"
        fn a_header_without_name_is_refused(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\n:/topic/a\n\n^@");
            raw.is_refused("no name");
        }

        /// "A blank line (i.e. an extra EOL) indicates the end of the headers"
        fn a_frame_without_blank_line_is_refused(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\ndestination:/topic/a\n^@");
            raw.is_refused("blank line");
        }

        /// "header-value = *<any OCTET except …>": it may be empty.
        fn a_value_may_be_empty(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:\ndestination:/topic/a\nreceipt:\n\n^@");
            raw.hears_receipt("");
            raw.says("SEND\ndestination:/topic/a\nempty:\n\nhi^@");
            let message = raw.hears_message("hi");
            assert_eq!(crate::common::header(&message, "empty"), Some(""));
            assert_eq!(crate::common::header(&message, "subscription"), Some(""));
        }
    }
}

mod value_encoding {
    cases! {
        /// "the following transformations MUST be applied", and when encoding "the reverse transformation"
        fn all_four_escapes_are_passed_on(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@");
            raw.says("SEND\ndestination:/topic/a\nna\\cme:c\\c r\\r n\\n b\\\\ bn\\\\n\n\nhi^@");
            let message = raw.hears_message("hi");
            assert!(message.contains("\nna\\cme:c\\c r\\r n\\n b\\\\ bn\\\\n\n"), "{message:?}");
        }

        /// "Undefined escape sequences such as \t (octet 92 and 116) MUST be treated as a fatal protocol error."
        fn an_undefined_escape_is_fatal(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\ndestination:/topic/a\ntab:\\t\nreceipt:1\n\n^@");
            let error = raw.is_refused("does not exist");
            assert_eq!(crate::common::header(&error, "receipt-id"), Some("1"));
        }

        /// A backslash that nothing follows is no escape either.
        fn a_backslash_at_the_end_is_fatal(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\ndestination:/topic/a\nend:\\\n\n^@");
            raw.is_refused("does not exist");
        }

        /// The same in a name.
        fn an_undefined_escape_in_a_name_is_fatal(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\ndestination:/topic/a\nt\\ab:x\n\n^@");
            raw.is_refused("does not exist");
        }

        /// "The CONNECT and CONNECTED frames do not escape"
        fn connect_has_no_escapes(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\naccept-version:1.2\nhost:localhost\nlogin:DOMAIN\\user\npasscode:a:b\\\n\n^@");
            raw.hears("CONNECTED\n");
        }

        /// An escaped receipt comes back escaped.
        fn a_receipt_is_escaped_again(broker) {
            let mut raw = broker.session("1.2");
            raw.says("BEGIN\ntransaction:1\nreceipt:a\\cb\\n\\\\\n\n^@");
            raw.hears_receipt("a\\cb\\n\\\\");
        }

        /// "The commands and headers are encoded in UTF-8."
        fn headers_are_utf_8(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:가\ndestination:/topic/시세\n\n^@SEND\ndestination:/topic/시세\n이름:삼성\n\n칠만^@");
            let message = raw.hears_message("칠만");
            assert!(message.contains("\nsubscription:가\n") || message.contains("subscription:가"), "{message}");
            assert!(message.contains("\n이름:삼성\n"), "{message}");
        }

        /// The same sentence.
        fn a_header_that_is_not_utf_8_is_refused(broker) {
            let mut raw = broker.session("1.2");
            raw.sends(b"SEND\ndestination:/topic/\xFF\n\n\0");
            raw.is_refused("not UTF-8");
        }

        /// "clients and servers MUST never trim or pad headers with spaces"
        fn nothing_is_trimmed(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid: 0 \ndestination:/topic/a\n\n^@SEND\ndestination:/topic/a\n key :  value \n\nhi^@");
            let message = raw.hears_message("hi");
            assert!(message.contains("subscription: 0 \n"), "{message:?}");
            assert!(message.contains("\n key :  value \n"), "{message:?}");
        }
    }
}

mod body {
    cases! {
        /// "Only the SEND, MESSAGE, and ERROR frames MAY have a body. All other frames MUST NOT have a body."
        fn a_body_where_there_may_be_none_is_refused(broker) {
            for frame in ["SUBSCRIBE\nid:0\ndestination:/topic/a", "BEGIN\ntransaction:1", "DISCONNECT"] {
                let mut raw = broker.session("1.2");
                raw.says(&format!("{frame}\nreceipt:1\n\nbody^@"));
                let error = raw.is_refused("came with a body");
                assert_eq!(crate::common::header(&error, "receipt-id"), Some("1"));
            }
        }

        /// The same for the frame that opens the session.
        fn connect_has_no_body(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\naccept-version:1.2\nhost:localhost\n\nbody^@");
            raw.is_refused("came with a body");
        }

        /// It MAY have one: it need not.
        fn send_needs_no_body(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@SEND\ndestination:/topic/a\n\n^@");
            raw.hears_message("");
        }
    }
}

mod header_content_length {
    cases! {
        /// "this number of octets MUST be read, regardless of whether or not there are NULL octets in the body"
        fn a_body_may_hold_the_octet_0(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\nreceipt:1\n\n^@");
            raw.hears_receipt("1");
            raw.sends(b"SEND\ndestination:/topic/a\ncontent-length:5\n\na\0b\0\xFF\0");
            let mut head = raw.frame();
            assert!(head.ends_with("\ncontent-length:5\n\na"), "{head:?}");
            head.clear();
            raw.hears_octets(b"b\0\xFF\0");
        }

        /// "The frame still needs to be terminated with a NULL octet."
        fn a_length_that_ends_inside_the_body_is_refused(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\ndestination:/topic/a\ncontent-length:3\nreceipt:1\n\nhello^@");
            let error = raw.is_refused("content-length");
            assert_eq!(crate::common::header(&error, "receipt-id"), Some("1"));
        }

        /// It is "an octet count".
        fn a_length_that_is_no_number_is_refused(broker) {
            for length in ["", "five", "-1", "+5", " 5", "5 ", "0x5", "5.0"] {
                let mut raw = broker.session("1.2");
                raw.says(&format!("SEND\ndestination:/topic/a\ncontent-length:{length}\n\nhello^@"));
                raw.is_refused("content-length");
            }
        }

        /// "All frames MAY include a content-length header."
        fn every_frame_may_have_a_length(broker) {
            let mut raw = broker.session("1.2");
            raw.says("BEGIN\ntransaction:1\ncontent-length:0\nreceipt:1\n\n^@");
            raw.hears_receipt("1");
        }

        /// "If a frame body is present, the […] MESSAGE […] frames SHOULD include a content-length header"
        fn a_message_tells_its_length(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@SEND\ndestination:/topic/a\n\n시세^@");
            let message = raw.hears_message("시세");
            assert_eq!(crate::common::header(&message, "content-length"), Some("6"));
        }

        /// A frame that is promised and never comes whole is no frame.
        fn an_end_inside_a_frame_is_an_error(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SEND\ndestination:/topic/a\n\nno end");
            raw.ends();
            // Over WebSocket the client that has said Close hears nothing more.
            if broker.is_tcp() {
                raw.is_refused("octet 0");
            }
        }
    }
}

mod header_content_type {
    cases! {
        /// "the […] frames SHOULD include a content-type header": the publisher's is passed on, none is invented.
        fn the_publishers_type_is_passed_on(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@");
            raw.says("SEND\ndestination:/topic/a\ncontent-type:application/json\n\n{}^@");
            let message = raw.hears_message("{}");
            assert_eq!(crate::common::header(&message, "content-type"), Some("application/json"));
            raw.says("SEND\ndestination:/topic/a\n\nraw^@");
            let message = raw.hears_message("raw");
            assert_eq!(crate::common::header(&message, "content-type"), None);
        }
    }
}

mod header_receipt {
    cases! {
        /// "Any client frame other than CONNECT MAY specify a receipt header with an arbitrary value."
        fn every_client_frame_may_ask_for_one(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client-individual\nreceipt:subscribe\n\n^@");
            raw.hears_receipt("subscribe");
            raw.says("BEGIN\ntransaction:1\nreceipt:begin\n\n^@");
            raw.hears_receipt("begin");
            raw.says("COMMIT\ntransaction:1\nreceipt:commit\n\n^@");
            raw.hears_receipt("commit");
            raw.says("BEGIN\ntransaction:2\n\n^@ABORT\ntransaction:2\nreceipt:abort\n\n^@");
            raw.hears_receipt("abort");
            raw.says("SEND\ndestination:/queue/a\nreceipt:send\n\nhi^@");
            let message = raw.hears_message("hi");
            raw.hears_receipt("send");
            let ack = crate::common::header(&message, "ack").unwrap();
            raw.says(&format!("NACK\nid:{ack}\nreceipt:nack\n\n^@"));
            let message = raw.hears_message("hi");
            raw.hears_receipt("nack");
            let ack = crate::common::header(&message, "ack").unwrap();
            raw.says(&format!("ACK\nid:{ack}\nreceipt:ack\n\n^@"));
            raw.hears_receipt("ack");
            raw.says("UNSUBSCRIBE\nid:0\nreceipt:unsubscribe\n\n^@");
            raw.hears_receipt("unsubscribe");
            raw.says("DISCONNECT\nreceipt:disconnect\n\n^@");
            raw.hears_receipt("disconnect");
            raw.is_closed();
        }
    }
}

mod repeated_header_entries {
    cases! {
        /// "only the first header entry SHOULD be used as the value of header entry"
        fn the_first_one_counts(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\nid:1\ndestination:/topic/a\ndestination:/topic/b\nreceipt:1\nreceipt:2\n\n^@");
            raw.hears_receipt("1");
            raw.says("SEND\ndestination:/topic/b\n\nb^@SEND\ndestination:/topic/a\ndestination:/topic/b\n\na^@");
            let message = raw.hears_message("a");
            assert_eq!(crate::common::header(&message, "subscription"), Some("0"));
        }

        /// "Subsequent values are only used to maintain a history of state changes": they are passed on in order.
        fn the_history_is_passed_on(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@SEND\ndestination:/topic/a\nfoo:World\nfoo:Hello\n\nhi^@");
            let message = raw.hears_message("hi");
            assert!(message.contains("\nfoo:World\nfoo:Hello\n"), "{message:?}");
        }

        /// The same for the length of the body.
        fn the_first_length_counts(broker) {
            let mut raw = broker.session("1.2");
            raw.says("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n^@");
            raw.says("SEND\ndestination:/topic/a\ncontent-length:2\ncontent-length:99\n\nhi^@");
            raw.hears_message("hi");
        }
    }
}

/// "If these limits are exceeded the server SHOULD send the client an ERROR frame and then close the connection."
mod size_limits {
    cases! {
        /// "the number of frame headers allowed in a single frame"
        fn too_many_headers(broker) {
            let mut raw = broker.session("1.2");
            raw.says(&format!("SEND\ndestination:/topic/a\n{}", "a:b\n".repeat(25)));
            raw.is_refused("more than 20 headers");
        }

        /// "the maximum length of header lines"
        fn a_line_without_end(broker) {
            let mut raw = broker.session("1.2");
            raw.says(&format!("SEND\ndestination:/topic/{}", "a".repeat(5_000)));
            raw.is_refused("longer than 4096 bytes");
        }

        /// The command is a line too.
        fn a_command_without_end(broker) {
            let mut raw = broker.connect();
            raw.says(&"A".repeat(5_000));
            raw.is_refused("longer than 4096 bytes");
        }

        /// "the maximum size of a frame body": it is refused before it has come.
        fn an_absurd_content_length(broker) {
            for length in ["65537", "18446744073709551616", "99999999999999999999999999"] {
                let mut raw = broker.session("1.2");
                raw.says(&format!("SEND\ndestination:/topic/a\nreceipt:1\ncontent-length:{length}\n\n"));
                let error = raw.is_refused("longer than 65536 bytes");
                assert_eq!(crate::common::header(&error, "receipt-id"), Some("1"));
            }
        }

        /// The same for a body without length.
        fn a_body_without_end(broker) {
            let mut raw = broker.session("1.2");
            raw.says(&format!("SEND\ndestination:/topic/a\n\n{}", "a".repeat(70_000)));
            raw.is_refused("longer than 65536 bytes");
        }
    }
}
