// How long a person waits for the preview of an edit, in Chromium: node tests/browser/preview-bench.mjs <slice.json>.
// `cargo xtask bench preview` builds what it needs. Prints one JSON object a line.

import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const { chromium } = createRequire(path.join(ROOT, "tools/package.json"))("playwright-core");
const DIST = path.join(ROOT, process.env.ASSETS ?? "dist");
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json", ".txt": "text/plain" };
const RUNS = 15;

const script = fs.readdirSync(DIST).find((name) => /^preview-.*\.js$/.test(name));
const files = { "/slice.json": process.argv[2] };
const server = http.createServer((request, response) => {
  const file = files[request.url] ?? path.join(DIST, path.basename(request.url));
  if (!fs.existsSync(file)) return response.writeHead(404).end();
  response.setHeader("content-type", TYPES[path.extname(file)] ?? "application/octet-stream");
  fs.createReadStream(file).pipe(response);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/robots.txt`);
  const measured = await page.evaluate(measure, { script: `/${script}`, runs: RUNS });
  for (const [name, value] of Object.entries(measured)) {
    console.log(JSON.stringify({ name, value: Math.round(value * 10) / 10, unit: name.endsWith("_lines") ? "lines" : "ms" }));
  }
} finally {
  await browser.close();
  server.close();
}

/** Runs in the page: as the app does, one Web Worker, the slice once, then one question an edit. */
async function measure({ script, runs }) {
  const worker = new Worker(script);
  const answer = (kind, text) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data: [told, text] }) => (told === kind ? resolve(text) : reject(new Error(text)));
      worker.postMessage([kind, text]);
    });
  const slice = await (await fetch("/slice.json")).text();
  const began = performance.now();
  const wrong = await answer("open", slice);
  if (wrong) throw new Error(wrong);
  const opened = performance.now() - began;
  const times = [];
  let lines = 0;
  for (let run = 0; run < runs; run += 1) {
    const method = run % 2 ? "ordered" : "activated";
    const count = { method, minimum: run };
    const product = { psa: "cw", code: "0", decision: { decision: "map", product: 0, rule: { count } } };
    const from = performance.now();
    const { difference } = JSON.parse(await answer("ask", JSON.stringify({ count, product })));
    times.push(performance.now() - from);
    lines = Math.max(lines, difference.lines);
  }
  times.sort((a, b) => a - b);
  return { preview_open_ms: opened, preview_in_browser_ms: times[Math.floor(runs / 2)], preview_changed_lines: lines };
}
