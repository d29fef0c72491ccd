// Our server against a browser: headless Chromium loads a page that talks to it over ws and wss.
//
//     node 05-websocket/tests/interop/chromium_peer.mjs target/debug/05-websocket
//
// Prints a line for each thing that holds, and ends with 1 if one does not.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { connect } from "node:tls";

const TOOL = process.argv[2];
const PATIENCE = 90_000;

/** What the page does. It is sent to the browser as text, and knows only what is in it. */
async function page(servers) {
  const results = [];
  const open = (url, ...more) =>
    new Promise((done, fail) => {
      const socket = new WebSocket(url, ...more);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => done(socket);
      socket.onerror = () => fail(new Error(`no connection to ${url}`));
    });
  const next = socket => new Promise(done => (socket.onmessage = event => done(event.data)));
  const closed = socket => new Promise(done => (socket.onclose = event => done(event)));
  const check = async (name, work) => {
    try {
      await work();
      results.push({ name, ok: true });
    } catch (problem) {
      results.push({ name, ok: false, problem: String(problem) });
    }
  };
  const same = (is, should) => {
    if (is !== should) throw new Error(`${String(is).slice(0, 80)} is not ${String(should).slice(0, 80)}`);
  };
  for (const [how, url, compressed] of servers.echoes) {
    await check(`${how}: text`, async () => {
      const socket = await open(url, ["superchat", "chat"]);
      same(socket.protocol, "chat");
      same(socket.extensions.includes("permessage-deflate"), compressed);
      for (const text of ["", "hello", "한글 ✓ 🧦", "x".repeat(126), "price ".repeat(200_000)]) {
        socket.send(text);
        same(await next(socket), text);
      }
      socket.close();
    });
    await check(`${how}: binary`, async () => {
      const socket = await open(url);
      for (const length of [0, 1, 125, 65_536, 1_000_000]) {
        const bytes = new Uint8Array(length).map((_, place) => place * 7);
        socket.send(length % 2 ? new Blob([bytes]) : bytes);
        same(new Uint8Array(await next(socket)).join(), bytes.join());
      }
      socket.close();
    });
    await check(`${how}: a close code and a reason`, async () => {
      const socket = await open(url);
      const ending = closed(socket);
      socket.close(4001, "enough");
      const { code, wasClean } = await ending;
      same(code, 4001);
      same(wasClean, true);
    });
  }
  await check("a page that is not allowed", async () => {
    const socket = new WebSocket(servers.refusing);
    same((await closed(socket)).code, 1006);
  });
  await check("a server that stops says 1001", async () => {
    const socket = await open(servers.stopping);
    const ending = closed(socket);
    await fetch("/stop");
    const { code, reason, wasClean } = await ending;
    same([code, reason, wasClean].join(), "1001,the server stops,true");
  });
  await fetch("/report", { method: "POST", body: JSON.stringify(results) });
}

async function ourServer(...options) {
  const server = spawn(TOOL, ["serve", "127.0.0.1:0", "--json", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  server.stdout.resume();
  return { url: JSON.parse(line).url, stop: () => server.kill() };
}

/** The hash of a server's public key: Chromium can be told to trust just this one. */
async function keyHash(url) {
  const { port } = new URL(url);
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const key = socket.getPeerX509Certificate().publicKey.export({ type: "spki", format: "der" });
  socket.destroy();
  return createHash("sha256").update(key).digest("base64");
}

const plain = await ourServer("--subprotocol", "chat");
const compressing = await ourServer("--subprotocol", "chat", "--compress");
const secure = await ourServer("--subprotocol", "chat", "--compress", "--tls");
const threads = await ourServer("--subprotocol", "chat", "--threads");
const refusing = await ourServer("--origin", "https://other.example");
const stopping = await ourServer();
const servers = {
  echoes: [
    ["ws", plain.url, false],
    ["ws, compressed", compressing.url, true],
    ["wss, compressed", secure.url, true],
    ["ws, a thread a connection", threads.url, false],
  ],
  refusing: refusing.url,
  stopping: stopping.url,
};

let report;
const reported = new Promise(done => (report = done));
const web = createServer(async (request, response) => {
  if (request.url === "/stop") stopping.stop();
  if (request.url === "/report") {
    let body = "";
    for await (const chunk of request) body += chunk;
    report(JSON.parse(body));
  }
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(request.url === "/" ? `<!DOCTYPE html><script>(${page})(${JSON.stringify(servers)})</script>` : "");
});
web.listen(0, "127.0.0.1");
await once(web, "listening");

const profile = mkdtempSync(`${tmpdir()}/chromium-`);
const chromium = spawn(
  "chromium",
  [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    `--user-data-dir=${profile}`,
    `--ignore-certificate-errors-spki-list=${await keyHash(secure.url)}`,
    "--remote-debugging-port=0",
    `http://127.0.0.1:${web.address().port}/`,
  ],
  { stdio: "ignore" },
);
const late = new Promise(done => setTimeout(() => done([{ name: "the page reports", ok: false, problem: "timed out" }]), PATIENCE));
const results = await Promise.race([reported, late]);
chromium.kill();
await once(chromium, "exit");
// Its helpers end a little later than Chromium itself, and still write.
rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
for (const server of [plain, compressing, secure, threads, refusing]) server.stop();
for (const { name, ok, problem } of results) console.log(ok ? `ok      ${name}` : `FAILED  ${name}: ${problem}`);
const failures = results.filter(result => !result.ok).length;
console.log(`Chromium: ${failures} failed`);
process.exit(failures ? 1 : 0);
