//! The client's end of a connection.

use std::io;
use std::net::TcpListener;
use std::thread;

use ports::client_ports::{FourTuple, Pace, connect_from, hold_callers, open_many};
use snapbox::cmd::{Command, cargo_bin};
use snapbox::file;

fn tool(args: &[&str]) -> Command {
    Command::new(cargo_bin!("02-ports")).args(args)
}

#[test]
fn three_clients_one_port_twice_and_how_many_are_told() {
    tool(&["client-ports"])
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(file!["snapshots/client-ports.txt"]);
}

#[test]
fn the_four_numbers_are_a_line_of_json_each() {
    let line = "{\"local\":\"127.0.0.1:[..]\",\"remote\":\"127.0.0.1:[..]\"}\n";
    tool(&["client-ports", "--json"])
        .assert()
        .success()
        .stdout_eq(line.repeat(3));
}

#[test]
fn one_client_port_serves_two_servers_but_not_one_of_them_twice() {
    let (one, other) = (
        TcpListener::bind("127.0.0.1:0").unwrap(),
        TcpListener::bind("127.0.0.1:0").unwrap(),
    );
    let first = connect_from(0, one.local_addr().unwrap()).unwrap();
    let port = first.local_addr().unwrap().port();
    let second = connect_from(port, other.local_addr().unwrap()).unwrap();
    let (first, second) = (FourTuple::of(&first).unwrap(), FourTuple::of(&second).unwrap());
    assert_eq!(first.local, second.local);
    assert_ne!(first, second);
    let error = connect_from(port, one.local_addr().unwrap()).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            io::ErrorKind::AddrNotAvailable | io::ErrorKind::AddrInUse
        ),
        "{error}"
    );
}

#[test]
fn the_pace_is_reported_step_by_step_until_the_count_is_reached() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    thread::spawn(move || hold_callers(&server));
    let mut steps = Vec::new();
    let report = |pace: Pace| {
        steps.push(pace.connections);
        Ok(())
    };
    open_many(address, 25, 10, report).unwrap();
    assert_eq!(steps, [10, 20, 25]);
}

#[test]
fn connections_are_counted_and_timed_against_a_second_process_that_ends_with_the_first() {
    tool(&["client-ports", "--cliff", "600", "--json"])
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(
            "{\"connections\":500,\"microseconds_each\":[..]}\n{\"connections\":600,\"microseconds_each\":[..]}\n",
        );
}

#[test]
fn more_connections_than_descriptors_are_refused_beforehand() {
    tool(&["client-ports", "--cliff", "100000000"])
        .assert()
        .code(1)
        .stdout_eq("")
        .stderr_eq(
            "error: 100000000 connections need as many descriptors, and this system gives a process [..]\n",
        );
}
