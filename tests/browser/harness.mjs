// A whole installation and a browser in front of it: the simulated vendors, the built Worker in workerd, Chromium.
// `cargo xtask test` builds everything first and names the programs in SIMULATOR and CHROMIUM.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Passkey, authenticator } from "./passkey.mjs";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
/** Where the pinned npm packages are. */
export const NODE_MODULES = path.join(ROOT, "tools/node_modules");
const fromTools = createRequire(path.join(ROOT, "tools/package.json"));
const { chromium } = fromTools("playwright-core");
const AXE = fs.readFileSync(fromTools.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** What the browser of the passkey in software calls itself. */
const AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const PATIENCE_MS = 60_000;

/** The month of now, as addresses have it. */
export const PERIOD = new Date().toISOString().slice(0, 7);

/** Every page with an address of its own. */
export const PAGES = {
  overview: "/",
  companies: "/companies",
  "companies-mapped": "/companies?state=mapped",
  products: "/products?state=all",
  month: "/month",
  "month-held": "/month?segment=held",
  tickets: "/tickets",
  "tickets-skipped": "/tickets?state=skipped",
  "tickets-log": "/tickets?state=log",
  "ticket-rules": "/tickets/rules",
  "new-ticket-rule": "/tickets/rules/new",
  groups: "/groups",
  drift: "/drift",
  "drift-resolved": "/drift?state=resolved",
  books: "/books",
  "books-month": `/books/${PERIOD}`,
  reconciliation: "/books/reconciliation",
  "reconciliation-over-ordered": "/books/reconciliation?finding=over_ordered",
  history: "/history",
  "history-passes": "/history?show=passes",
  "history-events": "/history?show=events",
  connections: "/settings/connections",
  "new-connection": "/settings/connections/new?kind=connectwise",
  limits: "/settings/limits",
  "look-only": "/settings/look-only",
  backup: "/settings/backup",
  data: "/settings/data",
  people: "/settings/people",
  "access-groups": "/settings/groups",
  "api-tokens": "/settings/access",
  account: "/settings/account",
  about: "/settings/about",
};

/** How the screen is looked at. */
export const VIEWS = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};

/** Starts the Worker with the app, told these variables besides; `ready.url` is where. To be ended by [`stop`]. */
export function serve(setupToken = randomBytes(24).toString("base64url"), vars = {}) {
  const options = {
    port: 0,
    assets: process.env.ASSETS ?? "dist",
    log: path.join(ROOT, "target/tools/browser-tests.log"),
    vars: {
      ENVIRONMENT: "local",
      SETUP_TOKEN: setupToken,
      MASTER_KEY: randomBytes(32).toString("base64"),
      FETCH_BUDGET: "400",
      VENDOR_RATE: "2000",
      ...vars,
    },
  };
  return start(process.execPath, [path.join(ROOT, "tools/serve.mjs"), "-"], JSON.stringify(options));
}

/** Starts simulator, Worker and browser. With `entered`, somebody came in by the
 *  set-up link and made an API token; with `ready` too, both vendors are connected, read and mapped, and lines are planned. */
export async function install({ companies = 20, ready = true, entered = true, vars = {} } = {}) {
  const setupToken = randomBytes(24).toString("base64url");
  const simulator = await start(process.env.SIMULATOR ?? path.join(ROOT, "target/debug/simulator"), ["--companies", companies]);
  const edge = await serve(setupToken, vars);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"],
  });
  const whole = new Install(simulator, edge, browser, setupToken);
  if (entered) await whole.enter();
  if (entered && ready) await whole.makeReady();
  return whole;
}

class Install {
  constructor(simulator, edge, browser, setupToken) {
    Object.assign(this, { simulator, edge, browser, setupToken });
    /** What any page was held back from by the content security policy; closing fails when it is not empty. */
    this.violations = [];
    // Browsers grant `localhost` what they refuse an address: passkeys, service workers, secure cookies.
    this.url = edge.ready.url.replace("127.0.0.1", "localhost");
    this.vendors = simulator.ready;
  }

  /** Calls the Worker's API as a script would. */
  async api(method, route, body) {
    return (await this.call({ authorization: `Bearer ${this.token}` }, method, route, body)).answer;
  }

  /** Calls the Worker's API with headers that say who calls; also answers the cookie that was set. */
  async call(who, method, route, body) {
    const headers = { ...who, "content-type": "application/json" };
    const response = await fetch(this.url + route, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route} answered ${response.status}: ${text}`);
    return { answer: text ? JSON.parse(text) : null, cookie: response.headers.get("set-cookie")?.split(";")[0] };
  }

  /** Calls the simulator's control API. */
  async control(method, route, body) {
    const headers = { "content-type": "application/json" };
    const response = await fetch(this.vendors.control + route, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route} answered ${response.status}: ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** Comes in by the set-up link with a passkey in software, and makes an API token. */
  async enter() {
    this.passkey = new Passkey(this.url);
    const opened = await this.call({}, "POST", "/api/invitations/open", { token: this.setupToken });
    const passkey = this.passkey.make(opened.answer.passkey, "Software");
    const accepted = await this.call({}, "POST", "/api/invitations/accept", { token: this.setupToken, name: "Ada", passkey });
    const made = await this.call({ cookie: accepted.cookie }, "POST", "/api/tokens", { name: "Northwind script", role: "admin" });
    this.token = made.answer.token;
  }

  /** Signs in by the passkey in software; answers the session's cookie. */
  async session() {
    const { answer: wanted } = await this.call({}, "POST", "/api/session/challenge");
    return (await this.call({ "user-agent": AGENT }, "POST", "/api/session", this.passkey.show(wanted))).cookie;
  }

  /** Signs a browser in, and gives it a passkey of its own for when one is wanted anew: Chromium's count theirs. */
  async signIn(page) {
    const cookie = await this.session();
    const [name, value] = cookie.split("=");
    await page.context().addCookies([{ name, value, url: this.url, httpOnly: true, sameSite: "Lax" }]);
    const own = new Passkey(this.url);
    const { answer: wanted } = await this.call({ cookie }, "POST", "/api/passkeys/challenge");
    await this.call({ cookie }, "POST", "/api/passkeys", own.make(wanted, "Chromium"));
    await authenticator(page, own.credential("localhost"));
  }

  /** Connects and reads both vendors, takes every clear suggestion, plans the month. */
  async makeReady() {
    for (const [kind, name] of [["ema2", "ESET Europe"], ["connectwise", "ConnectWise"]]) {
      const credentials = { kind, ...this.vendors.credentials[kind] };
      await this.api("POST", "/api/connections", { name, address: this.vendors[kind], credentials });
    }
    await this.pass("sync");
    const companies = (await this.api("GET", "/api/companies?state=unmapped&limit=500")).items;
    const clear = companies.filter(({ suggestions: [best] }) => best && !best.suggestion.ambiguous && best.suggestion.agreement);
    const mapped = clear.map(({ connection, company, suggestions: [best] }) => ({
      connection,
      company,
      decision: { decision: "map", psa: best.psa, agreement: best.suggestion.agreement },
    }));
    if (mapped.length > 0) await this.api("PUT", "/api/mappings/companies", { changes: mapped });
    const products = await this.api("GET", "/api/products");
    const billed = products
      .filter(({ suggestions: [best] }) => best && !best.ambiguous)
      .map(({ psa, code, suggestions: [best] }) => ({ psa, code, decision: { decision: "map", product: best.product } }));
    if (billed.length > 0) await this.api("PUT", "/api/mappings/products", { changes: billed });
    await this.pass("billing");
  }

  /** Starts a round of passes and waits until each has ended. */
  async pass(kind) {
    const { passes } = await this.api("POST", "/api/passes", { kind });
    for (const { id } of passes) {
      await until(`the ${kind} pass ends`, async () => {
        const { state } = await this.api("GET", `/api/passes/${id}`);
        return !["queued", "running"].includes(state);
      });
    }
  }

  /** Approves some lines that nothing holds, and waits until ConnectWise has them. */
  async approveSome(number) {
    const { items } = await this.api("GET", `/api/month?segment=to_approve&limit=${number}`);
    const lines = items.map(({ line }) => ({ id: line.id, preview: line.preview }));
    if (lines.length > 0) await this.api("POST", "/api/lines/approve", { lines });
    await until("ConnectWise has what was approved", async () => (await this.api("GET", "/api/overview")).month.committing === 0);
  }

  /** Changes a mapped company's name and, once a line is written, its quantity by hand, and waits until that is found. */
  async stir() {
    const { items } = await this.api("GET", "/api/companies?state=mapped&limit=1");
    for (const { company, name } of items) await this.control("POST", `/eset/companies/${company}/rename`, { name: `${name} Holding` });
    await this.approveSome(1);
    const [done] = (await this.api("GET", "/api/month?segment=done&limit=1")).items;
    if (done) await this.control("POST", `/additions/${done.line.addition}/edit`, { quantity: Number(done.intent.to) + 4 });
    await this.pass("sync");
    await this.pass("billing");
  }

  /** A new browser profile, signed in unless told otherwise. `page.faults` gathers violations, errors and panics. */
  async visit({ view = "light", signedIn = true, ...options } = {}) {
    const context = await this.browser.newContext({ ...VIEWS[view], ...options });
    // Of the whole profile: a page that is opened by another one is looked at too.
    context.on("console", (message) => {
      if (/^content policy: |Content Security Policy/.test(message.text())) this.violations.push(message.text());
    });
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
        console.error(`content policy: ${violatedDirective} ${blockedURI}`);
      });
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.faults = [];
    page.on("pageerror", (error) => page.faults.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // A refusal of the API is no fault of the page.
      if (message.type() === "error" && !/Failed to load resource/.test(message.text())) page.faults.push(message.text());
    });
    if (signedIn) {
      await this.signIn(page);
      await page.goto(`${this.url}/sign-in`);
      await page.waitForURL((address) => address.pathname !== "/sign-in");
      await page.getByRole("navigation", { name: "Pages" }).waitFor();
    }
    return page;
  }

  /** Opens a page of the app and waits until what it shows has been read. */
  async open(page, address) {
    await page.goto(this.url + address);
    await settled(page);
  }

  async close() {
    await this.browser.close();
    await Promise.all([stop(this.edge), stop(this.simulator)]);
    if (this.violations.length > 0) throw new Error(`held back by the content security policy:\n${this.violations.join("\n")}`);
  }
}

/** Waits until the page shows what it was opened for, not its skeleton. */
export async function settled(page) {
  await page.locator("main h1").waitFor();
  await page.waitForFunction(() => !document.querySelector(".skeleton, [aria-busy='true']"));
}

/** Opens how a mapped product is counted and written. */
export async function openRule(whole, page, product) {
  await whole.open(page, "/products?state=mapped");
  await page.getByRole("button", { name: `Counting and writing… of ${product.name}`, exact: true }).click();
  return page.getByRole("dialog");
}

/** Opens what a mapped company does differently with single products. */
export async function openCompanyProducts(whole, page, company) {
  await whole.open(page, `/companies?state=mapped&q=${encodeURIComponent(company.name)}`);
  await page.getByRole("button", { name: `Products… of ${company.name}`, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.locator(".picks > li").first().waitFor();
  return dialog;
}

/** A company with servers in a group of their own and a second agreement, and what maps it to the first of them. */
export async function companyWithServers(whole) {
  const servers = (await whole.control("GET", "/world/device_groups")).filter(({ name }) => name === "Servers");
  const devices = await whole.control("GET", "/world/devices");
  const agreements = await whole.control("GET", "/world/agreements");
  const { items } = await whole.api("GET", "/api/companies?state=all&limit=500");
  for (const company of items) {
    const group = servers.find(({ parent }) => parent === company.company);
    const best = company.suggestions[0]?.suggestion.company ?? company.mapping.company;
    const active = agreements.filter(({ company: { id }, agreementStatus: status }) => id === best && status === "Active");
    if (!group || active.length < 2 || !devices.some(({ group: home }) => home === group.uuid)) continue;
    const psa = company.suggestions[0]?.psa ?? company.mapping.psa;
    return { company, decision: { decision: "map", psa, agreement: active[0].id } };
  }
  throw new Error("no company has servers and two agreements");
}

/** A ticket rule that watches a device group, switched on, made as a script would. */
export async function makeRule(whole, { name, group, ...more }) {
  const connections = await whole.api("GET", "/api/connections");
  const id = (kind) => connections.find((connection) => connection.kind === kind).id;
  const psa = id("connectwise");
  const { boards } = await whole.api("GET", `/api/desks/${psa}`);
  const board = boards.find(({ inactive }) => !inactive).id;
  const { statuses } = await whole.api("GET", `/api/desks/${psa}/boards/${board}`);
  const status = (wanted) => statuses.find(({ closed, inactive }) => closed === wanted && !inactive).id;
  const { items } = await whole.api("GET", "/api/psa/companies?limit=1");
  const target = { psa, board, open_status: status(false), closed_status: status(true), catch_all: items[0].company };
  const source = { group: { connection: id("connect"), group } };
  const lifecycle = { delay_minutes: 0, close_after_minutes: 0, return_days: 7, on_return: "reopen" };
  const rule = { name, source, target, lifecycle, summary: "{device} is in {group}", text: "{device} of {company}.", ...more };
  return (await whole.api("POST", "/api/ticket-rules", rule)).rule;
}

/** What axe finds. Its script is evaluated, which the page's own policy does not hold back. */
export async function findings(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), RULES);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

/** Waits for a condition, asking again and again. */
export async function until(what, holds) {
  const limit = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > limit) throw new Error(`waited in vain until ${what}`);
    await pause(100);
  }
}

/** Starts a program that prints one line of JSON when it is ready. It ends with its standard input. */
async function start(program, args, firstLine) {
  const child = spawn(program, args.map(String), { stdio: ["pipe", "pipe", "inherit"] });
  process.once("exit", () => child.kill());
  if (firstLine) child.stdin.write(`${firstLine}\n`);
  for await (const line of readline.createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    const ready = JSON.parse(line);
    if (ready.ready === false) throw new Error(`${program}: ${ready.error}`);
    child.stdout.resume();
    return { child, ready };
  }
  throw new Error(`${program} ended before it was ready`);
}

/** Ends a program that was started here. */
export async function stop({ child }) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await gone;
}
