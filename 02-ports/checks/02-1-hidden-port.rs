//! Judges exercise 02-1: a table of URLs and the port that each one means.

use super::port_of;

const URLS: [&str; 13] = [
    "http://www.lucidcore.co.kr:80",
    "http://www.lucidcore.co.kr",
    "https://www.lucidcore.co.kr:443",
    "https://www.lucidcore.co.kr",
    "http://www.lucidcore.co.kr:8080",
    "http://www.lucidcore.co.kr:8080/chat",
    "http://www.lucidcore.co.kr/at/12:30",
    "https://www.lucidcore.co.kr:/",
    "ws://[::1]",
    "wss://[2001:db8::1]:8443/ws",
    "ssh://10.0.0.7",
    "http://www.lucidcore.co.kr:8080@10.0.0.7/",
    "chat://www.lucidcore.co.kr",
];

#[test]
fn every_url_means_one_port() {
    let rows = URLS.map(|url| {
        let port = port_of(url).map_or("none".to_owned(), |port| port.to_string());
        format!("{url:<42} {port:>5}\n")
    });
    let table = format!("{:<42} {:>5}\n{}", "URL", "port", rows.concat());
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("02-1-hidden-port", table);
    });
}
