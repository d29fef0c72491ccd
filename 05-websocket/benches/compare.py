#!/usr/bin/env python3
"""Echo servers side by side: ours on both engines, those of other people, and a bare TCP echo on epoll.

    python3 05-websocket/benches/compare.py [--rounds 5] [--seconds 2] [--only CASE] [--markdown FILE]

Run it from the workspace's root, on a machine with nothing else to do; it takes eight minutes, and
`--rounds 1 --seconds 0.5` one, to see that all is there. It builds what it needs (`cargo build --release`, here and in
`benches/peers`), starts each server on the first core and the load on the second, and measures every server once a round, so
that what disturbs one disturbs all.

There are three tables, in Markdown. Each cell is the median of the rounds and, in brackets, their range.

1. Messages a second, as a share of the bare TCP echo of the same round: more is better, and 1 is TCP. The last column is
   the memory that an idle connection takes.
2. The same as they were counted.
3. The server's processor time for a message, as a share of the bare TCP echo's: less is better. It tells servers apart
   where the load is the slower end.
"""

import argparse
import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
from collections import namedtuple
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
# How long the load runs before it is measured, in seconds.
WARM_UP = 0.5

# What one server did in one round: messages a second, and seconds of its processor for one.
Measured = namedtuple("Measured", ["rate", "processor"])


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

    def processor_time(self):
        """In seconds, of all its threads, those that have ended included."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def anonymous_memory(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status).group(1)) * 1024


def measure(name, case, seconds):
    connections, size, depth, _ = CASES[case]
    with Server(SERVERS[name]) as server:
        command = [TOOL, "bench", server.url, "--json", f"--seconds={seconds}"]
        command += [f"--connections={connections}", f"--size={size}", f"--depth={depth}"]
        before = server.processor_time()
        done = subprocess.run(on_core(1, command), capture_output=True, text=True)
        processor = server.processor_time() - before
    if done.returncode:
        print(f"{name}, {case}: {done.stderr.strip()}", file=sys.stderr)
        return None
    rate = json.loads(done.stdout)["rate"]
    return Measured(rate, processor / (rate * (seconds + WARM_UP))) if rate else None


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


def cell(values, form):
    if not values:
        return "failed"
    middle = form.format(statistics.median(values))
    return f"{middle} ({form.format(min(values))}-{form.format(max(values))})"


def shares(rounds, what):
    """What each server did in each round, as a share of that round's TCP."""
    return {
        name: cell([what(own) / what(tcp) for own, tcp in zip(done, rounds["tcp"]) if own and tcp and what(tcp)], "{:.2f}")
        for name, done in rounds.items()
    }


def counted(rounds):
    return {name: cell([own.rate for own in done if own], "{:.0f}") for name, done in rounds.items()}


def table(title, columns, last=()):
    lines = [f"| {title} | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for name in SERVERS:
        if any(name in column for column in columns.values()):
            lines.append(f"| {name} | " + " | ".join(column.get(name, "") for column in columns.values()) + " |")
    return "\n".join([*lines, *last, ""])


def report(measured, idle):
    share_columns = {case: shares(rounds, lambda own: own.rate) for case, rounds in measured.items()}
    to_reach = [f">= {CASES[case][3]:.2f}" for case in measured]
    if idle:
        share_columns[MEMORY] = {name: f"{size:.0f}" for name, size in idle.items()}
        to_reach.append(f"<= {MEMORY_TO_REACH}")
    tables = [table("share of TCP", share_columns, ["| **to reach** | " + " | ".join(to_reach) + " |"])]
    if measured:
        tables.append(table("messages a second", {case: counted(rounds) for case, rounds in measured.items()}))
        processor = {case: shares(rounds, lambda own: own.processor) for case, rounds in measured.items()}
        tables.append(table("processor, share of TCP's", processor))
    return "\n".join(tables)


def allow_descriptors():
    """Idle connections need one each, here and in the server, which inherits the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * IDLE), hard))


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
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there, too")
    arguments = parser.parse_args()
    build()
    allow_descriptors()
    wanted = arguments.only or [*CASES, MEMORY]
    names = [name for name in SERVERS if name == "tcp" or name in (arguments.servers or SERVERS)]
    measured = {case: {name: [] for name in names} for case in CASES if case in wanted}
    for turn in range(arguments.rounds):
        for case, rounds in measured.items():
            print(f"round {turn + 1} of {arguments.rounds}: {case}", file=sys.stderr)
            for name in names:
                rounds[name].append(measure(name, case, arguments.seconds))
    # A thread takes what its stack takes, and bare TCP keeps nothing.
    keeps = [name for name in names if name not in ("tcp", "ours, threads", "tungstenite")]
    idle = {name: memory(name) for name in keeps} if MEMORY in wanted else {}
    tables = report(measured, idle)
    print(tables, flush=True)
    if arguments.markdown:
        arguments.markdown.write_text(tables)


main()
