// What a first visit loads: few files, and the page's data while its code is still on its way.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { PAGES, VIEWS, install, settled, until } from "./harness.mjs";

/** Files of a first visit, icon and manifest among them; the service worker fetches the rest of the app later. */
const MOST_FILES = 12;

/** Pages that begin with nothing of their own: the whole screen reads the overview, and some parts of the history are not for everybody. */
const READ_LATER = ["overview", "history-passes", "history-events", "new-connection", "about"];

let whole;
let cookie;
before(async () => {
  whole = await install();
  cookie = await whole.session();
});
after(() => whole?.close());

/** A page of a browser that was never here, and every address it asks for. */
async function newcomer(signedIn = true) {
  const context = await whole.browser.newContext({ ...VIEWS.light, serviceWorkers: "block" });
  const [name, value] = cookie.split("=");
  if (signedIn) await context.addCookies([{ name, value, url: whole.url, httpOnly: true, sameSite: "Lax" }]);
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request.url().slice(whole.url.length).split("#")[0]));
  return { context, page, asked };
}

/** The files among the addresses, and those the browser fetches for itself. */
async function files(page, asked) {
  const own = await page.$$eval("link[rel=icon], link[rel=manifest]", (links) => links.map((link) => link.getAttribute("href")));
  return [...new Set([...asked, ...own])].filter((address) => !address.startsWith("/api/")).sort();
}

test("a first visit is at most twelve files, whichever page it opens", async (t) => {
  for (const [name, address] of Object.entries(PAGES)) {
    await t.test(name, async () => {
      const { context, page, asked } = await newcomer();
      await whole.open(page, address);
      const loaded = await files(page, asked);
      assert.ok(loaded.length <= MOST_FILES, `${loaded.length} files: ${loaded.join(" ")}`);
      assert.ok(loaded.some((file) => file.endsWith(".css")) && loaded.some((file) => file.endsWith(".wasm")), loaded.join(" "));
      t.diagnostic(`${name}: ${loaded.length} files`);
      await context.close();
    });
  }
});

test("so is one of somebody who has to sign in, and of a customer with a share link", async (t) => {
  for (const [address, heading] of [["/sign-in", "Sign in to Seatbridge"], ["/s#sbv_never-given-out", "This link does not work"]]) {
    const { context, page, asked } = await newcomer(false);
    await page.goto(whole.url + address);
    await page.getByRole("heading", { name: heading }).waitFor();
    const loaded = await files(page, asked);
    assert.ok(loaded.length <= MOST_FILES, `${loaded.length} files: ${loaded.join(" ")}`);
    t.diagnostic(`${address}: ${loaded.length} files`);
    await context.close();
  }
});

test("a share link’s data is asked for while the code of its page is still on its way, and once", async () => {
  const { context, page, asked } = await newcomer(false);
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(/\/app-(part|split)-[^/]*\.wasm$/, async (route) => {
    await released;
    await route.continue();
  });
  const reads = () => asked.filter((address) => address.startsWith("/api/"));
  await page.goto(whole.url + "/s#sbv_never-given-out");
  await until("the link is tried", () => reads().length > 0);
  assert.equal(await page.getByRole("heading", { name: "This link does not work" }).count(), 0, "the code is held back");
  release();
  await page.getByRole("heading", { name: "This link does not work" }).waitFor();
  assert.equal(reads().length, 1, reads().join(" "));
  await context.close();
});

test("a page’s data is asked for while its code is still on its way, and once", async (t) => {
  for (const [name, address] of Object.entries(PAGES).filter(([name]) => !READ_LATER.includes(name))) {
    await t.test(name, async () => {
      const { context, page, asked } = await newcomer();
      let release;
      const released = new Promise((resolve) => (release = resolve));
      await page.route(/\/app-(part|split)-[^/]*\.wasm$/, async (route) => {
        await released;
        await route.continue();
      });
      const reads = () => asked.filter((address) => address.startsWith("/api/") && !/^\/api\/(session|overview)$/.test(address));
      await page.goto(whole.url + address);
      await page.getByRole("navigation", { name: "Pages" }).waitFor();
      await until("the overview is read", () => asked.includes("/api/overview"));
      await until("the page's data is asked for", () => reads().length > 0);
      assert.equal(await page.locator("main h1").count(), 0, "the code is held back");
      const early = reads();
      release();
      await settled(page);
      for (const read of early) {
        const times = reads().filter((address) => address === read).length;
        assert.equal(times, 1, `${read} was read for nothing: ${reads().join(" ")}`);
      }
      await context.close();
    });
  }
});
