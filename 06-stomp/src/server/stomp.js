"use strict";
// A small client of STOMP 1.2 over WebSocket, for the pages that the broker serves.

/** The octets of a frame: a command, headers, an empty line, a body, the octet 0. */
function encode(command, headers = {}, body = "") {
  const escapes = { "\\": "\\\\", "\r": "\\r", "\n": "\\n", ":": "\\c" };
  // The frame that opens a session has no escapes: no version has been agreed on yet.
  const escape = text => command === "CONNECT" ? String(text) : String(text).replace(/[\\\r\n:]/g, letter => escapes[letter]);
  const lines = Object.entries(headers).map(([name, value]) => `${escape(name)}:${escape(value)}\n`);
  const length = body && `content-length:${new TextEncoder().encode(body).length}\n`;
  return `${command}\n${lines.join("")}${length}\n${body}\0`;
}

/** The frames in the octets of one WebSocket message. The ends of line between them are heart-beats. */
function* decode(octets) {
  const LF = 10, CR = 13, text = new TextDecoder();
  const letters = { "\\\\": "\\", "\\r": "\r", "\\n": "\n", "\\c": ":" };
  let at = 0;
  const line = () => {
    const end = octets.indexOf(LF, at);
    if (end < 0) throw new Error("a frame without an end");
    const found = octets.subarray(at, octets[end - 1] === CR ? end - 1 : end);
    at = end + 1;
    return text.decode(found);
  };
  while (true) {
    while (octets[at] === LF || octets[at] === CR) at += 1;
    if (at >= octets.length) return;
    const command = line();
    const unescape = part => command === "CONNECTED" ? part : part.replace(/\\./g, escape => letters[escape]);
    const headers = new Map();
    for (let header = line(); header !== ""; header = line()) {
      const colon = header.indexOf(":");
      const name = unescape(header.slice(0, colon));
      // The first of repeated headers counts.
      if (!headers.has(name)) headers.set(name, unescape(header.slice(colon + 1)));
    }
    const length = headers.get("content-length");
    const end = length === undefined ? octets.indexOf(0, at) : at + Number(length);
    if (octets[end] !== 0) throw new Error("a frame without an end");
    yield { command, headers, body: text.decode(octets.subarray(at, end)) };
    at = end + 1;
  }
}

/** A client of STOMP 1.2 over WebSocket, which calls again when the connection is lost. */
class Client {
  #url; #socket; #timers = []; #failures = 0; #subscriptions = new Map();
  login = {};
  onchange = () => {};
  onrefused = () => {};

  constructor(url) { this.#url = url; }

  get isOpen() { return this.#timers.length > 0; }

  connect() {
    const socket = this.#socket = new WebSocket(this.#url, ["v12.stomp"]);
    let refused = null;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(encode("CONNECT",
      { "accept-version": "1.2", host: this.#url.hostname, "heart-beat": "10000,10000", ...this.login }));
    socket.onmessage = ({ data }) => {
      this.heard = Date.now();
      const octets = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
      for (const frame of decode(octets)) {
        if (frame.command === "CONNECTED") this.#opened(frame);
        else if (frame.command === "MESSAGE") this.#subscriptions.get(frame.headers.get("subscription"))?.receive(frame);
        else if (frame.command === "ERROR") refused = frame.body || frame.headers.get("message");
      }
    };
    socket.onclose = () => {
      const wasOpen = this.isOpen;
      this.#timers.splice(0).forEach(clearInterval);
      // A broker that does not let us in will not do so a moment later.
      if (refused && !wasOpen) return this.onrefused(refused);
      // Twice as long each time, and with some chance, so that not all pages come back at once.
      const pause = Math.min(30_000, 500 * 2 ** this.#failures++) * (0.5 + Math.random() / 2);
      this.onchange(refused ?? "the connection is lost", `calling again in ${Math.ceil(pause / 1000)} s`);
      setTimeout(() => this.connect(), pause);
    };
  }

  #opened(frame) {
    this.#failures = 0;
    const [can, wants] = (frame.headers.get("heart-beat") ?? "0,0").split(",").map(Number);
    const beat = () => this.#socket.send("\n");
    const watch = () => Date.now() - this.heard > 2 * Math.max(10_000, can) && this.#socket.close();
    // Also without heart-beats something must say that the session is open.
    this.#timers = [setInterval(wants ? beat : () => {}, Math.max(10_000, wants)), setInterval(can ? watch : () => {}, 1_000)];
    for (const [id, { destination }] of this.#subscriptions) this.#subscribe(id, destination);
    this.onchange("connected", `to ${frame.headers.get("server") ?? "a broker"}, STOMP ${frame.headers.get("version")}`);
  }

  #subscribe(id, destination) { this.#socket.send(encode("SUBSCRIBE", { id, destination })); }

  subscribe(id, destination, receive) {
    if (this.#subscriptions.delete(id) && this.isOpen) this.#socket.send(encode("UNSUBSCRIBE", { id }));
    this.#subscriptions.set(id, { destination, receive });
    if (this.isOpen) this.#subscribe(id, destination);
  }

  /** Whether it could be sent. */
  send(destination, headers, body) {
    if (this.isOpen) this.#socket.send(encode("SEND", { destination, "content-type": "text/plain", ...headers }, body));
    return this.isOpen;
  }
}
