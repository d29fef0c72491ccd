//! Judges exercise 03-2: the prediction beside what the peer's pulls really bring.

use std::time::Duration;

use tcp_socket::{Deadline, ScriptedPeer, Stream};

use super::PREDICTION;

/// The key is not written by hand either: it is what the scripted peer does.
fn truth() -> Vec<String> {
    let mut peer = ScriptedPeer::new().gives(b"Hello, ").gives(b"world!").closes();
    let deadline = Deadline::after(Duration::from_secs(1));
    let mut pull = || match peer.pull(&mut [0; 5], deadline) {
        Ok(0) => "closed".to_owned(),
        Ok(count) => count.to_string(),
        Err(error) => error.short().to_owned(),
    };
    PREDICTION.iter().map(|_| pull()).collect()
}

fn table(said: impl Iterator<Item = String>) -> String {
    let line = |(number, said)| format!("pull number {number} -> {said}\n");
    "The peer sends \"Hello, \" and \"world!\", and closes:\n".to_owned()
        + &(1..).zip(said).map(line).collect::<String>()
}

#[test]
fn predicts_what_each_pull_brings() {
    insta::with_settings!({ snapshot_path => "answers", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("03-2-predict-the-pulls", table(truth().into_iter()));
        insta::assert_snapshot!("03-2-predict-the-pulls", table(PREDICTION.map(str::to_owned).into_iter()));
    });
}
