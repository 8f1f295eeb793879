// What makes billing trusted: a line left alone with a reason, a change taken back, drift repaired, limits that hold.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { install, settled, until } from "./harness.mjs";

let whole;
before(async () => {
  whole = await install({ companies: 60 });
});
after(() => whole?.close());

test("a line is dismissed with its reason, stands among the unchanged, and comes back when it is released", async () => {
  const page = await whole.visit();
  await whole.open(page, "/month");
  const before = (await month()).summary;
  await page.locator(".line:has(input:not(:disabled)) .disclose").first().focus();
  await page.keyboard.press("d");
  const dialog = page.getByRole("dialog", { name: "Dismiss 1 line" });
  assert.equal(await dialog.getByRole("button", { name: "Dismiss", exact: true }).isDisabled(), true, "a dismissal needs a reason");
  await dialog.getByLabel("Why").fill("Settled by phone");
  await dialog.getByRole("button", { name: "Dismiss", exact: true }).click();
  await page.getByText("1 line dismissed.").waitFor();
  await whole.open(page, "/month?segment=unchanged");
  const line = page.locator(".line", { has: page.locator(".state", { hasText: "Dismissed" }) });
  assert.equal(await line.count(), 1);
  await line.locator(".disclose").click();
  await line.getByText("Settled by phone").waitFor();
  await line.getByRole("button", { name: "Release" }).click();
  await page.getByText("1 line released.").waitFor();
  await until("the line is back", async () => (await month()).summary.to_approve === before.to_approve);
  assert.deepEqual(page.faults, []);
});

test("a written change is taken back once, and the line says so", async () => {
  const page = await whole.visit();
  await whole.approveSome(1);
  const [done] = (await month("done")).items;
  await whole.open(page, "/month?segment=done");
  await page.locator(".line .disclose").first().click();
  await page.getByRole("button", { name: /^Reverse the change of/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(`ConnectWise gets ${done.intent.from} again instead of ${done.intent.to}`).waitFor();
  await dialog.getByLabel("Why").fill("The customer protests");
  await dialog.getByRole("button", { name: "Reverse", exact: true }).click();
  await page.getByText(/is being taken back/).waitFor();
  await until("ConnectWise has the old number", async () => Number(await quantityOf(done.line.addition)) === Number(done.intent.from));
  await until("it is over", async () => (await whole.api("GET", "/api/overview")).month.committing === 0);
  await whole.pass("billing");
  await whole.open(page, "/history");
  await page.getByText("Takes an earlier change back: The customer protests").waitFor();
  await page.getByText("Reversed by a later change.").waitFor();
  assert.equal(await page.getByRole("button", { name: /^Reverse the change of/ }).count(), 0, "nothing is taken back twice");
  const line = await whole.api("GET", `/api/lines/${done.line.id}`);
  assert.ok(line.guards.some(({ code }) => code === "reversed"), "nothing writes the same number again by itself");
  assert.deepEqual(page.faults, []);
});

test("a hand edit shows as drift, pauses its line, and is kept with one click", async () => {
  const page = await whole.visit();
  await whole.approveSome(1);
  const [done] = (await month("done")).items;
  await whole.control("POST", `/additions/${done.line.addition}/edit`, { quantity: Number(done.intent.to) + 4 });
  await whole.pass("sync");
  await whole.pass("billing");
  await until("the drift is found", async () => (await whole.api("GET", "/api/overview")).drift > 0);
  await whole.open(page, "/");
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: /Drift/ }).click();
  await settled(page);
  const event = page.locator(".records > li", { hasText: "Quantity edited by hand" });
  await event.getByText("Billing pauses").waitFor();
  await event.getByRole("link", { name: /line of the month/ }).waitFor();
  await event.getByRole("button", { name: `Keep ConnectWise’s ${Number(done.intent.to) + 4}` }).click();
  await event.waitFor({ state: "detached" });
  await until("it is not open", async () => (await whole.api("GET", "/api/drift?kind=addition_edited")).total === 0);
  await page.getByText(/is taken as known\./).waitFor();
  await whole.pass("billing");
  await whole.open(page, "/drift?state=resolved");
  await page.getByText("Quantity edited by hand").first().waitFor();
  assert.deepEqual(page.faults, []);
});

test("what drifted is ignored with a reason", async () => {
  const page = await whole.visit();
  const [company] = (await whole.api("GET", "/api/companies?state=mapped&limit=1")).items;
  await whole.control("POST", `/eset/companies/${company.company}/rename`, { name: `${company.name} Holding` });
  await whole.pass("sync");
  await whole.pass("billing");
  await whole.open(page, "/drift");
  const event = page.locator(".records > li", { hasText: "ESET company renamed" }).first();
  await event.getByText("Billing goes on").waitFor();
  await event.getByRole("button", { name: /^Ignore/ }).click();
  await page.getByRole("dialog").getByLabel("Why").fill("Same customer");
  await page.getByRole("dialog").getByRole("button", { name: "Ignore", exact: true }).click();
  await page.getByText(/left as it is\./i).waitFor();
  await whole.open(page, "/drift?state=ignored");
  await page.getByText("Same customer").waitFor();
  assert.deepEqual(page.faults, []);
});

test("a limit that cannot be kept is named where it stands; one that can holds approvals", async () => {
  const page = await whole.visit();
  await whole.open(page, "/settings/limits");
  await page.getByLabel("Oldest seat counts, in hours").fill("3");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Choose a number from 25 to 168.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "snapshot_hours");
  await page.getByLabel("Oldest seat counts, in hours").fill("48");
  await page.getByLabel("Lines of one approval").fill("1");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The limits are saved.").waitFor();
  assert.equal((await whole.api("GET", "/api/policy")).policy.run_lines, 1);
  await whole.pass("billing");

  await whole.open(page, "/month");
  const free = page.locator(".line input[type=checkbox]:not(:disabled)");
  for (const number of [0, 1]) await free.nth(number).check();
  await page.getByRole("button", { name: "Approve 2", exact: true }).click();
  await page.locator(".selection-bar").getByText("This is more than may be approved at once.").waitFor();
  assert.equal((await whole.api("GET", "/api/overview")).month.committing, 0, "nothing was approved");
  assert.deepEqual(page.faults, []);
});

function month(segment = "to_approve") {
  return whole.api("GET", `/api/month?segment=${segment}&limit=500`);
}

async function quantityOf(addition) {
  const rows = await whole.control("GET", "/world/additions");
  return rows.find(({ id }) => id === addition)?.quantity;
}
