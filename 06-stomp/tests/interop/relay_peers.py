#!/usr/bin/env python3
"""Our relay before a broker that others wrote: their clients talk through it, and the broker is stopped under load.

    python 06-stomp/tests/interop/relay_peers.py target/debug/06-stomp .ci/brokers/rabbitmq

Takes the path of the tool and of a script that starts and stops the broker. Starts two relays before it, prints a line
for each thing that holds, and ends with 1 if one does not.
"""

import os
import queue
import subprocess
import sys
import threading
import time
import uuid

import stomp
from stomp_py_peer import CONNECTIONS, Inbox, PATIENCE, expect, open_session

TOOL, BROKER = sys.argv[1:]
GUEST = ("guest", "guest")


def broker(command):
    return subprocess.run([BROKER, command], check=True, stdout=subprocess.PIPE, text=True).stdout.split()


class Relay:
    """A relay before the broker at `url`; `options` say how CONNECT is rewritten."""

    def __init__(self, url, *options, **environment):
        where = url.removeprefix("stomp://")
        self.process = subprocess.Popen(
            [TOOL, "serve", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0", "--relay", where, *options],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        lines = [self.process.stdout.readline() for _ in range(3)]
        self.urls = {transport: line.split()[-1] for transport, line in zip(("TCP", "WebSocket"), lines)}

    def stop(self):
        self.process.terminate()
        self.process.wait()


def talk(version, transport, relay):
    """A topic, a queue with acknowledgements, a transaction, heart-beats, a goodbye."""
    connection, inbox = open_session(version, transport, relay.urls, *GUEST)
    name = uuid.uuid4().hex
    connection.subscribe(f"/topic/{name}", id="t", ack="auto", receipt="subscribed")
    expect("receipt", inbox.receipts.get(timeout=PATIENCE), "subscribed")
    connection.send(f"/topic/{name}", "시세 71,300", headers={"price": "71300"})
    message = inbox.messages.get(timeout=PATIENCE)
    expect("body", message.body, "시세 71,300")
    expect("header", message.headers["price"], "71300")

    connection.subscribe(f"/queue/{name}", id="q", ack="client")
    connection.begin(transaction="tx")
    connection.send(f"/queue/{name}", "committed", transaction="tx")
    connection.commit(transaction="tx")
    message = inbox.messages.get(timeout=PATIENCE)
    expect("body", message.body, "committed")
    if version == "1.2":
        connection.ack(message.headers["ack"])
    elif version == "1.1":
        connection.ack(message.headers["message-id"], message.headers["subscription"])
    else:
        connection.ack(message.headers["message-id"])
    connection.disconnect(receipt="bye")
    expect("receipt", inbox.receipts.get(timeout=PATIENCE), "bye")


def one_topic(relays):
    """What comes in at one relay goes out at both."""
    name = f"/topic/{uuid.uuid4().hex}"
    sessions = [open_session("1.2", transport, relay.urls, *GUEST) for relay in relays for transport in ("TCP", "WebSocket")]
    for connection, inbox in sessions:
        connection.subscribe(name, id="0", receipt="subscribed")
        inbox.receipts.get(timeout=PATIENCE)
    for number, (connection, _) in enumerate(sessions):
        connection.send(name, str(number))
    for connection, inbox in sessions:
        heard = sorted(inbox.messages.get(timeout=PATIENCE).body for _ in sessions)
        expect("messages", heard, [str(number) for number in range(len(sessions))])
        connection.disconnect()


class Publisher:
    """Sends persistent messages with receipts, as fast as they come, until the connection is lost."""

    def __init__(self, transport, relay, destination, name):
        self.connection, self.inbox = open_session("1.2", transport, relay.urls, *GUEST)
        self.destination, self.name = destination, name
        self.sent = 0
        self.thread = threading.Thread(target=self.publish, daemon=True)
        self.thread.start()

    def publish(self):
        try:
            while True:
                body = f"{self.name}-{self.sent}"
                self.sent += 1
                self.connection.send(self.destination, body, headers={"persistent": "true"}, receipt=body)
                # Some may be on their way, but not ever more.
                while self.sent - self.inbox.receipts.qsize() > 50 and self.inbox.ended.empty():
                    time.sleep(0.001)
                if not self.inbox.ended.empty():
                    return
        except (stomp.exception.NotConnectedException, OSError):
            return

    def finish(self):
        """What the broker has confirmed. The client must have been told that the rest may not be done."""
        assert self.inbox.ended.get(timeout=PATIENCE)
        self.inbox.ended.put(True)
        self.thread.join()
        error = None if self.inbox.errors.empty() else self.inbox.errors.get().headers["message"]
        return list(self.inbox.receipts.queue), error


def stopped_under_load(relays, command):
    """The broker ends while messages run through both relays, and comes again."""
    destination = f"/queue/{uuid.uuid4().hex}"
    publishers = [
        Publisher(transport, relay, destination, f"{transport}{number}")
        for number, relay in enumerate(relays)
        for transport in ("TCP", "WebSocket")
    ]
    until = time.monotonic() + PATIENCE
    while any(publisher.inbox.receipts.qsize() < 200 for publisher in publishers):
        assert time.monotonic() < until, "no receipts come"
        time.sleep(0.01)
    broker(command)
    results = [publisher.finish() for publisher in publishers]
    receipted = {body for bodies, _ in results for body in bodies}
    sent = sum(publisher.sent for publisher in publishers)

    # Meanwhile nobody answers, and whoever calls is told so.
    inbox = Inbox()
    host, _, port = relays[0].urls["TCP"].removeprefix("stomp://").rpartition(":")
    connection = stomp.Connection12([(host, int(port))], reconnect_attempts_max=1)
    connection.set_listener("inbox", inbox)
    try:
        connection.connect(*GUEST, wait=False)
    except stomp.exception.StompException:
        pass
    expect("message", inbox.errors.get(timeout=PATIENCE).headers["message"], "broker not available")

    broker("start")
    connection, inbox = open_session("1.2", "WebSocket", relays[0].urls, *GUEST)
    connection.subscribe(destination, id="0", ack="client-individual")
    kept = set()
    try:
        while True:
            message = inbox.messages.get(timeout=PATIENCE if receipted - kept else 1)
            kept.add(message.body)
            connection.ack(message.headers["ack"])
    except queue.Empty:
        pass
    connection.disconnect()
    lost = receipted - kept
    assert not lost, f"{len(lost)} messages had a receipt and are lost, as {sorted(lost)[:3]}"
    errors = sorted({str(error) for _, error in results})
    print(
        f"ok      {command} under load: {sent} sent, {len(receipted)} receipted, {len(kept)} kept, none of the receipted lost;"
        f" clients heard {', '.join(errors)}"
    )


def main():
    broker("clean")
    url = broker("start")[0]
    relays = [
        Relay(url, "--relay-host", "/"),
        Relay(url, "--relay-host", "/", "--relay-login", "relay", STOMP_RELAY_PASSCODE="secret"),
    ]
    try:
        own = {**os.environ, "BROKER_URLS": " ".join(relays[0].urls.values()), "RUST_BACKTRACE": "0"}
        subprocess.run(["cargo", "test", "--quiet", "-p", "stomp", "--test", "other_brokers"], check=True, env=own)
        print("ok      our client talks through the relay")
        for number, relay in enumerate(relays):
            for version, transport in CONNECTIONS:
                talk(version, transport, relay)
                print(f"ok      stomp.py {version} over {transport} talks through relay {number}")
            peer = [os.path.join(os.path.dirname(__file__), "stompjs_peer.mjs"), relay.urls["WebSocket"]]
            subprocess.run(["node", *peer], check=True, stdout=subprocess.DEVNULL)
            print(f"ok      stompjs talks through relay {number}")
        one_topic(relays)
        print("ok      two relays before one broker carry one topic")
        for command in ("stop", "kill"):
            stopped_under_load(relays, command)
    finally:
        for relay in relays:
            relay.stop()
        broker("clean")


if __name__ == "__main__":
    main()
