//! The race between a name's addresses, simulated: a world in which each address answers after its own time, and no
//! clock but the one that the simulation turns.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashSet;
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;
use tcp_socket::happy_eyeballs::{ATTEMPT_DELAY, Next, Race};

/// What an attempt on an address comes to, and after how many milliseconds..
#[derive(Debug, Clone, Copy)]
enum Fate {
    Answers(u64),
    Refuses(u64),
    Silent,
}

/// One thing that happened, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    Started(SocketAddr),
    Failed(SocketAddr),
    Connected(SocketAddr),
    Lost,
    /// Only silent addresses are left.
    Stuck,
}

fn simulate(world: &[(SocketAddr, Fate)]) -> Vec<(Duration, Event)> {
    let fate = |address| {
        world
            .iter()
            .find(|(it, _)| *it == address)
            .map_or(Fate::Silent, |(_, fate)| *fate)
    };
    let mut race = Race::new(world.iter().map(|(address, _)| *address));
    let mut now = Duration::ZERO;
    let mut ends: Vec<(Duration, Event)> = Vec::new();
    let mut log = Vec::new();
    loop {
        let until = match race.next(now) {
            Next::Start(address) => {
                log.push((now, Event::Started(address)));
                let after = |milliseconds| now + Duration::from_millis(milliseconds);
                match fate(address) {
                    Fate::Answers(time) => ends.push((after(time), Event::Connected(address))),
                    Fate::Refuses(time) => ends.push((after(time), Event::Failed(address))),
                    Fate::Silent => {}
                }
                continue;
            }
            Next::Wait { until } => until,
            Next::Lost => {
                log.push((now, Event::Lost));
                return log;
            }
        };
        ends.sort_by_key(|(time, _)| *time);
        match (ends.first().copied(), until) {
            (Some((end, event)), until) if until.is_none_or(|until| end <= until) => {
                ends.remove(0);
                now = end;
                log.push((now, event));
                match event {
                    Event::Connected(_) => return log,
                    _ => race.failed(),
                }
            }
            (_, Some(until)) => now = until,
            (_, None) => {
                log.push((now, Event::Stuck));
                return log;
            }
        }
    }
}

fn transcript(world: &[(&str, Fate)]) -> String {
    let world: Vec<_> = world
        .iter()
        .map(|(address, fate)| (address.parse().unwrap(), *fate))
        .collect();
    simulate(&world)
        .into_iter()
        .fold(String::new(), |mut text, (time, event)| {
            let _ = writeln!(text, "{:>4} ms  {event:?}", time.as_millis());
            text
        })
}

#[test]
fn the_first_address_that_answers_soon_is_the_only_one_tried() {
    let world = [
        ("[2001:db8::1]:80", Fate::Answers(30)),
        ("192.0.2.1:80", Fate::Answers(10)),
    ];
    snapbox::assert_data_eq!(
        transcript(&world),
        snapbox::str![[r#"
   0 ms  Started([2001:db8::1]:80)
  30 ms  Connected([2001:db8::1]:80)

"#]]
    );
}

#[test]
fn a_silent_family_costs_a_quarter_of_a_second() {
    let world = [
        ("[2001:db8::1]:80", Fate::Silent),
        ("[2001:db8::2]:80", Fate::Silent),
        ("192.0.2.1:80", Fate::Answers(40)),
    ];
    snapbox::assert_data_eq!(
        transcript(&world),
        snapbox::str![[r#"
   0 ms  Started([2001:db8::1]:80)
 250 ms  Started(192.0.2.1:80)
 290 ms  Connected(192.0.2.1:80)

"#]]
    );
}

#[test]
fn a_failure_starts_the_next_at_once_and_the_delay_anew() {
    let world = [
        ("[2001:db8::1]:80", Fate::Refuses(20)),
        ("192.0.2.1:80", Fate::Silent),
        ("192.0.2.2:80", Fate::Answers(1)),
    ];
    snapbox::assert_data_eq!(
        transcript(&world),
        snapbox::str![[r#"
   0 ms  Started([2001:db8::1]:80)
  20 ms  Failed([2001:db8::1]:80)
  20 ms  Started(192.0.2.1:80)
 270 ms  Started(192.0.2.2:80)
 271 ms  Connected(192.0.2.2:80)

"#]]
    );
}

#[test]
fn an_early_start_may_still_win_late() {
    let world = [
        ("[2001:db8::1]:80", Fate::Answers(300)),
        ("192.0.2.1:80", Fate::Answers(90)),
    ];
    snapbox::assert_data_eq!(
        transcript(&world),
        snapbox::str![[r#"
   0 ms  Started([2001:db8::1]:80)
 250 ms  Started(192.0.2.1:80)
 300 ms  Connected([2001:db8::1]:80)

"#]]
    );
}

#[test]
fn when_all_have_failed_the_race_is_lost() {
    let world = [
        ("192.0.2.1:80", Fate::Refuses(5)),
        ("[2001:db8::1]:80", Fate::Refuses(400)),
    ];
    snapbox::assert_data_eq!(
        transcript(&world),
        snapbox::str![[r#"
   0 ms  Started(192.0.2.1:80)
   5 ms  Failed(192.0.2.1:80)
   5 ms  Started([2001:db8::1]:80)
 405 ms  Failed([2001:db8::1]:80)
 405 ms  Lost

"#]]
    );
    assert_eq!(transcript(&[]), "   0 ms  Lost\n");
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        (0..2000_u64).prop_map(Fate::Answers),
        (0..2000_u64).prop_map(Fate::Refuses),
        Just(Fate::Silent)
    ]
}

/// Up to eight addresses, of families in any order, each different.
fn world() -> impl Strategy<Value = Vec<(SocketAddr, Fate)>> {
    prop::collection::vec((any::<bool>(), fate()), 0..8).prop_map(|fates| {
        let address = |ipv6, number: usize| {
            let text = if ipv6 {
                format!("[2001:db8::{number:x}]:80")
            } else {
                format!("192.0.2.{number}:80")
            };
            text.parse().unwrap()
        };
        fates
            .into_iter()
            .enumerate()
            .map(|(number, (ipv6, fate))| (address(ipv6, number), fate))
            .collect()
    })
}

fn starts(log: &[(Duration, Event)]) -> Vec<(usize, Duration, SocketAddr)> {
    let start = |(index, (time, event)): (usize, &(Duration, Event))| match event {
        Event::Started(address) => Some((index, *time, *address)),
        _ => None,
    };
    log.iter().enumerate().filter_map(start).collect()
}

proptest! {
    #[test]
    fn no_address_is_tried_twice(world in world()) {
        let log = simulate(&world);
        let tried: Vec<_> = starts(&log).into_iter().map(|(_, _, address)| address).collect();
        prop_assert_eq!(tried.iter().collect::<HashSet<_>>().len(), tried.len());
    }

    #[test]
    fn whoever_answers_is_reached_and_only_then_is_the_race_won(world in world()) {
        let log = simulate(&world);
        let answers = world.iter().any(|(_, fate)| matches!(fate, Fate::Answers(_)));
        let won = matches!(log.last(), Some((_, Event::Connected(_))));
        prop_assert_eq!(won, answers, "{:?}", log);
    }

    #[test]
    fn two_starts_are_a_delay_apart_unless_a_failure_lies_between(world in world()) {
        let log = simulate(&world);
        for pair in starts(&log).windows(2) {
            let [(before, early, _), (after, late, _)] = pair else { unreachable!() };
            let failed = log[*before..*after].iter().any(|(_, event)| matches!(event, Event::Failed(_)));
            prop_assert!(failed || *late - *early >= ATTEMPT_DELAY, "{:?}", log);
            prop_assert!(*late - *early <= ATTEMPT_DELAY, "{:?}", log);
        }
    }

    #[test]
    fn the_families_take_turns_while_both_last(world in world()) {
        let log = simulate(&world);
        let mut left: Vec<_> = world.iter().map(|(address, _)| *address).collect();
        for pair in starts(&log).windows(2) {
            let [(_, _, one), (_, _, other)] = pair else { unreachable!() };
            left.retain(|address| address != one);
            let could_turn = left.iter().any(|address| address.is_ipv6() != one.is_ipv6());
            prop_assert_eq!(one.is_ipv6() != other.is_ipv6(), could_turn, "{:?}", log);
        }
    }
}
