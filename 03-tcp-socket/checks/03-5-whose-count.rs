//! Judges exercise 03-5: three visitors, some with a cookie, and what each is told.

use std::collections::HashMap;

use tcp_socket::http::RequestHead;

use super::{Visits, answer};

/// Who comes, and with which cookie: their own, none, or one that they made up.
enum Cookie {
    Own,
    None,
    MadeUp(&'static str),
}

fn visit(visits: &mut Visits, jar: &mut HashMap<&str, String>, who: &'static str, cookie: &Cookie) -> String {
    let cookie = match cookie {
        Cookie::Own => jar.get(who).cloned(),
        Cookie::None => None,
        Cookie::MadeUp(cookie) => Some((*cookie).to_owned()),
    };
    let line = cookie
        .as_ref()
        .map_or(String::new(), |cookie| format!("Cookie: {cookie}\r\n"));
    let request = format!("GET / HTTP/1.1\r\nHost: h\r\n{line}\r\n");
    let Ok(request) = RequestHead::parse(request.as_bytes()) else {
        return "the check is broken".to_owned();
    };
    let answer = answer(visits, &request);
    let given = answer.headers.get("Set-Cookie").unwrap_or("(none)").to_owned();
    let count = answer.headers.get("Visits").unwrap_or("(none)");
    let brought = cookie.unwrap_or_else(|| "no cookie".to_owned());
    let line = format!("{who} comes with {brought:10} -> visits: {count}, cookie: {given}\n");
    jar.insert(who, given);
    line
}

#[test]
fn each_visitor_is_counted_alone() {
    let (mut visits, mut jar) = (Visits::new(), HashMap::new());
    let conversation: String = [
        ("Ann", Cookie::Own),
        ("Ben", Cookie::Own),
        ("Ann", Cookie::Own),
        ("Ann", Cookie::Own),
        ("Ben", Cookie::Own),
        ("Ann", Cookie::None),
        ("Eve", Cookie::MadeUp("visitor=9")),
        ("Eve", Cookie::Own),
    ]
    .into_iter()
    .map(|(who, cookie)| visit(&mut visits, &mut jar, who, &cookie))
    .collect();
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("03-5-whose-count", conversation);
    });
}
