// Our broker against a client that others wrote: `@stomp/stompjs`, in Node, in each version that it speaks.
//
//     npm install --prefix target/npm @stomp/stompjs@7 ws@8
//     NODE_PATH=$PWD/target/npm/node_modules node 06-stomp/tests/interop/stompjs_peer.mjs target/debug/06-stomp
//
// With a URL in place of the tool, it talks to a broker that others wrote, through our relay.
//
// Prints a line for each thing that holds, and ends with 1 if one does not.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.env.NODE_PATH}/`);
globalThis.WebSocket = require("ws");
const { Client, Versions } = require("@stomp/stompjs");
const TOOL = process.argv[2];
/** The broker of others, if it is one. What differs from ours is left out. */
const THEIRS = TOOL.startsWith("ws:") ? TOOL : undefined;
const PATIENCE = 10_000; // milliseconds

/** A broker on free ports: the URL for WebSocket. */
async function ourBroker() {
  const process_ = spawn(TOOL, ["serve", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: process_.stdout })) {
    const url = line.match(/ws:\S+/)?.[0];
    if (url) {
      process_.stdout.resume();
      return { url, stop: () => process_.kill() };
    }
  }
  throw new Error("the broker did not start");
}

function within(what, promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`${what} never came`)), PATIENCE).unref());
  return Promise.race([promise, late]);
}

/** What comes, one after the other. */
class Inbox {
  #items = [];
  #waiting = [];
  put = (item) => (this.#waiting.length ? this.#waiting.shift()(item) : this.#items.push(item));
  next(what) {
    if (this.#items.length) return Promise.resolve(this.#items.shift());
    return within(what, new Promise((resolve) => this.#waiting.push(resolve)));
  }
}

async function connect(url, version) {
  const errors = new Inbox();
  const client = new Client({
    brokerURL: url,
    stompVersions: new Versions([version]),
    connectHeaders: THEIRS ? { login: "guest", passcode: "guest" } : {},
    reconnectDelay: 0,
    // ActiveMQ says its first heart-beat later than this client has patience for.
    heartbeatIncoming: THEIRS ? 0 : 200,
    heartbeatOutgoing: 200,
    onStompError: errors.put,
    debug: process.env.TRACE ? console.error : () => {},
  });
  const connected = new Promise((resolve) => (client.onConnect = resolve));
  client.activate();
  const frame = await within("CONNECTED", connected);
  assert.equal(frame.headers.version, version);
  return { client, errors };
}

function receipt(client, id) {
  return within(`the receipt ${id}`, new Promise((resolve) => client.watchForReceipt(id, resolve)));
}

async function subscribe(client, destination, id, headers = {}) {
  const inbox = new Inbox();
  const done = receipt(client, `sub-${id}`);
  client.subscribe(destination, inbox.put, { id, receipt: `sub-${id}`, ...headers });
  await done;
  return inbox;
}

async function everything(url, version) {
  const { client, errors } = await connect(url, version);
  const topic = await subscribe(client, "/topic/news.*", "t");
  // This client escapes in 1.2 only, although 1.1 has escapes too, and undoes them in the wrong order; so no backslash here.
  const odd = version === "1.2" ? "a:b\nc" : "plain";
  client.publish({ destination: "/topic/news.now", body: "한국어 ✓", headers: { odd } });
  const message = await topic.next("the message");
  assert.equal(message.body, "한국어 ✓");
  assert.equal(message.headers.odd, odd);
  client.publish({ destination: "/topic/news.now", binaryBody: new Uint8Array([0, 255, 0]) });
  assert.deepEqual([...(await topic.next("the bytes")).binaryBody], [0, 255, 0]);
  console.log(`${version}: a topic, text and bytes`);

  const queue = await subscribe(client, `/queue/work-${version}`, "q", { ack: "client" });
  client.publish({ destination: `/queue/work-${version}`, body: "work" });
  const first = await queue.next("the work");
  if (version === "1.0" || THEIRS) {
    first.ack();
  } else {
    first.nack();
    const again = await queue.next("the work again");
    assert.equal(again.headers.redelivered, "true");
    again.ack();
  }
  console.log(`${version}: a queue, acknowledged${version === "1.0" || THEIRS ? "" : " at the second time"}`);

  const transaction = client.begin();
  client.publish({ destination: "/topic/news.tx", body: "later", headers: { transaction: transaction.id } });
  client.publish({ destination: "/topic/news.tx", body: "sooner" });
  assert.equal((await topic.next("the first")).body, "sooner");
  transaction.commit();
  assert.equal((await topic.next("the second")).body, "later");
  console.log(`${version}: a transaction`);

  if (version !== "1.0") {
    // Three times as long as both sides allow silence.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    client.publish({ destination: "/topic/news.still", body: "here" });
    assert.equal((await topic.next("the message after the pause")).body, "here");
    console.log(`${version}: heart-beats keep a silent connection`);
  }

  if (THEIRS) return client.deactivate();
  client.publish({ destination: "/nowhere/at/all", headers: { receipt: "never" } });
  const error = await errors.next("ERROR");
  assert.equal(error.headers["receipt-id"], "never");
  console.log(`${version}: an ERROR that names its frame`);
  await client.deactivate();
}

const broker = THEIRS ? { url: THEIRS, stop: () => {} } : await ourBroker();
try {
  for (const version of ["1.0", "1.1", "1.2"]) await everything(broker.url, version);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  broker.stop();
}
