//! The dynamic update that the example `ddns` plays: held against what it tells.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/ddns/main.rs"]
#[allow(dead_code, reason = "the example's main is not called here")]
mod ddns;

#[test]
fn the_world_sees_the_old_address_until_its_time_is_over_and_only_the_right_key_may_change_it() {
    let mut told = Vec::new();
    ddns::show(&mut told).unwrap();
    snapbox::assert_data_eq!(
        String::from_utf8(told).unwrap(),
        snapbox::str![[r#"
home.test. is served on 127.0.0.1:[..]; its answers may be remembered for 2 s

the camera is at 192.0.2.10, and says so with an update (RFC 2136):
  its own key       NOERROR; signed by the server
  the world sees    192.0.2.10     the server was asked
  the world sees    192.0.2.10     remembered: nobody was asked

a thief would like to be the camera, at 203.0.113.66 (RFC 8945):
  a key of his own  NOTAUTH, BADKEY; not signed
  a guessed secret  NOTAUTH, BADSIG; not signed
  an old recording  NOTAUTH, BADTIME; signed by the server
  the server says   192.0.2.10

the camera moves to 198.51.100.20:
  its own key       NOERROR; signed by the server
  the server says   198.51.100.20
  the world sees    192.0.2.10     remembered: nobody was asked

[..] s after the first question:
  the world sees    198.51.100.20  the server was asked

"#]]
    );
}
