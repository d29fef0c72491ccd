//! Judges exercise 05-8: seven predictions, against what the step itself would send.

use websocket::frame::{self, FrameHeader, Opcode};

use super::{
    AN_HOUR_OF_NEWS, AN_HOUR_OF_NOTHING, NO_NEWS, PRICE_FROM_A_CLIENT, PRICE_IN_A_FRAME, QUESTION,
    TABLE_IN_A_FRAME,
};

fn in_a_frame(length: usize, key: Option<[u8; 4]>) -> usize {
    let mut bytes = Vec::new();
    frame::encode(
        &FrameHeader::whole(Opcode::Text, length, key),
        &vec![b'7'; length],
        &mut bytes,
    );
    bytes.len()
}

#[test]
fn news_costs_what_was_predicted() {
    let question = "GET /price HTTP/1.1\r\nHost: chat.example\r\n\r\n".len();
    let no_news = "HTTP/1.1 204 No Content\r\n\r\n".len();
    let (price, from_a_client) = (in_a_frame(10, None), in_a_frame(10, Some([1, 2, 3, 4])));
    let table = in_a_frame(126, None);
    let mut lines = String::new();
    for (what, truth, prediction, key) in [
        ("a question", question, QUESTION, 43),
        ("no news", no_news, NO_NEWS, 27),
        (
            "an hour of nothing",
            3600 * (question + no_news),
            AN_HOUR_OF_NOTHING,
            252_000,
        ),
        ("a price in a frame", price, PRICE_IN_A_FRAME, 12),
        ("a price from a client", from_a_client, PRICE_FROM_A_CLIENT, 16),
        ("a table in a frame", table, TABLE_IN_A_FRAME, 130),
        ("an hour of news", 100 * price, AN_HOUR_OF_NEWS, 1200),
    ] {
        // The key is what the step itself sends.
        assert_eq!(truth, key, "{what}");
        lines += &format!("{what}: {prediction} bytes\n");
    }
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("05-8-what-news-costs", lines);
    });
}
