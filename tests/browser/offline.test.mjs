// Without a network: what was known stays in sight, and nothing can be changed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { install } from "./harness.mjs";

let whole;
before(async () => {
  whole = await install();
});
after(() => whole?.close());

test("offline, the last known month stays and writing is off and says why", async () => {
  const page = await whole.visit();
  await whole.open(page, "/month");
  const lines = await page.locator(".line").count();
  assert.ok(lines > 0);
  await page.context().setOffline(true);
  await page.getByText("You are offline.").waitFor();
  assert.equal(await page.locator(".line").count(), lines);
  const sync = page.locator(".page-actions").getByRole("button", { name: "Sync now" });
  assert.equal(await sync.isDisabled(), true);
  assert.equal(await sync.getAttribute("title"), "Off until Seatbridge can be reached again");
  await page.context().setOffline(false);
  await page.getByText("You are offline.").waitFor({ state: "detached" });
  await page.waitForFunction(() => !document.querySelector(".page-actions button:not(.quiet)").disabled);
});

test("when Cloudflare Access in front of Seatbridge asks who is there, the page says so and leads to its sign-in", async () => {
  const page = await whole.visit();
  await whole.open(page, "/month");
  const lines = await page.locator(".line").count();
  // As Cloudflare Access answers when its session is over.
  const headers = { location: "https://team.example/cdn-cgi/access/login" };
  await page.route("**/api/**", (route) => route.fulfill({ status: 302, headers }));
  await page.locator(".page-actions").getByRole("button", { name: "Sync now" }).click();
  await page.getByText("Your organisation’s sign-in is over.").waitFor();
  assert.equal(await page.getByText("Seatbridge does not answer.").count(), 0);
  assert.equal(await page.locator(".line").count(), lines);
  assert.equal(await page.locator(".page-actions").getByRole("button", { name: "Sync now" }).isDisabled(), true);
  await page.unroute("**/api/**");
  const loaded = page.waitForEvent("load");
  await page.getByRole("button", { name: "Sign in again" }).click();
  await loaded;
  await page.locator(".line").first().waitFor();
  assert.equal(await page.getByText("Your organisation’s sign-in is over.").count(), 0);
});

test("opened offline, the kept shell says that nothing can be reached", async () => {
  const page = await whole.visit();
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText("Seatbridge cannot be reached.").waitFor();
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
});
