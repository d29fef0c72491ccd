#!/usr/bin/env python3
"""Our broker against a client that others wrote: Python's `stomp.py`, in every version, over TCP and over WebSocket.

    pip install stomp.py
    python 06-stomp/tests/interop/stomp_py_peer.py target/debug/06-stomp

Takes the path of the tool, starts a broker on free ports, prints a line for each thing that holds, and ends with 1 if
one does not.
"""

import queue
import subprocess
import sys
import uuid

import stomp

PATIENCE = 10  # seconds


class Inbox(stomp.ConnectionListener):
    """Everything that the broker says, in queues."""

    def __init__(self):
        self.messages = queue.Queue()
        self.receipts = queue.Queue()
        self.errors = queue.Queue()
        self.ended = queue.Queue()

    def on_message(self, frame):
        self.messages.put(frame)

    def on_receipt(self, frame):
        self.receipts.put(frame.headers["receipt-id"])

    def on_error(self, frame):
        self.errors.put(frame)

    def on_disconnected(self):
        self.ended.put(True)


def host_and_port(url):
    host, _, port = url.split("//")[1].split("/")[0].rpartition(":")
    return host, int(port)


# stomp.py speaks 1.2 over WebSocket, and all three versions over TCP.
CONNECTIONS = {
    ("1.0", "TCP"): stomp.Connection10,
    ("1.1", "TCP"): stomp.Connection11,
    ("1.2", "TCP"): stomp.Connection12,
    ("1.2", "WebSocket"): lambda places, **options: stomp.WSStompConnection(places, ws_path="/stomp", **options),
}


def open_session(version, transport, urls, login="alice", passcode="secret"):
    kind = CONNECTIONS[version, transport]
    # stomp.py's class for 1.0 knows no heart-beats.
    options = {} if version == "1.0" else {"heartbeats": (1000, 1000)}
    connection = kind([host_and_port(urls[transport])], **options)
    inbox = Inbox()
    connection.set_listener("inbox", inbox)
    connection.connect(login, passcode, wait=True)
    return connection, inbox


def expect(what, heard, wanted):
    assert heard == wanted, f"{what}: wanted {wanted!r}, heard {heard!r}"


def talk(version, transport, urls):
    connection, inbox = open_session(version, transport, urls)
    name = uuid.uuid4().hex

    connection.subscribe(f"/topic/{name}", id="t", ack="auto", receipt="subscribed")
    expect("receipt", inbox.receipts.get(timeout=PATIENCE), "subscribed")
    connection.send(f"/topic/{name}", "시세 71,300", headers={"colon": "a:b", "path": "C:\\new"})
    message = inbox.messages.get(timeout=PATIENCE)
    expect("body", message.body, "시세 71,300")
    expect("header", message.headers["colon"], "a:b")
    if version != "1.0":
        # In 1.0, which has no escapes, stomp.py undoes them all the same.
        expect("header", message.headers["path"], "C:\\new")
    expect("subscription", message.headers["subscription"], "t")

    connection.subscribe(f"/queue/{name}", id="q", ack="client")
    connection.begin(transaction="tx")
    connection.send(f"/queue/{name}", "committed", transaction="tx")
    connection.commit(transaction="tx")
    message = inbox.messages.get(timeout=PATIENCE)
    expect("body", message.body, "committed")
    if version != "1.0":
        settle(connection.nack, version, message)
        message = inbox.messages.get(timeout=PATIENCE)
        expect("redelivered", message.headers["redelivered"], "true")
    settle(connection.ack, version, message)

    connection.disconnect(receipt="bye")
    expect("receipt", inbox.receipts.get(timeout=PATIENCE), "bye")


def settle(command, version, message):
    """ACK or NACK, with the names that each version wants."""
    if version == "1.2":
        command(message.headers["ack"])
    elif version == "1.1":
        command(message.headers["message-id"], message.headers["subscription"])
    else:
        command(message.headers["message-id"])


def is_told_its_mistake(urls):
    connection, inbox = open_session("1.2", "TCP", urls)
    connection.send("/nowhere", "hi", receipt="r")
    error = inbox.errors.get(timeout=PATIENCE)
    expect("message", error.headers["message"], "bad destination")
    expect("receipt-id", error.headers["receipt-id"], "r")
    assert inbox.ended.get(timeout=PATIENCE)


def main():
    broker = subprocess.Popen(
        [sys.argv[1], "serve", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        urls = {transport: broker.stdout.readline().split()[-1] for transport in ("TCP", "WebSocket")}
        for version, transport in CONNECTIONS:
            talk(version, transport, urls)
            print(f"stomp.py {version} over {transport}: ok")
        is_told_its_mistake(urls)
        print("stomp.py is told its mistake: ok")
    finally:
        broker.terminate()
        broker.wait()


if __name__ == "__main__":
    main()
