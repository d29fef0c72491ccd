#!/usr/bin/env python3
"""Echo servers side by side: ours on both engines, those of other people, and a bare TCP echo on epoll.

    python3 05-websocket/benches/compare.py [--rounds 5] [--seconds 2] [--only CASE]

Run it from the workspace's root, on a machine with nothing else to do. It builds what it needs (`cargo build --release`,
here and in `benches/peers`), starts each server on the first core and the load on the second, and measures every server
once a round, so that what disturbs one disturbs all. The table gives medians and, in brackets, the range, each as a share
of the bare TCP echo of the same round.
"""

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
from pathlib import Path

TOOL = "target/release/05-websocket"
PEERS = "target/peers/release/peers"
OURS = [TOOL, "serve", "127.0.0.1:0", "--quiet"]
SERVERS = {
    "tcp": [PEERS, "serve", "tcp"],
    "ours, event loop": [*OURS, "--loops", "1"],
    "ours, threads": [*OURS, "--threads"],
    "tungstenite": [PEERS, "serve", "tungstenite"],
    "tokio-tungstenite": [PEERS, "serve", "tokio-tungstenite"],
    "fastwebsockets": [PEERS, "serve", "fastwebsockets"],
}
# Connections, bytes a message, messages on their way in each, and the share of TCP to reach.
CASES = {
    "100 x 64 B": (100, 64, 1, 0.95),
    "100 x 64 B, 16 in flight": (100, 64, 16, 0.80),
    "100 x 16 KiB": (100, 16 << 10, 1, 1.0),
    "10 x 1 MiB": (10, 1 << 20, 1, 1.0),
}
MEMORY = "bytes an idle connection"
MEMORY_TO_REACH = 256
IDLE = 10_000


def on_core(core, command):
    return ["taskset", "--cpu-list", str(core), *command]


class Server:
    """A server in a process of its own, on the first core."""

    def __init__(self, command):
        self.process = subprocess.Popen(on_core(0, command), stdout=subprocess.PIPE, text=True)
        self.url = re.search(r"(ws|tcp)://\S+", self.process.stdout.readline()).group()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def anonymous_memory(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status).group(1)) * 1024


def rate(name, case, seconds):
    connections, size, depth, _ = CASES[case]
    with Server(SERVERS[name]) as server:
        command = [TOOL, "bench", server.url, "--json", f"--seconds={seconds}"]
        command += [f"--connections={connections}", f"--size={size}", f"--depth={depth}"]
        done = subprocess.run(on_core(1, command), capture_output=True, text=True)
    if done.returncode:
        print(f"{name}, {case}: {done.stderr.strip()}", file=sys.stderr)
        return None
    return json.loads(done.stdout)["rate"]


def shake_hands(address):
    connection = socket.create_connection(address)
    connection.sendall(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    assert head.startswith(b"HTTP/1.1 101"), head
    return connection


def memory(name):
    """What an idle connection costs the server in memory of its own (the kernel's is the same for all)."""
    with Server(SERVERS[name]) as server:
        host, port = re.search(r"//([\d.]+):(\d+)", server.url).groups()
        # What the first connections bring with them, all share.
        connections = [shake_hands((host, int(port))) for _ in range(100)]
        before = server.anonymous_memory()
        connections += [shake_hands((host, int(port))) for _ in range(IDLE)]
        after = server.anonymous_memory()
        for connection in connections:
            connection.close()
    return (after - before) / IDLE


def shares(rates):
    """Of each round, the share of that round's TCP."""
    return [own / tcp for own, tcp in rates if own and tcp]


def cell(values, form):
    if not values:
        return "failed"
    middle = form.format(statistics.median(values))
    return f"{middle} ({form.format(min(values))}-{form.format(max(values))})"


def print_table(columns):
    names = [name for name in SERVERS if any(name in column for column in columns.values())]
    print("| |", " | ".join(columns), "|")
    print("| --- |", " | ".join("---" for _ in columns), "|")
    for name in names:
        print(f"| {name} |", " | ".join(column.get(name, "") for column in columns.values()), "|")
    to_reach = [f">= {CASES[title][3]:.2f}" if title in CASES else f"<= {MEMORY_TO_REACH}" for title in columns]
    print("| **to reach** |", " | ".join(to_reach), "|", flush=True)


def build():
    subprocess.run(["cargo", "build", "--release", "--quiet", "--bin", "05-websocket"], check=True)
    target = os.path.abspath("target/peers")
    command = ["cargo", "build", "--release", "--quiet", "--target-dir", target]
    subprocess.run(command, cwd="05-websocket/benches/peers", check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", choices=[*CASES, MEMORY], action="append")
    parser.add_argument("--servers", choices=SERVERS, action="append", help="these, beside tcp; default: all")
    arguments = parser.parse_args()
    build()
    wanted = arguments.only or [*CASES, MEMORY]
    names = [name for name in SERVERS if name == "tcp" or name in (arguments.servers or SERVERS)]
    columns = {}
    for case in (title for title in CASES if title in wanted):
        rates = {name: [] for name in names}
        for _ in range(arguments.rounds):
            tcp = rate("tcp", case, arguments.seconds)
            for name in names:
                own = tcp if name == "tcp" else rate(name, case, arguments.seconds)
                rates[name].append((own, tcp))
        columns[case] = {name: cell(shares(pairs), "{:.2f}") for name, pairs in rates.items()}
        columns[case]["tcp"] = cell([tcp for _, tcp in rates["tcp"] if tcp], "{:.0f}/s")
    if MEMORY in wanted:
        columns[MEMORY] = {name: f"{memory(name):.0f}" for name in names if name not in ("tcp", "ours, threads", "tungstenite")}
    print_table(columns)


main()
