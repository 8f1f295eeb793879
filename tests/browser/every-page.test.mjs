// Each page, in light, dark and on a phone: axe finds nothing, the content policy stops nothing, nothing sticks out.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { PAGES, VIEWS, findings, install, until } from "./harness.mjs";

let whole;
before(async () => {
  whole = await install();
  await whole.stir();
});
after(() => whole?.close());

for (const view of Object.keys(VIEWS)) {
  test(`every page is in order: ${view}`, async (t) => {
    const page = await whole.visit({ view });
    for (const [name, address] of Object.entries(PAGES)) {
      await t.test(`${name}, ${view}`, async () => {
        await whole.open(page, address);
        const evidence = page.locator(".line .disclose").first();
        if (await evidence.count()) await evidence.click();
        assert.deepEqual(await findings(page), []);
        const overhang = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(overhang <= 0, `${name} is ${overhang} px wider than the screen`);
        assert.deepEqual(page.faults, []);
      });
    }
  });
}

test("the page is served with a policy that allows nothing inline", async () => {
  const policy = (await fetch(whole.edge.ready.url)).headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
  assert.match(policy, /style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval';.*unsafe-eval'/);
});

test("what the policy holds back is noticed on any page, and would fail the tests when they end", async () => {
  const page = await whole.visit({ signedIn: false });
  await page.goto(whole.url);
  const opened = await page.context().newPage();
  await opened.goto(whole.url);
  for (const where of [page, opened]) {
    await where.evaluate(() => document.documentElement.append(Object.assign(document.createElement("script"), { textContent: "0" })));
    await until("it is noticed", () => whole.violations.length > 0);
    whole.violations.length = 0;
  }
  // The browser and the page both tell, one after the other; a profile that is closed tells nothing more.
  await page.context().close();
  whole.violations.length = 0;
});

test("the shell is painted before the app has arrived", async () => {
  const page = await whole.visit({ signedIn: false });
  await page.route(/\.wasm$/, () => {});
  await page.goto(`${whole.url}/month`, { waitUntil: "domcontentloaded" });
  await page.locator("#skeleton .rail").getByText("Month", { exact: true }).waitFor();
});
