// The bookkeeper's part: what does not agree, closing a month, and the statement that is signed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { PERIOD, findings, install } from "./harness.mjs";

let whole;
before(async () => {
  whole = await install();
});
after(() => whole?.close());

test("the reconciliation is filtered by finding, and its table is taken away", async () => {
  const page = await whole.visit();
  const all = await whole.api("GET", "/api/reconciliation?limit=500");
  const [found] = all.totals.findings;
  assert.ok(found, "the simulated world has something that does not agree");
  await whole.open(page, "/books/reconciliation");
  await page.getByRole("region", { name: "Totals" }).getByText("Ordered", { exact: true }).waitFor();
  const words = { over_ordered: "Over-ordered", over_used: "Over-used", unbilled: "Unbilled", billed_unused: "Billed but unused" };
  await page.getByRole("navigation", { name: "By finding" }).getByRole("link", { name: words[found.kind] }).click();
  await page.waitForURL(new RegExp(`finding=${found.kind}`));
  await page.waitForFunction((rows) => document.querySelectorAll("table.numbers tbody tr").length === rows, Math.min(found.rows, 100));
  const table = page.getByRole("link", { name: "CSV" });
  assert.match(await table.getAttribute("href"), new RegExp(`/api/reconciliation\\.csv\\?finding=${found.kind}`));
  assert.deepEqual(page.faults, []);
});

test("a month says what keeps it open, is closed for good, and its statement is printed", async () => {
  const page = await whole.visit();
  await whole.open(page, "/books");
  await page.locator(`a[href="/books/${PERIOD}"]`).click();
  await page.getByText(/\d+ lines wait for approval\./).waitFor();
  assert.equal(await page.getByRole("button", { name: "Close month…" }).isDisabled(), true);

  await settleMonth();
  await whole.open(page, `/books/${PERIOD}`);
  await page.getByRole("button", { name: "Close month…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("A closed month is not opened again.").waitFor();
  await dialog.getByText("This month still runs").waitFor();
  await dialog.getByRole("button", { name: /^Close .* for good$/ }).click();
  await page.getByText(/is closed\. Its statement is ready\./).waitFor();
  await page.getByText("Fingerprint of the statement").waitFor();
  assert.equal(await page.getByRole("button", { name: "Close month…" }).count(), 0);

  const [statement] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("link", { name: "Statement" }).click()]);
  await statement.waitForLoadState();
  assert.match(statement.url(), new RegExp(`/api/months/${PERIOD}/statement$`));
  assert.deepEqual(await findings(statement), []);
  const { hash } = (await whole.api("GET", `/api/months/${PERIOD}`)).closed;
  assert.ok((await statement.content()).includes(hash), "the statement names its fingerprint");
  await whole.open(page, "/books");
  await page.locator(".records > li", { has: page.locator(`a[href="/books/${PERIOD}"]`) }).getByText("Closed", { exact: true }).waitFor();
  assert.deepEqual(page.faults, []);
});

test("the history is narrowed by what, who and when", async () => {
  const page = await whole.visit();
  await whole.open(page, "/history?show=events");
  await page.locator("#history-event").selectOption("mapping_changed");
  await page.waitForURL(/event=mapping_changed/);
  await page.waitForFunction(() => {
    const kinds = [...document.querySelectorAll(".records .strong")].map((kind) => kind.textContent);
    return kinds.length > 0 && kinds.every((kind) => kind === "Mapping changed");
  });
  await page.getByLabel("To (UTC)").fill("2020-01-01");
  await page.getByText("Nothing fits these filters.").waitFor();
  assert.match(await page.getByRole("link", { name: "CSV" }).getAttribute("href"), /event=mapping_changed&to=2020-01-01/);
  assert.deepEqual(page.faults, []);
});

/** Excludes what is not mapped and sets aside what waits, as a person would before closing. */
async function settleMonth() {
  const because = { reason: "not billed" };
  const companies = (await whole.api("GET", "/api/companies?state=unmapped&limit=500")).items;
  const left = companies.map(({ connection, company }) => ({ connection, company, decision: { decision: "exclude", ...because } }));
  if (left.length > 0) await whole.api("PUT", "/api/mappings/companies", { changes: left });
  const products = (await whole.api("GET", "/api/products")).filter(({ mapping }) => mapping.state === "unmapped");
  const off = products.map(({ psa, code }) => ({ psa, code, decision: { decision: "exclude", ...because } }));
  if (off.length > 0) await whole.api("PUT", "/api/mappings/products", { changes: off });
  await whole.pass("billing");
  const { items } = await whole.api("GET", "/api/month?segment=to_approve&limit=500");
  const lines = items.map(({ line }) => line.id);
  if (lines.length > 0) await whole.api("POST", "/api/lines/dismiss", { lines, reason: "Settled by hand" });
}
