#!/usr/bin/env python3
"""Our server and our client against a peer that others wrote: Python's `websockets`.

    pip install websockets
    source .ci/test-certificate
    python 05-websocket/tests/interop/websockets_peer.py target/debug/05-websocket

Takes the path of the tool, and a test certificate from the environment, prints a line for each thing that holds, and ends with 1 if one does not.
"""

import asyncio
import contextlib
import os
import re
import ssl
import sys

import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory as Offer

PATIENCE = 20
TOOL = sys.argv[1]


@contextlib.asynccontextmanager
async def our_server(*options):
    """Our echo server on a port of its own; gives its URL."""
    process = await asyncio.create_subprocess_exec(
        TOOL, "serve", "127.0.0.1:0", *options, stdout=asyncio.subprocess.PIPE
    )
    try:
        first_line = (await process.stdout.readline()).decode()
        yield re.search(r"wss?://\S+", first_line).group()
    finally:
        process.kill()
        await process.wait()


async def our_client(url, lines, *options):
    """Runs our client, reads an answer to each of `lines`, and ends its input; gives exit code, output and
    messages to people."""
    process = await asyncio.create_subprocess_exec(
        TOOL,
        "connect",
        url,
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1_000_000,
    )
    answers = []
    for line in lines:
        process.stdin.write(f"{line}\n".encode())
        answers.append(await process.stdout.readline())
    rest, err = await process.communicate(b"")
    return process.returncode, (b"".join(answers) + rest).decode(), err.decode()


async def text_and_binary():
    async with our_server() as url, connect(url, compression=None, max_size=None) as peer:
        for message in ["", "hello", "한글 ✓ 🧦", "x" * 125, "x" * 126, "x" * 65536, b"", bytes(range(256)), b"\0" * 1_000_000]:
            await peer.send(message)
            assert await peer.recv() == message


async def compression_is_declined():
    async with our_server() as url, connect(url) as peer:
        await peer.send("compress me" * 1000)
        assert await peer.recv() == "compress me" * 1000
        assert not peer.protocol.extensions


MESSAGES = ["", "hello", "한글 ✓ 🧦", "x" * 65536, b"", bytes(range(256)), b"price " * 200_000]


async def tls():
    trusting = ssl.create_default_context(cafile=os.environ["TEST_CA"])
    files = ["--cert", os.environ["TEST_CERT"], "--key", os.environ["TEST_KEY"]]
    for options in [[], ["--threads"], ["--compress"]]:
        async with our_server(*files, *options) as url:
            for host in ["127.0.0.1", "localhost"]:
                async with connect(url.replace("127.0.0.1", host), ssl=trusting, max_size=None) as peer:
                    for message in MESSAGES:
                        await peer.send(message)
                        assert await peer.recv() == message


async def our_client_over_tls_and_compressed():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.environ["TEST_CERT"], os.environ["TEST_KEY"])
    agreed = []

    async def echo(peer):
        agreed.extend(extension.name for extension in peer.protocol.extensions)
        async for message in peer:
            await peer.send(message)

    async with serve(echo, "127.0.0.1", 0, ssl=context) as server:
        url = url_of(server).replace("ws://", "wss://")
        lines = ["hello", "한글 ✓", "x" * 70000]
        code, out, err = await our_client(url, lines, "--ca", os.environ["TEST_CA"], "--compress")
        assert (code, out.splitlines()) == (0, lines), (code, out[:100], err)
        assert agreed == ["permessage-deflate"], agreed
        code, out, err = await our_client(url, [])
        assert code == 1 and "nobody trusted here has signed" in err, (code, err)


async def compression():
    async with our_server("--compress") as url:
        for factory in [
            Offer(),
            Offer(server_no_context_takeover=True, client_no_context_takeover=True),
            Offer(server_max_window_bits=9, client_max_window_bits=9),
        ]:
            async with connect(url, extensions=[factory], compression=None, max_size=None) as peer:
                assert peer.protocol.extensions, "it is agreed on"
                for message in ["", "short", "over and " * 1000, "한글 ✓ " * 20000, b"\0" * 1_000_000]:
                    await peer.send(message)
                    assert await peer.recv() == message
                await peer.send(["One ", "message"])
                assert await peer.recv() == "One message"


async def what_all_hear_is_packed_for_all():
    offers = [
        [],
        [Offer()],
        [Offer(server_no_context_takeover=True)],
        [Offer(server_max_window_bits=9)],
    ]
    async with our_server("--compress", "--chat") as url, contextlib.AsyncExitStack() as stack:
        peers = [await stack.enter_async_context(connect(url, extensions=offer, compression=None)) for offer in offers]
        for speaker in peers:
            for message in ["short", "over and " * 1000, "한글 ✓ " * 1000, bytes(range(256)) * 10]:
                await speaker.send(message)
                for peer in peers:
                    assert await peer.recv() == message


async def fragments():
    async with our_server() as url, connect(url, compression=None) as peer:
        await peer.send(["One ", "message, ", "four ", "frames 한글"])
        assert await peer.recv() == "One message, four frames 한글"


async def pings():
    async with our_server() as url, connect(url, compression=None) as peer:
        pong = await peer.ping(b"are you there?")
        await pong
        assert await (await peer.ping()) >= 0


async def closing_with_code_and_reason():
    async with our_server() as url:
        peer = await connect(url, compression=None)
        await peer.close(4001, "enough")
        assert (peer.close_code, peer.close_reason) == (4001, "")  # the answer repeats the code


async def subprotocols():
    async with our_server("--subprotocol", "v2.chat", "--subprotocol", "v1.chat") as url:
        async with connect(url, subprotocols=["v1.chat", "v2.chat"]) as peer:
            assert peer.subprotocol == "v2.chat", peer.subprotocol
        async with connect(url) as peer:
            assert peer.subprotocol is None


async def refusals():
    async with our_server("--path", "/chat", "--origin", "https://chat.example") as url:
        for target, origin, status in [
            (url, "https://chat.example", None),
            (url, None, None),
            (url, "https://evil.example", 403),
            (url.replace("/chat", "/nowhere"), None, 404),
        ]:
            try:
                async with connect(target, origin=origin):
                    answer = None
            except InvalidStatus as refused:
                answer = refused.response.status_code
            assert answer == status, (target, origin, answer)


async def many_at_once():
    async def talk(url, number):
        async with connect(url, compression=None) as peer:
            for _ in range(10):
                await peer.send(f"I am {number}")
                assert await peer.recv() == f"I am {number}"

    async with our_server() as url:
        await asyncio.gather(*(talk(url, number) for number in range(50)))


def url_of(server):
    host, port = server.sockets[0].getsockname()[:2]
    return f"ws://{host}:{port}/room?name=me"


async def our_client_talks():
    seen = []

    async def echo(peer):
        seen.append((peer.request.path, peer.request.headers.get("Origin"), peer.subprotocol))
        await peer.ping()
        async for message in peer:
            await peer.send([message[:1], message[1:]])  # as two fragments

    async with serve(echo, "127.0.0.1", 0, subprotocols=["superchat"]) as server:
        code, out, err = await our_client(
            url_of(server),
            ["hello", "한글 ✓", "x" * 70000],
            *["--subprotocol", "chat", "--subprotocol", "superchat", "--origin", "http://example.com"],
        )
        assert (code, out) == (0, "hello\n한글 ✓\n" + "x" * 70000 + "\n"), (code, out[:100], err)
        assert seen == [("/room?name=me", "http://example.com", "superchat")], seen
        assert "closed with 1000" in err, err


async def our_client_compresses():
    async def echo(peer):
        assert peer.protocol.extensions, "it is agreed on"
        async for message in peer:
            await peer.send(message)

    async with serve(echo, "127.0.0.1", 0) as server:
        line = "over and " * 1000
        code, out, err = await our_client(url_of(server), [line, line, "한글"], "--compress")
        assert (code, out) == (0, f"{line}\n{line}\n한글\n"), (code, out[:100], err)


async def our_client_is_closed_on():
    async def bye(peer):
        await peer.send("bye")
        await peer.close(1001, "going home")

    async with serve(bye, "127.0.0.1", 0) as server:
        code, out, err = await our_client(url_of(server), [])
        assert (code, out) == (0, "bye\n"), (code, out, err)


async def our_client_hears_a_refusal():
    def refuse(connection, request):
        return connection.respond(404, "nothing here\n")

    async with serve(lambda peer: None, "127.0.0.1", 0, process_request=refuse) as server:
        code, out, err = await our_client(url_of(server), [])
        assert code == 1 and "404 Not Found" in err, (code, err)


async def main():
    failures = 0
    for check in [
        text_and_binary,
        compression_is_declined,
        compression,
        what_all_hear_is_packed_for_all,
        tls,
        fragments,
        pings,
        closing_with_code_and_reason,
        subprotocols,
        refusals,
        many_at_once,
        our_client_talks,
        our_client_compresses,
        our_client_over_tls_and_compressed,
        our_client_is_closed_on,
        our_client_hears_a_refusal,
    ]:
        name = check.__name__.replace("_", " ")
        try:
            await asyncio.wait_for(check(), PATIENCE)
            print(f"ok      {name}")
        except (Exception, ConnectionClosed) as problem:  # noqa: BLE001
            failures += 1
            print(f"FAILED  {name}: {type(problem).__name__}: {problem}")
    print(f"websockets {websockets.__version__}: {failures} failed")
    return failures


sys.exit(1 if asyncio.run(main()) else 0)
