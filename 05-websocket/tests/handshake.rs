//! The opening handshake: what is granted, what is refused and how, on both sides.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use ports::Endpoint;
use tcp_socket::ScriptedPeer;
use websocket::handshake::{Request, Response, ResponseError};
use websocket::http::{BadHead, HEAD_LIMIT, HeadError, RequestHead, ResponseHead, pull_head};
use websocket::{Refusal, accept_key};

const SECOND: Duration = Duration::from_secs(1);

/// The request on the lecture's slide.
const REQUEST: &str = "GET /chat HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\
    Sec-WebSocket-Protocol: chat, superchat\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Origin: http://example.com\r\n\r\n";

fn request(text: &str) -> Result<Request, Refusal> {
    Request::from_head(&RequestHead::parse(text.as_bytes()).unwrap())
}

/// The status of the answer to the lecture's request with one part changed.
fn status_without(part: &str, instead: &str) -> u16 {
    assert!(REQUEST.contains(part), "{part}");
    let refusal = request(&REQUEST.replace(part, instead)).unwrap_err();
    let answer = String::from_utf8(refusal.to_response()).unwrap();
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {} ", refusal.status())),
        "{answer}"
    );
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    refusal.status()
}

#[test]
fn the_lectures_request_is_read_and_answered_as_on_its_slide() {
    let request = request(REQUEST).unwrap();
    assert_eq!(request.target, "/chat");
    assert_eq!(request.host, "server.example.com");
    assert_eq!(request.origin.as_deref(), Some("http://example.com"));
    assert_eq!(request.subprotocols, ["chat", "superchat"]);
    assert_eq!(request.to_head().to_string(), REQUEST);
    let chat = request.choose_subprotocol(&["chat".to_owned()]);
    assert_eq!(
        Response::new(&request, chat).to_head().to_string(),
        "HTTP/1.1 101 Switching Protocols\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n\
         Sec-WebSocket-Protocol: chat\r\n\r\n"
    );
}

#[test]
fn the_standards_own_key_gives_the_standards_own_answer() {
    // RFC 6455, section 1.3.
    assert_eq!(
        accept_key("dGhlIHNhbXBsZSBub25jZQ=="),
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    );
}

#[test]
fn each_request_has_a_key_of_its_own() {
    let endpoint: Endpoint = "ws://chat.example/room?name=me".parse().unwrap();
    let (one, other) = (Request::new(&endpoint).unwrap(), Request::new(&endpoint).unwrap());
    assert_ne!(one.key, other.key);
    assert_eq!(
        (one.host.as_str(), one.target.as_str()),
        ("chat.example", "/room?name=me")
    );
    assert_eq!(Request::from_head(&one.to_head()), Ok(one));
}

#[test]
fn token_lists_are_lists_of_tokens_in_any_case_and_on_any_number_of_lines() {
    for (part, instead) in [
        ("Upgrade: websocket", "upgrade: h2c, WebSocket"),
        ("Connection: Upgrade", "Connection: keep-alive, upgrade"),
        (
            "Connection: Upgrade",
            "Connection: keep-alive\r\nConnection: UPGRADE",
        ),
        ("chat, superchat", "chat\r\nSec-WebSocket-Protocol: superchat"),
        ("chat, superchat", "chat,superchat ,"),
    ] {
        let request = request(&REQUEST.replace(part, instead)).unwrap();
        assert_eq!(request.subprotocols, ["chat", "superchat"], "{instead}");
    }
}

#[test]
fn a_request_that_breaks_the_rules_is_answered_400() {
    for (part, instead) in [
        ("HTTP/1.1", "HTTP/1.0"),
        ("Host: server.example.com\r\n", ""),
        ("Host: server.example.com\r\n", "Host: a\r\nHost: b\r\n"),
        ("Connection: Upgrade", "Connection: keep-alive"),
        ("Connection: Upgrade\r\n", ""),
        ("Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n", ""),
        (
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Key",
        ),
        ("x3JJHMbDL1EzLkh9GBhXDw==", "x3JJHMbDL1EzLkh9GBhX"),
        ("x3JJHMbDL1EzLkh9GBhXDw==", "not base64 at all!!"),
        ("x3JJHMbDL1EzLkh9GBhXDw==", "x3JJHMbDL1EzLkh9GBhXDw"),
        ("Sec-WebSocket-Version: 13\r\n", ""),
        ("chat, superchat", "chat, chat"),
        ("chat, superchat", "two words"),
    ] {
        assert_eq!(status_without(part, instead), 400, "{part:?} -> {instead:?}");
    }
}

#[test]
fn another_method_is_answered_405_and_told_which_to_use() {
    assert_eq!(status_without("GET", "POST"), 405);
    let refusal = request(&REQUEST.replace("GET", "POST")).unwrap_err();
    assert!(
        String::from_utf8(refusal.to_response())
            .unwrap()
            .contains("\r\nAllow: GET\r\n")
    );
}

#[test]
fn another_version_or_none_at_all_is_answered_426_and_told_which_to_use() {
    for (part, instead) in [
        ("Version: 13", "Version: 8"),
        ("Version: 13", "Version: 013"),
        ("Version: 13", "Version: 13, 8"),
        ("Upgrade: websocket", "Upgrade: h2c"),
        ("Upgrade: websocket\r\n", ""),
    ] {
        assert_eq!(status_without(part, instead), 426, "{part:?} -> {instead:?}");
        let refusal = request(&REQUEST.replace(part, instead)).unwrap_err();
        let answer = String::from_utf8(refusal.to_response()).unwrap();
        for line in [
            "Sec-WebSocket-Version: 13",
            "Upgrade: websocket",
            "Connection: Upgrade",
        ] {
            assert!(answer.contains(&format!("\r\n{line}\r\n")), "{answer}");
        }
    }
}

#[test]
fn a_head_that_dribbles_in_is_read_and_what_follows_is_kept() {
    let bytes = format!("{REQUEST}\u{1}frame");
    let mut peer = ScriptedPeer::new().gives_in_pieces(bytes.as_bytes(), 7).closes();
    let mut pending = Vec::new();
    let head = pull_head(&mut peer, &mut pending, HEAD_LIMIT, SECOND).unwrap();
    assert_eq!(head, REQUEST.as_bytes());
    assert!(b"\x01frame".starts_with(&pending), "{pending:?}");
}

#[test]
fn a_head_over_its_limit_is_answered_431() {
    let endless = format!("GET / HTTP/1.1\r\nCookie: {}", "x".repeat(HEAD_LIMIT));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(200));
    for text in [endless, many] {
        let mut peer = ScriptedPeer::new().gives(text.as_bytes()).closes();
        let error = pull_head(&mut peer, &mut Vec::new(), HEAD_LIMIT, SECOND)
            .and_then(|head| Ok(RequestHead::parse(&head)?))
            .unwrap_err();
        assert_eq!(Refusal::for_head(&error).unwrap().status(), 431, "{error}");
    }
}

#[test]
fn bytes_that_are_no_http_are_answered_400() {
    let mut peer = ScriptedPeer::new().gives(b"EHLO\xff mail\r\n\r\n").closes();
    let error = pull_head(&mut peer, &mut Vec::new(), HEAD_LIMIT, SECOND)
        .and_then(|head| Ok(RequestHead::parse(&head)?))
        .unwrap_err();
    assert!(
        matches!(error, HeadError::Bad(BadHead::NotHttp { .. })),
        "{error}"
    );
    assert_eq!(Refusal::for_head(&error).unwrap().status(), 400);
}

#[test]
fn tls_is_answered_400_as_soon_as_it_shows() {
    let mut peer = ScriptedPeer::new().gives(b"\x16\x03\x01 Client Hello");
    let error = pull_head(&mut peer, &mut Vec::new(), HEAD_LIMIT, SECOND).unwrap_err();
    assert!(matches!(error, HeadError::Tls), "{error}");
    assert_eq!(Refusal::for_head(&error), Some(Refusal::NoTls));
}

#[test]
fn a_head_that_comes_too_slowly_is_answered_408_and_one_that_breaks_off_not_at_all() {
    let mut slow = ScriptedPeer::new().gives(b"GET / HT").pauses(2 * SECOND);
    let error = pull_head(&mut slow, &mut Vec::new(), HEAD_LIMIT, SECOND).unwrap_err();
    assert_eq!(Refusal::for_head(&error).unwrap().status(), 408);
    let mut gone = ScriptedPeer::new().gives(b"GET / HT").closes();
    let error = pull_head(&mut gone, &mut Vec::new(), HEAD_LIMIT, SECOND).unwrap_err();
    assert_eq!(Refusal::for_head(&error), None);
}

/// What the client that sent the lecture's request makes of an answer with one part changed.
fn verdict(part: &str, instead: &str) -> Result<Response, ResponseError> {
    let answer = "HTTP/1.1 101 Switching Protocols\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n\
        Sec-WebSocket-Protocol: chat\r\n\r\n";
    assert!(answer.contains(part), "{part}");
    let head = ResponseHead::parse(answer.replace(part, instead).as_bytes()).unwrap();
    Response::from_head(&head, &request(REQUEST).unwrap())
}

#[test]
fn a_client_takes_a_right_answer_in_any_case() {
    assert_eq!(
        verdict("chat", "chat").unwrap().subprotocol.as_deref(),
        Some("chat")
    );
    assert_eq!(
        verdict("websocket", "WebSocket").unwrap().subprotocol.as_deref(),
        Some("chat")
    );
    assert_eq!(
        verdict("Connection: Upgrade", "Connection: keep-alive, upgrade")
            .unwrap()
            .accept
            .len(),
        28
    );
    assert_eq!(
        verdict("Sec-WebSocket-Protocol: chat\r\n", "")
            .unwrap()
            .subprotocol,
        None
    );
}

#[test]
fn extensions_that_break_the_grammar_are_answered_400() {
    let origin = "Origin: http://example.com\r\n";
    for list in ["permessage-deflate; =1", "a b", "x; y=\"1", "x; y=1 2", "; x"] {
        let line = format!("Sec-WebSocket-Extensions: {list}\r\n");
        assert_eq!(status_without(origin, &line), 400, "{list}");
    }
    let lines = "Sec-WebSocket-Extensions: a; x=1,, b\r\nSec-WebSocket-Extensions: c;y=\"2\"\r\n";
    let request = request(&REQUEST.replace(origin, lines)).unwrap();
    let names: Vec<String> = request.extensions.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["a; x=1", "b", "c; y=2"], "several lines are one list");
}

#[test]
fn a_client_takes_no_answer_that_says_two_things_or_grants_what_fits_no_offer() {
    let mut asked = request(REQUEST).unwrap();
    asked.extensions = websocket::deflate::Compression::default().offers();
    let answer = |lines: &str| {
        let text = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n{lines}\r\n"
        );
        Response::from_head(&ResponseHead::parse(text.as_bytes()).unwrap(), &asked)
    };
    let good = answer("Sec-WebSocket-Extensions: permessage-deflate\r\n").unwrap();
    assert!(good.compression.is_some());
    for lines in [
        "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16\r\n",
        "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate\r\n",
        "Sec-WebSocket-Extensions: permessage-deflate; \r\n",
        "Sec-WebSocket-Extensions: permessage-bzip2\r\n",
    ] {
        let error = answer(lines).unwrap_err();
        assert_eq!(
            error.close_code(),
            Some(websocket::CloseCode(1010)),
            "{lines}: {error}"
        );
    }
    for header in [
        "Sec-WebSocket-Protocol: chat",
        "Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=",
    ] {
        let error = answer(&format!("{header}\r\n{header}\r\n")).unwrap_err();
        assert!(matches!(error, ResponseError::Repeated { .. }), "{error}");
        assert_eq!(error.close_code(), None);
    }
}

#[test]
fn a_client_takes_no_wrong_answer() {
    let status = verdict("101 Switching Protocols", "404 Not Found").unwrap_err();
    assert_eq!(
        status,
        ResponseError::Status {
            status: 404,
            reason: "Not Found".to_owned()
        }
    );
    for (part, instead) in [
        ("Upgrade: websocket\r\n", ""),
        ("websocket", "h2c"),
        ("Connection: Upgrade\r\n", ""),
    ] {
        assert!(
            matches!(verdict(part, instead), Err(ResponseError::NoUpgrade { .. })),
            "{part:?}"
        );
    }
    for (part, instead) in [
        ("Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n", ""),
        ("5OPpG", "50PpG"),
    ] {
        assert!(
            matches!(verdict(part, instead), Err(ResponseError::WrongAccept { .. })),
            "{part:?}"
        );
    }
    let unasked = ResponseError::UnaskedSubprotocol {
        name: "mqtt".to_owned(),
    };
    assert_eq!(verdict("chat", "mqtt"), Err(unasked));
    let unasked = ResponseError::UnaskedExtension {
        extension: "permessage-deflate".to_owned(),
    };
    assert_eq!(
        verdict(
            "\r\n\r\n",
            "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
        ),
        Err(unasked)
    );
}
