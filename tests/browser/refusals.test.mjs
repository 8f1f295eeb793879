// What the screen says when something is refused, and that nothing is half done.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { install, until } from "./harness.mjs";

let whole;
before(async () => {
  whole = await install();
});
after(() => whole?.close());

test("missing fields are named where they are, before anything is sent", async () => {
  const page = await whole.visit();
  await whole.open(page, "/settings/connections/new?kind=connectwise");
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByText("Private key is missing.").waitFor();
  assert.equal(await page.locator("#private_key").getAttribute("aria-invalid"), "true");
  assert.equal(await page.evaluate(() => document.activeElement.id), "address");
});

test("a wrong password is said, and nothing is stored", async () => {
  const page = await whole.visit();
  await whole.open(page, "/settings/connections/new?kind=ema2");
  await page.fill("#name", "Wrong one");
  await page.fill("#address", whole.vendors.ema2);
  await page.fill("#username", whole.vendors.credentials.ema2.username);
  await page.fill("#password", "not-the-password");
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByText("Does not work").waitFor();
  assert.equal(await page.locator("#username").inputValue(), whole.vendors.credentials.ema2.username, "what was typed stays");
  const connections = await whole.api("GET", "/api/connections");
  assert.deepEqual(connections.map(({ name }) => name).sort(), ["ConnectWise", "ESET Europe"]);
});

test("a vendor that is down turns the chip red, keeps the numbers and holds nothing back from reading", async () => {
  const page = await whole.visit();
  await whole.open(page, "/month?segment=all");
  const lines = await page.locator(".line").count();
  assert.ok(lines > 0);
  await whole.control("POST", "/faults", { vendor: "ema2", kind: { status: { code: 503 } } });
  await whole.pass("sync");
  await page.locator(".chip.freshness.bad").waitFor();
  await page.locator(".chip.freshness").click();
  await page.locator("#freshness-detail").getByText(/^Read .* Reading fails since then/).waitFor();
  await whole.open(page, "/month?segment=all");
  assert.equal(await page.locator(".line").count(), lines, "a failed answer is never a zero");
  await whole.control("DELETE", "/faults");
  await whole.pass("sync");
  await until("the chip is well again", async () => (await page.locator(".chip.freshness.bad").count()) === 0);
});

test("a page whose code does not arrive says so and is fetched again on request", async () => {
  const page = await whole.visit({ serviceWorkers: "block" });
  await page.route(/\/app-split-books-/, (route) => route.abort());
  await page.goto(`${whole.url}/history`);
  const problem = page.getByRole("alert").filter({ hasText: "This page could not be loaded." });
  await problem.waitFor();
  assert.equal(await page.locator("html[data-crashed]").count(), 0, "the rest of the app goes on");
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Month", exact: true }).click();
  await page.locator(".line").first().waitFor();
  await page.goBack();
  await problem.waitFor();
  await page.unroute(/\/app-split-books-/);
  await problem.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "History", level: 1 }).waitFor();
});
