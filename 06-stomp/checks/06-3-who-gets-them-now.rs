//! Judges exercise 06-3: five predictions, and what the step's own broker does.

use stomp::broker::{BrokerOptions, ConnectionId, Replies};
use stomp::request::{DeliveryName, SubscriptionName};
use stomp::{AckMode, Broker, Command, Destination, Frame, Order, Reply, Request};

use super::{AUTO, CLIENT, INDIVIDUAL, NO_ACK, TOPIC};

const ANN: ConnectionId = ConnectionId(1);
const BOB: ConnectionId = ConnectionId(2);
const SHOP: ConnectionId = ConnectionId(3);

/// Has the broker do something, and gives the messages that `receiver` then receives.
fn ask(broker: &mut Broker, who: ConnectionId, request: Request, receiver: ConnectionId) -> Vec<u32> {
    let mut replies = Replies::new();
    let receipt = None;
    broker.handle(who, Order { request, receipt }, &mut replies);
    broker.flush(&mut replies);
    let messages = replies.into_iter().filter_map(|(to, reply)| match reply {
        Reply::Message(delivery) if to == receiver => Some(delivery.message.body().to_vec()),
        _ => None,
    });
    messages
        .map(|body| String::from_utf8(body).unwrap().parse().unwrap())
        .collect()
}

fn subscribe(destination: &str, ack: AckMode) -> Request {
    Request::Subscribe {
        name: SubscriptionName::Id("0".into()),
        destination: Destination::to_subscribe(destination).unwrap(),
        ack,
        durable: None,
    }
}

/// What Bob receives.
fn received(destination: &str, ack: AckMode, acknowledged: Option<&str>) -> Vec<u32> {
    let mut broker = Broker::new(BrokerOptions::default());
    ask(&mut broker, ANN, subscribe(destination, ack), ANN);
    for body in ["1", "2", "3"] {
        let send = Request::Send {
            destination: Destination::to_send(destination).unwrap(),
            frame: Frame::new(Command::Send).with_body(body),
        };
        ask(&mut broker, SHOP, send, ANN);
    }
    if let Some(number) = acknowledged {
        let settle = Request::Settle {
            delivery: DeliveryName::Ack(number.to_owned()),
            accepted: true,
        };
        ask(&mut broker, ANN, settle, ANN);
    }
    broker.disconnect(ANN, &mut Replies::new());
    ask(&mut broker, BOB, subscribe(destination, AckMode::Auto), BOB)
}

fn line(title: &str, answer: &[u32], received: &[u32], prediction: &[u32]) -> String {
    // The key is what the step's own broker does.
    assert_eq!(received, answer, "{title}");
    let numbers: Vec<String> = prediction.iter().map(u32::to_string).collect();
    let numbers = match numbers.as_slice() {
        [] => "nothing".to_owned(),
        numbers => numbers.join(", "),
    };
    format!("{title} -> Bob receives {numbers}\n")
}

#[test]
fn the_broker_gives_to_bob_what_was_predicted() {
    use AckMode::{Auto, Client, ClientIndividual};
    let (queue, topic) = ("/queue/orders", "/topic/orders");
    let two = Some("2");
    let conversations = [
        line("queue, auto", &[], &received(queue, Auto, None), AUTO),
        line(
            "queue, client, ACK of 2",
            &[3],
            &received(queue, Client, two),
            CLIENT,
        ),
        line(
            "queue, client-individual, ACK of 2",
            &[1, 3],
            &received(queue, ClientIndividual, two),
            INDIVIDUAL,
        ),
        line(
            "queue, client, no ACK",
            &[1, 2, 3],
            &received(queue, Client, None),
            NO_ACK,
        ),
        line(
            "topic, client-individual, ACK of 2",
            &[],
            &received(topic, ClientIndividual, two),
            TOPIC,
        ),
    ]
    .concat();
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("06-3-who-gets-them-now", conversations);
    });
}
