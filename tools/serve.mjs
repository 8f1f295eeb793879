// Serves the built Worker and the app on this machine: one Miniflare, one small control server beside it.
//
//   node tools/serve.mjs '<options as JSON>'     until SIGINT or SIGTERM
//   node tools/serve.mjs -                       options are the first line of standard input; ends when it closes,
//                                                so a caller that dies takes this process along
//
// Options:
//   port            of the Worker; 0 picks one                                     (default 8787)
//   controlPort     of the control server; 0 picks one                             (default 0)
//   store           folder that keeps KV and Durable Object; null keeps nothing    (default null)
//   vars            what the Worker reads from its environment, secrets included   (default {})
//   assets          folder with the built app; null serves the API alone           (default "dist")
//   worker          folder with the built Worker                                   (default "build/worker")
//   log             file the Worker's own output is appended to; null: stderr      (default null)
//   cronEveryMs     how often the scheduled handler runs by itself; 0: never       (default 0)
//   compatibilityDate                                                              (default: wrangler.toml's)
//
// Prints one line when ready: {"ready":true,"url":"http://127.0.0.1:8787","control":"http://127.0.0.1:41233","pid":12}
//
// Control server (loopback only):
//   GET  /health    200 once the Worker's runtime answers
//   GET  /pid       {"workerd":123,"serve":12,"restarts":0}
//   POST /cron      runs the scheduled handler; body {"scheduledTime": ms, "cron": "…"} is optional
//   POST /evict     drops the Durable Object from memory, keeps what it stored; 501 where this Miniflare cannot
//   POST /kill      SIGKILLs workerd in the middle of whatever it does; answers when the next one is up
//   POST /stop      ends this process in good order

import childProcess from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import process from "node:process";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const CRON = "*/10 * * * *";
const LEDGER = { binding: "LEDGER", className: "Ledger" };

// Miniflare starts workerd through this function; noting the child is the one way to know its process, to kill it
// for a crash test and to see it die.
const runtime = { child: undefined, restarts: 0, onExit: () => {} };
const { spawn } = childProcess;
childProcess.spawn = (command, ...rest) => {
  const child = spawn(command, ...rest);
  if (/workerd[^/\\]*$/.test(command)) {
    runtime.child = child;
    child.once("exit", () => runtime.onExit(child));
  }
  return child;
};
const { Miniflare, Log, LogLevel } = await import("miniflare");

const options = await readOptions();
const output = options.log ? fs.createWriteStream(inRoot(options.log), { flags: "a" }) : process.stderr;
let settings = miniflareOptions(options);
let ending = false;
let restarted = Promise.resolve();

const miniflare = new Miniflare(settings);
const url = await miniflare.ready.catch((error) => fail(options.port, error));
// A restart has to come back at the same address.
settings = { ...settings, port: Number(url.port) };
runtime.onExit = (child) => {
  if (ending || child !== runtime.child) return;
  runtime.restarts += 1;
  output.write(`workerd ${child.pid} is gone; starting another\n`);
  restarted = miniflare.setOptions(settings).catch((error) => fail(settings.port, error));
};

const control = http.createServer(answer);
control.on("error", (error) => fail(options.controlPort, error));
control.listen(options.controlPort, "127.0.0.1");
await once(control, "listening");

if (options.cronEveryMs > 0) {
  const tick = () => runCron({}).catch((error) => output.write(`cron: ${error.stack}\n`));
  setInterval(tick, options.cronEveryMs);
  tick();
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, stop);
print({
  ready: true,
  url: `http://127.0.0.1:${url.port}`,
  control: `http://127.0.0.1:${control.address().port}`,
  pid: process.pid,
});

/** Takes the options from the command line, or from the first line of standard input. */
async function readOptions() {
  const given = process.argv[2] ?? "{}";
  let text = given;
  if (given === "-") {
    const lines = readline.createInterface({ input: process.stdin });
    [text] = await once(lines, "line");
    lines.on("close", stop);
  }
  const defaults = {
    port: 8787,
    controlPort: 0,
    store: null,
    vars: {},
    assets: "dist",
    worker: "build/worker",
    log: null,
    cronEveryMs: 0,
    compatibilityDate: null,
  };
  return { ...defaults, ...JSON.parse(text) };
}

/** What wrangler.toml says, in Miniflare's words. Without `global_fetch_strictly_public`: the simulator is on loopback. */
function miniflareOptions({ port, store, vars, assets, worker, compatibilityDate }) {
  const folder = inRoot(worker);
  const settings = {
    name: "seatbridge",
    host: "127.0.0.1",
    port,
    cf: false,
    log: new Log(LogLevel.WARN),
    compatibilityDate: compatibilityDate ?? wranglerDate(),
    modules: [
      { type: "ESModule", path: path.join(folder, "index.js") },
      { type: "CompiledWasm", path: path.join(folder, "index_bg.wasm") },
    ],
    modulesRoot: folder,
    bindings: vars,
    kvNamespaces: ["DOCUMENTS"],
    durableObjects: { [LEDGER.binding]: { className: LEDGER.className, useSQLite: true } },
    handleRuntimeStdio(stdout, stderr) {
      stdout.on("data", (chunk) => output.write(chunk));
      stderr.on("data", (chunk) => output.write(chunk));
    },
  };
  if (store) {
    settings.kvPersist = path.join(inRoot(store), "kv");
    settings.durableObjectsPersist = path.join(inRoot(store), "ledger");
  }
  if (assets) {
    settings.assets = {
      directory: inRoot(assets),
      binding: "ASSETS",
      routerConfig: { has_user_worker: true, static_routing: { user_worker: ["/api/*"], asset_worker: ["/api/openapi.json"] } },
      assetConfig: { not_found_handling: "single-page-application" },
    };
  }
  return settings;
}

function wranglerDate() {
  const config = fs.readFileSync(path.join(ROOT, "wrangler.toml"), "utf8");
  return /^compatibility_date\s*=\s*"([^"]+)"/m.exec(config)[1];
}

async function runCron({ scheduledTime, cron = CRON }) {
  const worker = await miniflare.getWorker();
  const time = scheduledTime === undefined ? new Date() : new Date(scheduledTime);
  return worker.scheduled({ cron, scheduledTime: time });
}

async function kill() {
  const { child } = runtime;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  await restarted;
  await miniflare.ready;
}

async function evict() {
  if (typeof miniflare.unsafeEvictDurableObject !== "function") return false;
  await miniflare.unsafeEvictDurableObject("seatbridge", LEDGER.className, { name: "main" });
  return true;
}

const processes = () => ({ workerd: runtime.child.pid, serve: process.pid, restarts: runtime.restarts });

const routes = {
  "GET /health": async () => (await restarted, await miniflare.ready, [200, { ok: true }]),
  "GET /pid": async () => [200, processes()],
  "POST /cron": async (body) => [200, await runCron(body)],
  "POST /evict": async () =>
    (await evict()) ? [200, { ok: true }] : [501, { error: "this Miniflare cannot evict; POST /kill drops the memory too" }],
  "POST /kill": async () => (await kill(), [200, processes()]),
  "POST /stop": async () => (setImmediate(stop), [200, { ok: true }]),
};

async function answer(request, response) {
  const route = routes[`${request.method} ${request.url}`];
  let status = 404;
  let body = { error: `no ${request.method} ${request.url}; there are ${Object.keys(routes).join(", ")}` };
  try {
    const chunks = await request.toArray();
    const text = Buffer.concat(chunks).toString();
    if (route) [status, body] = await route(text ? JSON.parse(text) : {});
  } catch (error) {
    [status, body] = [500, { error: String(error?.stack ?? error) }];
  }
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function stop() {
  if (ending) return;
  ending = true;
  await miniflare.dispose().catch(() => {});
  process.exit(0);
}

function fail(port, error) {
  const taken = /EADDRINUSE|ERR_ADDRESS_IN_USE|[Aa]ddress already in use/.test(`${error?.code} ${error?.message}`);
  print({ ready: false, error: taken ? `port ${port} is in use` : String(error?.message ?? error), taken });
  process.exit(1);
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function inRoot(file) {
  return path.resolve(ROOT, file);
}
