//! Judges exercise 02-5: a small services file, and what it is asked.

use super::service;

const FILE: &str = "\
# Network services, Internet style
ftp\t21/tcp
ssh 22/tcp # SSH Remote Login Protocol
telnet\t\t23/tcp
#smtp 25/tcp mail
domain 53/tcp # Domain Name Server
domain\t53/udp
tftp  69/udp
http# 80/udp
http 80/tcp www # WorldWideWeb HTTP
https 443/tcp # http protocol over TLS/SSL
https 443/udp
http-alt 8080/tcp webcache
";

#[test]
fn a_port_and_its_protocol_lead_to_one_name() {
    let questions: [(u16, &str); 11] = [
        (21, "tcp"),
        (22, "tcp"),
        (22, "udp"),
        (23, "tcp"),
        (25, "tcp"),
        (53, "udp"),
        (80, "tcp"),
        (443, "tcp"),
        (443, "sctp"),
        (8, "tcp"),
        (8080, "tcp"),
    ];
    let rows = questions.map(|(port, protocol)| {
        let name = service(FILE, port, protocol).unwrap_or("unknown");
        format!("{:<9} {name}\n", format!("{port}/{protocol}"))
    });
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("02-5-services", rows.concat());
    });
}
