// Our server and our client against a peer that others wrote: Node's `ws`.
//
//     npm install --prefix target/npm ws
//     NODE_PATH=$PWD/target/npm/node_modules node 05-websocket/tests/interop/node_peer.mjs target/debug/05-websocket
//
// Prints a line for each thing that holds, and ends with 1 if one does not.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.env.NODE_PATH}/`);
const WebSocket = require("ws");
const TOOL = process.argv[2];

/** Our echo server; `told` gets its first facts. */
async function ourServer(options) {
  const server = spawn(TOOL, ["serve", "127.0.0.1:0", "--json", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const facts = {};
  const wanted = options.includes("--tls") ? 2 : 1;
  let seen = 0;
  for await (const line of createInterface({ input: server.stdout })) {
    Object.assign(facts, JSON.parse(line));
    if (++seen === wanted) break;
  }
  server.stdout.resume();
  return { url: facts.url, ca: facts.authority && readFileSync(facts.authority), caFile: facts.authority, server };
}

async function stop({ server }) {
  server.kill();
  await once(server, "exit");
}

async function talk(url, options) {
  const socket = new WebSocket(url, options);
  await once(socket, "open");
  for (const length of [0, 1, 125, 126, 65535, 65536, 1_000_000]) {
    for (const [message, binary] of [["한".repeat(length), false], [Buffer.alloc(length, 7), true]]) {
      socket.send(message, { binary });
      const [back, isBinary] = await once(socket, "message");
      assert.equal(isBinary, binary);
      assert.ok(Buffer.from(message).equals(back));
    }
  }
  // One message in four fragments, with a Ping in the middle.
  socket.send("One ", { fin: false });
  socket.ping("are you there?");
  socket.send("message", { fin: true });
  const pong = once(socket, "pong");
  const [joined] = await once(socket, "message");
  assert.equal(joined.toString(), "One message");
  assert.equal((await pong)[0].toString(), "are you there?");
  socket.close(4001, "enough");
  const [code] = await once(socket, "close");
  assert.equal(code, 4001);
  return socket.extensions;
}

/** `ws` as an echo server; gives its URL. */
async function theirServer({ tls, compress }) {
  const perMessageDeflate = compress ? { threshold: 0 } : false;
  const web = tls && createServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) });
  const server = new WebSocket.Server(web ? { server: web, perMessageDeflate } : { host: "127.0.0.1", port: 0, perMessageDeflate });
  server.on("connection", socket => socket.on("message", (message, binary) => socket.send(message, { binary })));
  if (web) await new Promise(done => web.listen(0, "127.0.0.1", done));
  else await once(server, "listening");
  const { port } = (web || server).address();
  return { url: `${tls ? "wss" : "ws"}://127.0.0.1:${port}/room`, close: () => (server.close(), web && web.close()) };
}

async function ourClient(url, lines, ...options) {
  const client = spawn(TOOL, ["connect", url, "--wait", "2", ...options], { stdio: ["pipe", "pipe", "pipe"] });
  let out = "";
  let err = "";
  client.stdout.on("data", data => (out += data));
  client.stderr.on("data", data => (err += data));
  client.stdin.end(lines.map(line => `${line}\n`).join(""));
  const [code] = await once(client, "exit");
  return { code, out, err };
}

const checks = {};
for (const compress of [false, true]) {
  for (const tls of [false, true]) {
    const how = `${tls ? "with" : "without"} TLS, ${compress ? "with" : "without"} compression`;
    for (const engine of ["--event-loop", "--threads"]) {
      checks[`ws is the client, ${engine.slice(2)}, ${how}`] = async () => {
        const ours = await ourServer([engine, ...(tls ? ["--tls"] : []), ...(compress ? ["--compress"] : [])]);
        try {
          const extensions = await talk(ours.url, { ca: ours.ca, perMessageDeflate: compress && { threshold: 0 } });
          assert.equal(extensions.includes("permessage-deflate"), compress, extensions);
        } finally {
          await stop(ours);
        }
      };
    }
    checks[`ws is the server, ${how}`] = async () => {
      const files = tls && { cert: process.env.TEST_CERT, key: process.env.TEST_KEY };
      const theirs = await theirServer({ tls: files, compress });
      const lines = ["hello", "한글 ✓", "x".repeat(70000)];
      const options = [...(tls ? ["--ca", process.env.TEST_CA] : []), ...(compress ? ["--compress"] : [])];
      const { code, out, err } = await ourClient(theirs.url, lines, ...options);
      theirs.close();
      assert.equal(code, 0, err);
      assert.equal(out, lines.map(line => `${line}\n`).join(""));
    };
  }
}

let failures = 0;
for (const [name, check] of Object.entries(checks)) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("timed out")), 30_000).unref());
  try {
    await Promise.race([check(), late]);
    console.log(`ok      ${name}`);
  } catch (problem) {
    failures += 1;
    console.log(`FAILED  ${name}: ${problem.stack}`);
  }
}
console.log(`ws ${require("ws/package.json").version}: ${failures} failed`);
process.exit(failures ? 1 : 0);
