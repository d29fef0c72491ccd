//! Judges exercise 01-4: a name that moves, and two resolvers: one that is asked rarely, one that is asked all the time.

use std::fmt::Write;

use super::{Answer, Memory};

/// The camera moves in second 70, and its record lives for a minute.
fn server(now: u64) -> Answer {
    let address = if now < 70 {
        [192, 0, 2, 10]
    } else {
        [198, 51, 100, 20]
    };
    Answer {
        address: address.into(),
        ttl: 60,
    }
}

#[test]
fn nobody_is_sent_to_the_old_address_for_longer_than_its_time_to_live() {
    let mut told = String::new();
    for (whose, seconds) in [
        ("asked rarely", vec![0, 59, 60, 119, 120, 200]),
        ("asked often", vec![0, 40, 80, 120, 160, 200]),
    ] {
        let mut memory = Memory::default();
        for now in seconds {
            let mut asked = "remembered";
            let address = memory.look_up(now, || {
                asked = "the server was asked";
                server(now)
            });
            writeln!(told, "{whose:<12}  second {now:>3}  {address:<13}  {asked}").unwrap();
        }
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("01-4-time-to-live", told);
    });
}
