//! Judges exercise 03-6: the prediction beside what real sockets say.

use std::net::{Ipv4Addr, Shutdown};
use std::time::Duration;

use tcp_socket::{Error, Listener, TcpSocket};

use super::PREDICTION;

const AMPLE: Duration = Duration::from_secs(20);

/// The key is not written by hand either: it is what this machine does.
fn accidents() -> Result<[&'static str; 5], Error> {
    let listener = Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into())?;
    let client = TcpSocket::connect_address(listener.local_address(), AMPLE)?;
    let server = listener.accept()?;
    let nobody = Listener::bind_address((Ipv4Addr::LOCALHOST, 0).into())?.local_address();

    let refused = word(TcpSocket::connect_address(nobody, AMPLE).map(|_| 1));
    let silence = word(client.pull(&mut [0], Duration::from_millis(20)));
    server.shutdown(Shutdown::Write)?;
    let end = word(client.pull(&mut [0], AMPLE));
    client.shutdown(Shutdown::Write)?;
    let shut = word(client.send(b"one more thing", AMPLE));
    let taken = word(Listener::bind_address(listener.local_address()).map(|_| 1));
    Ok([refused, silence, end, shut, taken])
}

fn word(result: Result<usize, Error>) -> &'static str {
    match result {
        Ok(0) => "closed",
        Ok(_) => "done",
        Err(error) => error.short(),
    }
}

fn table(said: [&str; 5]) -> String {
    let accidents = PREDICTION.map(|(accident, _)| accident);
    let line = |(accident, said)| format!("{accident} -> {said}\n");
    accidents.into_iter().zip(said).map(line).collect()
}

#[test]
fn predicts_what_each_accident_says() -> Result<(), Error> {
    let truth = accidents()?;
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("03-6-predict-the-failure", table(truth));
        insta::assert_snapshot!("03-6-predict-the-failure", table(PREDICTION.map(|(_, said)| said)));
    });
    Ok(())
}
