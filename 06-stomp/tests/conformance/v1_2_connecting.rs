//! STOMP 1.2, "Connecting": how a session begins.

use crate::common::header;

mod connect_or_stomp_frame {
    use super::header;

    cases! {
        /// "If the server accepts the connection attempt it will respond with a CONNECTED frame"
        fn connect_opens_a_session(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\naccept-version:1.2\nhost:localhost\n\n^@");
            let connected = raw.hears("CONNECTED\n");
            assert_eq!(header(&connected, "version"), Some("1.2"));
        }

        /// "STOMP servers MUST handle a STOMP frame in the same manner as a CONNECT frame."
        fn stomp_opens_a_session(broker) {
            let mut raw = broker.connect();
            raw.says("STOMP\naccept-version:1.2\nhost:localhost\n\n^@");
            raw.hears("CONNECTED\nversion:1.2\n");
            raw.hears_nothing();
        }

        /// "A STOMP client initiates the stream […] by sending the CONNECT frame"
        fn nothing_counts_before(broker) {
            let mut raw = broker.connect();
            raw.says("SEND\ndestination:/queue/a\nreceipt:1\n\nhi^@");
            let error = raw.is_refused("before CONNECT");
            assert_eq!(header(&error, "receipt-id"), Some("1"));
        }

        /// The session is open: there is nothing to open.
        fn a_second_connect_is_refused(broker) {
            let mut raw = broker.session("1.2");
            raw.says("CONNECT\naccept-version:1.2\nhost:localhost\n\n^@");
            raw.is_refused("open already");
        }

        /// A server's frame is none of the client's.
        fn a_servers_frame_is_refused(broker) {
            let mut raw = broker.session("1.2");
            raw.says("MESSAGE\ndestination:/topic/a\nmessage-id:1\nsubscription:0\n\nhi^@");
            raw.is_refused("frame of the server");
        }

        /// "servers supporting virtual hosting MAY select a default virtual host"
        fn any_host_is_taken(broker) {
            for host in ["host:elsewhere.example\n", "host:\n", ""] {
                let mut raw = broker.connect();
                raw.says(&format!("CONNECT\naccept-version:1.2\n{host}\n^@"));
                raw.hears("CONNECTED\n");
            }
        }

        /// A caller who never says CONNECT does not hold a connection for ever.
        fn silence_before_connect_is_ended(broker) {
            let mut raw = broker.connect();
            raw.is_refused("no CONNECT");
        }
    }
}

mod connected_frame {
    use super::header;

    cases! {
        /// "session: A session identifier that uniquely identifies the session."
        fn the_session_is_unique(broker) {
            let mut sessions = Vec::new();
            for _ in 0..3 {
                let mut raw = broker.connect();
                raw.says("CONNECT\naccept-version:1.2\nhost:localhost\n\n^@");
                sessions.push(header(&raw.frame(), "session").unwrap().to_owned());
            }
            sessions.dedup();
            assert_eq!(sessions.len(), 3, "{sessions:?}");
        }

        /// "server = name ["/" version] *(comment)"
        fn the_server_names_itself(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\naccept-version:1.2\nhost:localhost\n\n^@");
            let connected = raw.frame();
            let (name, version) = header(&connected, "server").unwrap().split_once('/').unwrap();
            assert_eq!((name, version), ("stomp", env!("CARGO_PKG_VERSION")));
        }
    }
}

mod protocol_negotiation {
    use super::header;

    cases! {
        /// "the highest protocol version that both the client and server have in common"
        fn the_highest_common_version_is_chosen(broker) {
            for (offer, version) in [
                ("1.0,1.1,1.2", "1.2"),
                ("1.0,1.1,2.0", "1.1"),
                ("1.2,1.0", "1.2"),
                ("1.0", "1.0"),
                ("0.9,1.0,7", "1.0"),
            ] {
                let mut raw = broker.connect();
                raw.says(&format!("CONNECT\naccept-version:{offer}\nhost:localhost\n\n^@"));
                let connected = raw.hears("CONNECTED\n");
                assert_eq!(header(&connected, "version"), Some(version), "{offer}");
            }
        }

        /// "If the accept-version header is missing, it means that the client only supports version 1.0"
        fn without_a_list_it_is_1_0(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\nlogin:alice\npasscode:secret\n\n^@");
            raw.hears("CONNECTED\nversion:1.0\n");
        }

        /// "the server MUST respond with an ERROR frame similar to the following and then close the connection"
        fn no_common_version_is_an_error(broker) {
            for offer in ["2.0,2.1", "", "1.3"] {
                let mut raw = broker.connect();
                raw.says(&format!("CONNECT\naccept-version:{offer}\nhost:localhost\n\n^@"));
                let error = raw.is_refused("supported protocol versions are 1.0,1.1,1.2");
                assert_eq!(header(&error, "version"), Some("1.0,1.1,1.2"));
                assert_eq!(header(&error, "content-type"), Some("text/plain"));
            }
        }
    }
}

mod heart_beating {
    use super::header;

    cases! {
        /// "each party has to declare what it can do and what it would like the other party to do"
        fn the_broker_declares_its_own(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\naccept-version:1.2\nhost:localhost\nheart-beat:0,0\n\n^@");
            assert_eq!(header(&raw.frame(), "heart-beat"), Some("40,40"));
        }

        /// "the heart-beat header MUST contain two positive integers separated by a comma"
        fn anything_else_is_refused(broker) {
            for value in ["", "10", "10,", ",10", "10,10,10", "a,b", "-1,10", "1 0,10"] {
                let mut raw = broker.connect();
                raw.says(&format!("CONNECT\naccept-version:1.2\nhost:localhost\nheart-beat:{value}\n\n^@"));
                raw.is_refused("heart-beat");
            }
        }

        /// "if the sender has no real STOMP frame to send, it MUST send an end-of-line (EOL)"
        fn the_broker_keeps_its_promise(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\naccept-version:1.2\nhost:localhost\nheart-beat:0,40\n\n^@");
            raw.hears("CONNECTED\n");
            raw.hears_octets(b"\n\n\n");
        }

        /// "if […] the receiver did not receive any new data, it MAY consider the connection as dead"
        fn a_client_that_breaks_its_promise_is_given_up(broker) {
            let mut raw = broker.connect();
            raw.says("CONNECT\naccept-version:1.2\nhost:localhost\nheart-beat:40,0\n\n^@");
            raw.hears("CONNECTED\n");
            raw.is_refused("heart-beats were agreed on");
        }
    }
}
