// A module that trapped is begun anew before the next call, and objects that lived in it are made again.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

/** Every module that was begun, the last one at work. */
const begun = [];
const state = { criticalError: false, instanceId: 0 };

class Begun {
  ledgers = 0;

  answer(request) {
    if (request === "trap") throw new WebAssembly.RuntimeError("unreachable");
    if (request === "refuse") throw new Error("a refusal");
    return `${request} by module ${begun.length}`;
  }
}

globalThis.standIn = {
  __worker_init_state: () => state,
  __wbg_reset_state: () => begun.push(new Begun()),
  fetch: async (request, env) => `${begun.at(-1).answer(request)} in ${env}`,
  scheduled: async (event) => begun.at(-1).answer(event),
  Ledger: class {
    constructor(context) {
      this.module = begun.at(-1);
      this.module.ledgers += 1;
      this.context = context;
    }

    async fetch(request) {
      assert.equal(this.module, begun.at(-1), "an object of a module that is gone was called");
      return `${this.module.answer(request)} for ${this.context}`;
    }

    async alarm() {
      return this.module.answer("alarm");
    }
  },
};
globalThis.addEventListener ??= () => {};

const folder = await mkdtemp(join(tmpdir(), "entry-"));
after(() => rm(folder, { recursive: true }));
const entry = await readFile(new URL("../../worker/edge/entry.js", import.meta.url), "utf8");
const files = {
  "package.json": `{ "type": "module" }`,
  "entry.js": entry.replace("cloudflare:workers", "./workers.js"),
  "index.js": `export const { ${Object.keys(globalThis.standIn).join(", ")} } = globalThis.standIn;`,
  "workers.js": `class Base { constructor(ctx, env) { this.ctx = ctx; this.env = env; } }
    export { Base as DurableObject, Base as WorkerEntrypoint };`,
};
for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
const { default: Entry, Ledger } = await import(pathToFileURL(join(folder, "entry.js")));

test("a trap ends one call, and the next finds a module begun anew", async () => {
  begun.splice(0, begun.length, new Begun());
  const entry = new Entry("context", "here");
  const ledger = new Ledger("context", "here");
  assert.equal(await entry.fetch("a"), "a by module 1 in here");
  assert.equal(await ledger.fetch("b"), "b by module 1 for context");
  await assert.rejects(ledger.fetch("trap"), WebAssembly.RuntimeError);
  assert.equal(await ledger.fetch("c"), "c by module 2 for context");
  assert.equal(await ledger.alarm(), "alarm by module 2");
  assert.equal(await entry.scheduled("d"), "d by module 2");
  assert.deepEqual(begun.map(({ ledgers }) => ledgers), [1, 1]);
});

test("an error that is no trap leaves the module as it is", async () => {
  begun.splice(0, begun.length, new Begun());
  const entry = new Entry("context", "here");
  await assert.rejects(entry.fetch("refuse"), /a refusal/);
  assert.equal(await entry.fetch("a"), "a by module 1 in here");
});

test("a panic that the module reports itself is a trap, too", async () => {
  begun.splice(0, begun.length, new Begun());
  const ledger = new Ledger("context", "here");
  await ledger.fetch("a");
  state.criticalError = true;
  assert.equal(await ledger.fetch("b"), "b by module 2 for context");
});
