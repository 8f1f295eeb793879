// What every answer tells browsers, as MDN's HTTP Observatory grades it: the page, a file, an answer and a refusal of the API. Its
// analyzers are given captured answers, because it would only ask a public host over TLS.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { NODE_MODULES, serve, stop } from "./harness.mjs";

/** Of 100 and what is given beyond them; an A+ begins at 100. */
const GOAL = 125;
const OBSERVATORY = path.join(NODE_MODULES, "@mdn/mdn-http-observatory");
// An install script would fetch the list of preloaded hosts, and none is run here. Nothing of ours is on it.
const PRELOADED = path.join(OBSERVATORY, "conf/hsts-preload.json");
if (!fs.existsSync(PRELOADED)) fs.writeFileSync(PRELOADED, "{}");
const observatory = (file) => import(pathToFileURL(path.join(OBSERVATORY, "src", file)));
const { ALL_TESTS } = await observatory("constants.js");
const { getScoreModifier } = await observatory("grader/grader.js");
const { Requests } = await observatory("types.js");

let edge;
before(async () => {
  edge = await serve();
});
after(() => edge && stop(edge));

/** An answer as the Observatory would have got it from `seatbridge.example`. */
async function requests(address) {
  const response = await fetch(edge.ready.url + address, { headers: { accept: "text/html,*/*" } });
  const headers = Object.fromEntries(response.headers);
  // Read both as fields and by this name, as those of the Observatory's own client.
  Object.defineProperty(headers, "get", { value: (name) => headers[name.toLowerCase()] });
  const answer = { status: response.status, headers, data: await response.text(), verified: true, httpEquiv: new Map() };
  const captured = new Requests("seatbridge.example");
  const url = new URL(address, "https://seatbridge.example");
  captured.session = { url, jar: undefined };
  captured.resources.path = answer.data;
  // Nothing is answered over plain HTTP, and another origin's question before a call is refused like any unknown method.
  Object.assign(captured.responses, { auto: answer, https: answer, http: null, cors: answer });
  return captured;
}

/** The sum, and each row as `name result points`. */
function graded(captured) {
  const rows = ALL_TESTS.map((judge) => judge(captured));
  const points = rows.map(({ result }) => getScoreModifier(result));
  return {
    score: points.reduce((sum, more) => sum + more, 100),
    rows: rows.map((row, place) => `${row.constructor.name} ${row.result} ${points[place]}`),
    failed: rows.filter(({ pass }) => !pass).map((row) => row.constructor.name),
  };
}

for (const address of ["/", "/month", "/api/health", "/api/overview", "/api/nothing", "/robots.txt", "/manifest.webmanifest"]) {
  test(`${address} is graded ${GOAL} or better`, async () => {
    const { score, rows, failed } = graded(await requests(address));
    assert.deepEqual(failed, [], rows.join("\n"));
    assert.ok(score >= GOAL, `${score}\n${rows.join("\n")}`);
    console.log(`${address}: ${score}`);
  });
}

test("a header that is left out costs points", async () => {
  for (const name of ["content-security-policy", "strict-transport-security", "x-content-type-options", "cross-origin-resource-policy"]) {
    const captured = await requests("/");
    const whole = graded(captured).score;
    delete captured.responses.auto.headers[name];
    assert.ok(graded(captured).score < whole, name);
  }
});

test("no search engine is let in, and no other origin is allowed anything", async () => {
  assert.match(await (await fetch(`${edge.ready.url}/robots.txt`)).text(), /User-agent: \*\s+Disallow: \/\s*$/);
  for (const address of ["/", "/api/health"]) {
    const response = await fetch(edge.ready.url + address, { headers: { origin: "https://elsewhere.example" } });
    assert.equal(response.headers.get("x-robots-tag"), "noindex, nofollow");
    for (const name of response.headers.keys()) assert.doesNotMatch(name, /^access-control-/);
  }
});
