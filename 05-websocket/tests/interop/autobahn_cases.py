#!/usr/bin/env python3
"""The Autobahn test suite, in both roles.

    python 05-websocket/tests/interop/autobahn_cases.py AB27 target/debug [--role server|threads|client] [CASE ...]

The server is the one on the event loop; `threads` is the one with a thread for each client. Without a role, server and client play.

A case is a name or a pattern: `--core` stands for the 301 without compression, `--sample` for one of
each group of compression (12 and 13), `--all` for the 517. The 216 compression cases take the suite half an hour.

AB27 is a virtual environment of CPython 2.7.18 with the suite in it, made once with:

    python2.7 -m pip install --target venvboot virtualenv==20.15.1
    PYTHONPATH=venvboot python2.7 -m virtualenv --no-download AB27
    AB27/bin/pip install incremental==16.10.1
    AB27/bin/pip install --no-build-isolation Twisted==19.10.0
    AB27/bin/pip install -r 05-websocket/tests/interop/autobahn-python27.txt
    AB27/bin/pip install --no-deps autobahntestsuite==25.10.1

The folder is where cargo has put `05-websocket` and `examples/autobahn_client`. Ends with 1 if a case is not OK; three
cases are INFORMATIONAL for everybody.
"""

import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).parent
PYTHON = pathlib.Path(sys.argv[1]).absolute() / "bin" / "python"
BINARIES = pathlib.Path(sys.argv[2]).absolute()
COMPRESSION = ["12.*", "13.*"]
INFORMATIONAL = {"7.1.6", "7.13.1", "7.13.2"}

# Each group of compression has 18 cases: 1000 messages of 16 bytes to 128 KiB, whole and in fragments.
SAMPLE = [f"12.{group}.{case}" for group, case in zip(range(1, 6), (1, 4, 11, 12, 3))]
SAMPLE += [f"13.{group}.{case}" for group, case in zip(range(1, 8), (2, 3, 1, 4, 11, 12, 1))]
SETS = {
    "--core": (["*"], COMPRESSION, 301),
    "--sample": (SAMPLE, [], len(SAMPLE)),
    "--all": (["*"], [], 517),
}


def arguments():
    """The roles to play, the cases, those left out, and how many there have to be, if that is known."""
    words = sys.argv[3:]
    roles = ["server", "client"]
    if "--role" in words:
        at = words.index("--role")
        roles = [words[at + 1]]
        del words[at : at + 2]
    if not words:
        words = ["--core"]
    if len(words) == 1 and words[0] in SETS:
        return roles, *SETS[words[0]]
    return roles, words, [], None


ROLES, CASES, EXCLUDED, COUNT = arguments()


def wstest(mode, folder, spec):
    spec_file = pathlib.Path(folder) / "spec.json"
    spec = {"outdir": folder, "cases": CASES, "exclude-cases": EXCLUDED, "exclude-agent-cases": {}, **spec}
    spec_file.write_text(json.dumps(spec))
    command = [PYTHON, HERE / "wstest_loopback.py", "-m", mode, "-s", spec_file]
    if mode == "fuzzingserver":
        command += ["--webport", "0"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)


def our_server(folder, engine="--event-loop"):
    command = [BINARIES / "05-websocket", "serve", "127.0.0.1:0", "--compress", engine]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        url = re.search(rb"ws://\S+", server.stdout.readline()).group().decode()
        # Somebody has to read what the server prints, or it would stop when the pipe is full.
        reader = threading.Thread(target=server.stdout.read)
        reader.start()
        try:
            wstest("fuzzingclient", folder, {"servers": [{"agent": "websocket", "url": url}]}).wait()
        finally:
            server.kill()
            reader.join()


def our_client(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fuzzer = wstest("fuzzingserver", folder, {"url": f"ws://127.0.0.1:{port}"})
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        client = BINARIES / "examples" / "autobahn_client"
        subprocess.run([client, f"ws://127.0.0.1:{port}"], check=True, stdout=subprocess.DEVNULL)
    finally:
        fuzzer.kill()
        fuzzer.wait()


def judge(role, folder):
    cases = json.loads((pathlib.Path(folder) / "index.json").read_text())["websocket"]
    wrong = []
    for case, result in sorted(cases.items(), key=lambda item: [int(part) for part in item[0].split(".")]):
        expected = "INFORMATIONAL" if case in INFORMATIONAL else "OK"
        found = (result["behavior"], result["behaviorClose"])
        if found[0] != expected or found[1] not in ("OK", "INFORMATIONAL"):
            wrong.append(case)
            print(f"{role} {case}: {found[0]}, closing {found[1]}")
    missing = 0 if COUNT is None else COUNT - len(cases)
    print(f"{role}: {len(cases)} cases, {len(wrong)} not as they should be, {missing} missing")
    return len(wrong) + abs(missing) + (not cases)


PLAYS = {"server": our_server, "threads": lambda folder: our_server(folder, "--threads"), "client": our_client}
wrong = 0
for role in ROLES:
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        PLAYS[role](folder)
        wrong += judge(role, folder)
        print(f"{role}: {time.monotonic() - started:.0f} s", flush=True)
sys.exit(1 if wrong else 0)
