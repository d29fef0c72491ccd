// Reads every page of the book in Chromium, and lets a validator and axe judge them.
"use strict";

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const puppeteer = require("puppeteer-core");
const { HtmlValidate } = require("html-validate");

const [url] = process.argv.slice(2);
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// What the pages of mdBook itself have, whatever is written in a chapter. The list is exact: what is not met any more has to
// leave it.
const KNOWN = new Map([
  [
    'element-required-attributes: <iframe> is missing required "title" attribute',
    "the contents for browsers without scripts, inside of <noscript>",
  ],
  [
    'attribute-misuse: "rel" attribute cannot be used on <a> in this context: <a> does not allow rel="prefetch"',
    "the arrow to the next page asks the browser to load it ahead",
  ],
]);

const SCREENS = [
  { name: "phone", width: 390, height: 844, isMobile: true, hasTouch: true },
  { name: "desk", width: 1280, height: 900 },
];

function pages() {
  const summary = fs.readFileSync("book/chapters/SUMMARY.md", "utf8");
  const names = [...summary.matchAll(/\(([^)]+)\.md\)/g)].map((found) => `${found[1]}.html`);
  const certificates = ["certificate", "certificate-ko"].map((name) => path.resolve(`book/tests/snapshots/${name}.html`));
  return [
    ...["index.html", ...names].map((name) => ({ name, address: new URL(name, url).href })),
    ...certificates.map((file) => ({ name: path.basename(file), address: `file://${file}` })),
  ];
}

async function read(address) {
  if (address.startsWith("file://")) {
    return fs.readFileSync(new URL(address), "utf8");
  }
  const response = await fetch(address);
  if (!response.ok) {
    throw new Error(`${address}: ${response.status}`);
  }
  return response.text();
}

async function validate(faults) {
  const validator = new HtmlValidate({ extends: ["html-validate:standard"] });
  const met = new Set();
  for (const { name, address } of pages()) {
    const report = await validator.validateString(await read(address), name);
    for (const message of report.results.flatMap((result) => result.messages)) {
      const what = `${message.ruleId}: ${message.message}`;
      if (KNOWN.has(what)) {
        met.add(what);
      } else {
        faults.push(`${name}:${message.line}: ${what}`);
        console.error(faults.at(-1));
      }
    }
  }
  for (const what of KNOWN.keys()) {
    if (!met.has(what)) {
      faults.push(`known, and not met any more: ${what}`);
    }
  }
  console.log(`${pages().length} pages validated; known of mdBook: ${KNOWN.size}`);
}

async function look(browser, page, screen, scheme, faults) {
  const where = `${page.name}, ${screen.name}, ${scheme}`;
  const tab = await browser.newPage();
  tab.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warn") {
      faults.push(`${where}: console: ${message.text()}`);
    }
  });
  tab.on("pageerror", (error) => faults.push(`${where}: script: ${error.message}`));
  tab.on("requestfailed", (request) => faults.push(`${where}: not loaded: ${request.url()}`));
  // A page that loads itself again, because the server of the book says so, cannot be judged.
  await tab.evaluateOnNewDocument(() => {
    window.WebSocket = class {};
  });
  await tab.setViewport(screen);
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await tab.goto(page.address, { waitUntil: "load" });
  // Pictures below the fold, too, and every fold open: what is closed is judged as if it were not there.
  await tab.evaluate(() => document.querySelectorAll("details").forEach((fold) => { fold.open = true; }));
  await tab.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
  const tooWide = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (tooWide > 0) {
    faults.push(`${where}: ${tooWide} pixels wider than the screen`);
  }
  await tab.evaluate(axe);
  const { violations } = await tab.evaluate(() => window.axe.run());
  for (const { id, help, nodes } of violations) {
    faults.push(`${where}: axe ${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join("  ")}`);
  }
  await tab.close();
}

async function main() {
  const faults = [];
  await validate(faults);
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "pages-"));
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    userDataDir: profile,
    // A browser that does not answer is a fault, and no reason to wait.
    protocolTimeout: 30_000,
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
  try {
    let looks = 0;
    for (const scheme of ["light", "dark"]) {
      for (const screen of SCREENS) {
        for (const page of pages()) {
          const before = faults.length;
          await look(browser, page, screen, scheme, faults);
          looks += 1;
          faults.slice(before).forEach((fault) => console.error(fault));
        }
        console.log(`${screen.name}, ${scheme}: ${pages().length} pages`);
      }
    }
    console.log(`${looks} looks in Chromium`);
  } finally {
    await browser.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
  if (faults.length > 0) {
    console.error(`${faults.length} faults`);
    process.exit(1);
  }
  console.log("no fault");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
