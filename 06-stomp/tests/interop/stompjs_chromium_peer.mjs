// Our broker in a browser: `@stomp/stompjs` in headless Chromium, and the page that the broker serves itself.
//
//     npm install --prefix target/npm @stomp/stompjs@7 ws@8 axe-core@4
//     NODE_PATH=$PWD/target/npm/node_modules node 06-stomp/tests/interop/stompjs_chromium_peer.mjs target/debug/06-stomp
//
// The browser is driven through its debugging port. Prints a line for each thing that holds, and ends with 1 if one does not.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";

const require = createRequire(`${process.env.NODE_PATH}/`);
const WebSocket = require("ws");
const TOOL = process.argv[2];
const PATIENCE = 60_000; // milliseconds: the machine may be busy

function within(what, promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`${what} never came`)), PATIENCE).unref());
  return Promise.race([promise, late]);
}

/** The tool as a process, and the lines that it prints. */
function tool(...args) {
  const child = spawn(TOOL, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async pattern => {
    while (true) {
      const { value, done } = await within(`${args[0]} ${pattern}`, lines.next());
      assert(!done, `${args[0]} ended before ${pattern}`);
      const found = value.match(pattern);
      if (found) return found[0];
    }
  };
  return { child, line, stop: () => child.kill() };
}

/** A page of the browser: what it is told is done in it, and what it complains of is kept. */
class Page {
  complaints = [];
  #asked = new Map();
  #last = 0;

  static async open(port) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/new?about:blank`, { method: "PUT" });
    const page = new Page();
    page.socket = new WebSocket((await answer.json()).webSocketDebuggerUrl);
    await once(page.socket, "open");
    page.socket.on("message", data => page.#heard(JSON.parse(data)));
    for (const domain of ["Runtime", "Log", "Page"]) await page.ask(`${domain}.enable`);
    return page;
  }

  #heard({ id, result, error, method, params }) {
    if (id) return error ? this.#asked.get(id).reject(new Error(error.message)) : this.#asked.get(id).resolve(result);
    if (method === "Runtime.exceptionThrown") this.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type))
      this.complaints.push(params.args.map(arg => arg.value ?? arg.description).join(" "));
    if (method === "Log.entryAdded" && params.entry.level !== "info") this.complaints.push(`${params.entry.text} ${params.entry.url ?? ""}`);
  }

  ask(method, params = {}) {
    const id = ++this.#last;
    this.socket.send(JSON.stringify({ id, method, params }));
    return within(method, new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject })));
  }

  /** The value of an expression in the page. */
  async run(expression) {
    const { result, exceptionDetails } = await this.ask("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    assert(!exceptionDetails, exceptionDetails?.exception?.description ?? exceptionDetails?.text);
    return result.value;
  }

  /** Waits until an expression is true in the page. */
  until(what, expression) {
    const looking = `new Promise(done => { const look = () => (${expression}) ? done(true) : setTimeout(look, 20); look(); })`;
    return within(what, this.run(looking));
  }
}

/** What stompjs does. It is sent to the browser as text, and knows only what is in it. */
async function everything(url) {
  const { Client } = StompJs;
  const inbox = () => {
    const items = [], waiting = [];
    return {
      put: item => (waiting.length ? waiting.shift()(item) : items.push(item)),
      next: () => (items.length ? Promise.resolve(items.shift()) : new Promise(done => waiting.push(done))),
    };
  };
  const held = [];
  const same = (what, is, should) => {
    if (JSON.stringify(is) !== JSON.stringify(should)) throw new Error(`${what}: ${JSON.stringify(is)} is not ${JSON.stringify(should)}`);
    held.push(what);
  };
  const errors = inbox();
  const client = new Client({ brokerURL: url, reconnectDelay: 0, heartbeatIncoming: 300, heartbeatOutgoing: 300, onStompError: errors.put });
  const connected = new Promise(done => (client.onConnect = done));
  client.activate();
  same("the highest version", (await connected).headers.version, "1.2");
  const subscribe = async (destination, id, headers = {}) => {
    const messages = inbox();
    const done = new Promise(resolve => client.watchForReceipt(id, resolve));
    client.subscribe(destination, messages.put, { id, receipt: id, ...headers });
    await done;
    return messages;
  };
  const topic = await subscribe("/topic/browser.*", "t");
  same("a receipt for a subscription", true, true);
  client.publish({ destination: "/topic/browser.a", body: "한국어 ✓", headers: { odd: "a:b\nc" } });
  const message = await topic.next();
  same("text, with a header that is escaped", [message.body, message.headers.odd], ["한국어 ✓", "a:b\nc"]);
  client.publish({ destination: "/topic/browser.a", binaryBody: new Uint8Array([0, 255, 0]) });
  same("a binary body with the octet 0", [...(await topic.next()).binaryBody], [0, 255, 0]);
  const sent = new Promise(resolve => client.watchForReceipt("sent", resolve));
  client.publish({ destination: "/queue/browser", body: "work", headers: { receipt: "sent" } });
  same("a receipt for a message", (await sent).headers["receipt-id"], "sent");
  const queue = await subscribe("/queue/browser", "q", { ack: "client-individual" });
  (await queue.next()).nack();
  const again = await queue.next();
  same("a message refused, and given again", again.headers.redelivered, "true");
  const acknowledged = new Promise(resolve => client.watchForReceipt("acknowledged", resolve));
  again.ack({ receipt: "acknowledged" });
  await acknowledged;
  same("a message acknowledged", true, true);
  const transaction = client.begin();
  client.publish({ destination: "/topic/browser.a", body: "later", headers: { transaction: transaction.id } });
  client.publish({ destination: "/topic/browser.a", body: "sooner" });
  transaction.commit();
  same("a transaction", [(await topic.next()).body, (await topic.next()).body], ["sooner", "later"]);
  // Longer than either side puts up with silence.
  await new Promise(done => setTimeout(done, 2_000));
  client.publish({ destination: "/topic/browser.a", body: "still here" });
  same("heart-beats keep a silent connection", (await topic.next()).body, "still here");
  client.publish({ destination: "/nowhere/at/all", headers: { receipt: "never" } });
  same("an ERROR that names its frame", (await errors.next()).headers["receipt-id"], "never");
  await client.deactivate();
  return held;
}

async function stompjs(page, url) {
  await page.run(readFileSync(require.resolve("@stomp/stompjs"), "utf8"));
  for (const what of await page.run(`(${everything})(${JSON.stringify(url)})`)) console.log(`ok      stompjs in Chromium: ${what}`);
}

async function ourPage(page, url, urls) {
  await page.ask("Page.navigate", { url: `${url}#test` });
  await page.until("the connection", `document.querySelector("#status")?.textContent.startsWith("connected")`);
  assert.equal(await page.run(`document.querySelector("#login").checkVisibility()`), false);
  await page.until("the hint", `document.querySelector("#silence").checkVisibility()`);
  const feed = tool("quotes", "--publish", "--url", urls.tcp, "--seed", "7", "--every", "0.02");
  await page.until("prices", `document.querySelectorAll("#prices tr").length === 6`);
  assert.equal(await page.run(`document.querySelector("#silence").checkVisibility()`), false);
  const before = await page.run(`document.querySelector("#prices").textContent`);
  await page.until("a price that moves", `document.querySelector("#prices").textContent !== ${JSON.stringify(before)}`);
  console.log(`ok      our page shows prices, and they move: ${await page.run(`document.querySelector("#prices tr").innerText.replace(/\\s+/g, " ")`)}`);

  const bob = tool("chat", "test", "--name", "bob", "--url", urls.tcp);
  const log = text => page.until(text, `[...document.querySelectorAll("#log p")].some(line => line.textContent === ${JSON.stringify(text)})`);
  await log("bob has come");
  await page.run(`{ const { name, text } = document.querySelector("#say").elements;
    name.value = "alice: A"; text.value = "안녕 <b>bob</b>"; document.querySelector("#say").requestSubmit(); }`);
  await bob.line(/^alice: A: 안녕 <b>bob<\/b>$/);
  await log("alice: A: 안녕 <b>bob</b>");
  bob.child.stdin.write("hello, browser\n");
  await log("bob: hello, browser");
  bob.child.stdin.end();
  await log("bob has gone");
  console.log("ok      our page and a terminal talk in a room");

  await looksGood(page, "our page");
  feed.stop();
}

/** Nothing is wrong with a page in either scheme of colours, and it complains of nothing. */
async function looksGood(page, what) {
  await page.run(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
  for (const scheme of ["light", "dark"]) {
    await page.ask("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
    const found = await page.run(`document.querySelector("#login").hidden = false, axe.run(document).then(({ violations, passes }) =>
      ({ passes: passes.length, violations: violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(node => node.html) })) }))`);
    assert.deepEqual(found.violations, []);
    console.log(`ok      axe finds nothing on ${what} in ${scheme} colours: ${found.passes} rules passed`);
  }
  assert.deepEqual(page.complaints, []);
  console.log(`ok      ${what} complains of nothing on the console`);
}

/** The page that shows how the broker is. */
async function statusPage(page, url, urls) {
  const feed = tool("quotes", "--publish", "--url", urls.tcp, "--seed", "7", "--every", "0.02");
  const reader = tool("subscribe", "/topic/price.*", "--url", urls.tcp);
  await page.ask("Page.navigate", { url: new URL("/status", url).href });
  const number = name => `Number([...document.querySelectorAll("dl div")].find(div => div.querySelector("dt").textContent === ${JSON.stringify(name)})
    ?.querySelector("dd").textContent.replaceAll(",", ""))`;
  await page.until("connections", `${number("Connections")} >= 3`);
  await page.until("messages a second", `${number("Received a second")} > 1 && ${number("Delivered a second")} > 1`);
  const row = name => `[...document.querySelectorAll("#destinations tr")].find(row => row.cells[0].textContent === ${JSON.stringify(name)})`;
  await page.until("destinations", `${row("/topic/price.*")}?.cells[1].textContent === "1" && ${row("/topic/$SYS/status")}`);
  const price = `[...document.querySelectorAll("#destinations tr")].find(row => /^.topic.price.[a-z]/.test(row.cells[0].textContent))`;
  await page.until("rates of a destination", `[3, 4].every(place => Number(${price}?.cells[place].textContent) >= 1)`);
  console.log("ok      the status page shows connections, destinations and the rates of each, live");
  await looksGood(page, "the status page");
  reader.stop();
  feed.stop();
}

/** The broker goes away and comes back on the same port: the page does, too. */
async function comesBack(page, port, broker) {
  broker.stop();
  await once(broker.child, "exit");
  await page.until("the loss", `document.querySelector("#status").textContent.includes("lost")`);
  const next = tool("serve", "--tcp", "127.0.0.1:0", "--ws", `127.0.0.1:${port}`);
  const tcp = await next.line(/stomp:\S+/);
  await page.until("the return", `document.querySelector("#status").textContent.startsWith("connected")`);
  const feed = tool("quotes", "--publish", "--url", tcp, "--every", "0.02");
  const before = await page.run(`document.querySelector("#prices").textContent`);
  await page.until("a new price", `document.querySelector("#prices").textContent !== ${JSON.stringify(before)}`);
  console.log("ok      our page calls a lost broker again, and subscribes again");
  feed.stop();
  return next;
}

/** A broker with users lets the page in once it has logged in. */
async function logsIn(page) {
  const users = `${profile}-users`;
  const passwd = tool("passwd", users, "alice", "--read", "/topic/>", "--write", "/topic/>");
  passwd.child.stdin.end("secret\n");
  await once(passwd.child, "exit");
  const broker = tool("serve", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0", "--users", users);
  try {
    await page.ask("Page.navigate", { url: await broker.line(/http:\S+/) });
    const form = `document.querySelector("#login")`;
    const tries = async passcode => {
      await page.until("the form", `${form}?.checkVisibility()`);
      await page.run(`{ const { login, passcode } = ${form}.elements; login.value = "alice"; passcode.value = "${passcode}"; ${form}.requestSubmit(); }`);
    };
    await tries("wrong");
    await tries("secret");
    await page.until("the connection", `document.querySelector("#status").textContent.startsWith("connected")`);
    assert.equal(await page.run(`${form}.checkVisibility()`), false);
    console.log("ok      our page logs in to a broker with users");
  } finally {
    broker.stop();
    rmSync(users, { force: true });
  }
}

const profile = mkdtempSync(`${tmpdir()}/chromium-`);
const flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage --remote-debugging-port=0";
const chromium = spawn("chromium", [...flags.split(" "), `--user-data-dir=${profile}`, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
let broker = tool("serve", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0");
try {
  const urls = { tcp: await broker.line(/stomp:\S+/), webSocket: await broker.line(/ws:\S+/) };
  const pageUrl = await broker.line(/http:\S+/);
  const errors = createInterface({ input: chromium.stderr });
  const listening = new Promise(done => errors.on("line", line => line.includes("DevTools listening") && done(line.match(/:(\d+)\//)[1])));
  const port = await within("Chromium", listening);
  await stompjs(await Page.open(port), urls.webSocket);
  const page = await Page.open(port);
  await statusPage(await Page.open(port), pageUrl, urls);
  await ourPage(page, pageUrl, urls);
  broker = await comesBack(page, new URL(pageUrl).port, broker);
  await logsIn(page);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  broker.stop();
  chromium.kill();
  await once(chromium, "exit");
  // Its helpers end a little later than Chromium itself, and still write.
  rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
}
process.exit();
