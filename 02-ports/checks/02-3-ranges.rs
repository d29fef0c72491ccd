//! Judges exercise 02-3: ports at the ends of the ranges, on three systems.

use std::fmt::Write;

use super::{LENT_BY_LINUX, describe};

#[test]
fn a_client_port_comes_from_the_systems_own_range() {
    let mut told = String::new();
    for (whose, lent) in [
        ("Linux", LENT_BY_LINUX),
        ("a busy proxy", "1024 65535\n"),
        ("no file", ""),
    ] {
        for port in [80, 1023, 1024, 32767, 32768, 49151, 49152, 60999, 61000, 65535] {
            writeln!(told, "{whose:<13} {port:>5}  {}", describe(port, lent)).unwrap();
        }
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("02-3-ranges", told);
    });
}
