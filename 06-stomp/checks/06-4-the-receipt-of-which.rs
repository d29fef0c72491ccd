//! Judges exercise 06-4: a shop, a broker that keeps to a script, and a connection that is lost at the end.

use stomp::{Command, Frame};

use super::Outbox;

/// What the broker says to an order, or of its own accord.
enum Says {
    /// The receipt of the order with this number, the first is 1.
    ReceiptOf(usize),
    /// A receipt that another part of the program has asked for.
    Receipt(&'static str),
    /// The order with this number is refused.
    ErrorOf(usize),
}

fn conversation(title: &str, orders: &[&str], script: &[Says]) -> String {
    let mut outbox = Outbox::default();
    let mut lines = format!("{title}\n");
    let mut receipts = Vec::new();
    for order in orders {
        let receipt = outbox
            .send(order)
            .header("receipt")
            .unwrap_or("(none)")
            .to_owned();
        lines += &format!("  shop:   SEND receipt:{receipt} \"{order}\"\n");
        receipts.push(receipt);
    }
    for says in script {
        let (command, receipt) = match says {
            Says::ReceiptOf(number) => (Command::Receipt, receipts[number - 1].as_str()),
            Says::Receipt(name) => (Command::Receipt, *name),
            Says::ErrorOf(number) => (Command::Error, receipts[number - 1].as_str()),
        };
        lines += &format!("  broker: {command} receipt-id:{receipt}\n");
        outbox.receive(&Frame::new(command).with("receipt-id", receipt));
    }
    let again = match outbox.unconfirmed().as_slice() {
        [] => "nothing".to_owned(),
        orders => orders.join(", "),
    };
    format!("{lines}  lost; to be sent again: {again}\n")
}

#[test]
fn crosses_out_what_the_receipt_names() {
    let orders = ["bread", "milk", "tea"];
    let conversations = [
        conversation(
            "One after the other:",
            &orders,
            &[Says::ReceiptOf(1), Says::ReceiptOf(2)],
        ),
        conversation("The second is done first:", &orders, &[Says::ReceiptOf(2)]),
        conversation(
            "Another part of the program has subscribed, and asked for a receipt:",
            &orders[..2],
            &[Says::Receipt("subscribed"), Says::ReceiptOf(1)],
        ),
        conversation(
            "The same receipt twice:",
            &orders,
            &[Says::ReceiptOf(1), Says::ReceiptOf(1)],
        ),
        conversation(
            "The last is refused:",
            &orders,
            &[Says::ReceiptOf(1), Says::ReceiptOf(2), Says::ErrorOf(3)],
        ),
    ]
    .join("\n");
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("06-4-the-receipt-of-which", conversations);
    });
}
