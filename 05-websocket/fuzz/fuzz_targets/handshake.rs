//! Whatever comes as a head is granted or refused, and what is granted can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use websocket::deflate::Compression;
use websocket::extension::Extension;
use websocket::handshake::{Request, Response};
use websocket::http::{RequestHead, ResponseHead};

/// A request that asks for much, so that many answers are good ones.
fn request() -> Request {
    Request {
        target: "/chat".to_owned(),
        host: "server.example.com".to_owned(),
        key: "x3JJHMbDL1EzLkh9GBhXDw==".to_owned(),
        origin: None,
        subprotocols: vec!["chat".to_owned(), "superchat".to_owned()],
        extensions: Compression::default().offers(),
    }
}

fuzz_target!(|bytes: &[u8]| {
    match RequestHead::parse(bytes).map(|head| Request::from_head(&head)) {
        Ok(Ok(asked)) => {
            let again = RequestHead::parse(asked.to_head().to_string().as_bytes()).expect("it is a head");
            assert_eq!(Request::from_head(&again), Ok(asked.clone()));
            let answer = Response {
                compression: Compression::default().answer(&asked.extensions),
                ..Response::new(&asked, asked.subprotocols.first().cloned())
            };
            assert_eq!(Response::from_head(&answer.to_head(), &asked), Ok(answer));
        }
        Ok(Err(refusal)) => assert!(refusal.to_response().starts_with(b"HTTP/1.1 4")),
        Err(_) => {}
    }
    if let Ok(head) = ResponseHead::parse(bytes) {
        drop(Response::from_head(&head, &request()));
    }
    // The list of extensions by itself: a mutation seldom gets through a whole head.
    if let Some(list) = std::str::from_utf8(bytes).ok().and_then(Extension::parse_list) {
        let text: Vec<String> = list.iter().map(ToString::to_string).collect();
        assert_eq!(Extension::parse_list(&text.join(", ")), Some(list.clone()));
        if let Some(agreement) = Compression::default().answer(&list) {
            let answer = agreement.to_extension();
            assert_eq!(
                websocket::deflate::Agreement::read(&answer, &list),
                Some(agreement),
                "a client takes what our server grants"
            );
        }
    }
});
