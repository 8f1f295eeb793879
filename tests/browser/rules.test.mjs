// Counting and writing: what an edited mapping would change is said at once, and is what the month says after it is saved.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { VIEWS, findings, install, openCompanyProducts, openRule, until } from "./harness.mjs";

let whole;
before(async () => {
  whole = await install();
});
after(() => whole?.close());

/** The mapped product with the most seats that nobody uses. */
async function unused() {
  const products = await whole.api("GET", "/api/products");
  const mapped = products.filter(({ mapping }) => mapping.state === "mapped");
  return mapped.sort((a, b) => b.ordered - b.activated - (a.ordered - a.activated))[0];
}

/** The company whose lines nothing holds, with its mapping. */
async function mappedCompany() {
  const { items } = await whole.api("GET", "/api/companies?state=mapped&limit=500");
  return items.find(({ ordered, activated, complete }) => complete && ordered > activated);
}

async function sum(page) {
  const told = page.locator(".preview-sum").filter({ hasText: /lines? changes?:/ });
  await told.waitFor();
  return told.textContent();
}

test("a product counted by what is in use: told at once, saved, and in the month", async () => {
  const product = await unused();
  const page = await whole.visit();
  const dialog = await openRule(whole, page, product);
  await dialog.getByText("Nothing changes: every line stays as it is.").waitFor();
  await dialog.getByText("27 ordered → 27").waitFor();
  await dialog.getByRole("radio", { name: "Activated" }).check();
  assert.match(await sum(page), /^\d+ lines? changes?: −[\d,]+ seats/);
  await dialog.getByLabel("Minimum").fill("3");
  await dialog.getByText("24 in use → 24").waitFor();
  const promised = await dialog.locator(".preview-lines li").first().locator(".strong").allTextContents();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.locator(".pair .tag", { hasText: "activated, minimum 3" }).waitFor();

  const [company, target] = promised;
  await until("the month says what was promised", async () => {
    const { items } = await whole.api("GET", "/api/month?segment=all&limit=500");
    return items.some(({ line }) => line.company === company && line.product.eset.includes(product.name) && line.target === target);
  });
  await whole.open(page, `/month?segment=all&q=${encodeURIComponent(company)}`);
  await page.locator(".line", { hasText: "in use" }).first().waitFor();
  assert.deepEqual(page.faults, []);
});

test("a factor that is none is named where it is, and cannot be saved", async () => {
  const page = await whole.visit();
  const dialog = await openRule(whole, page, await unused());
  const factor = dialog.getByLabel("Factor");
  await factor.fill("two");
  const named = dialog.getByText("Type a number above 0, such as 1 or 0.5.");
  await named.waitFor();
  assert.equal(await factor.getAttribute("aria-invalid"), "true");
  assert.ok(await dialog.getByRole("button", { name: "Save" }).isDisabled());
  await factor.fill("0,5");
  // The sum of what was typed before stands until the new one is there.
  await named.waitFor({ state: "hidden" });
  await sum(page);
  assert.equal(await factor.getAttribute("aria-invalid"), null);
});

test("what the service refuses is shown at its field", async () => {
  const page = await whole.visit();
  const dialog = await openRule(whole, page, await unused());
  await page.route("**/api/mappings/products", (route) =>
    route.fulfill({
      status: 422,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: "/problems/invalid", status: 422, code: "invalid",
        title: "A minimum is at most 1,000,000 units.", detail: "", remedy: "Check the number.",
        field: "changes[0].decision.rule.count.minimum",
      }),
    }));
  await dialog.getByLabel("Minimum").fill("4");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("A minimum is at most 1,000,000 units. Check the number.").waitFor();
  assert.equal(await dialog.getByLabel("Minimum").getAttribute("aria-invalid"), "true");
});

test("one company does otherwise, and as usual again", async () => {
  const company = await mappedCompany();
  const page = await whole.visit();
  const dialog = await openCompanyProducts(whole, page, company);
  await dialog.getByRole("button", { name: /^Change…/ }).first().click();
  await dialog.getByRole("switch", { name: "Count and write it in its own way" }).check();
  await dialog.getByLabel("Factor").fill("3");
  assert.match(await sum(page), /^1 line changes: \+/);
  await dialog.getByText("Different here: × 3").waitFor();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  const row = page.locator(".pair", { has: page.getByText(company.name, { exact: true }) }).first();
  await row.getByText("1 product differs").waitFor();

  await row.getByRole("button", { name: /^Products…/ }).click();
  await dialog.getByRole("button", { name: "As usual again" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await row.getByText("1 product differs").waitFor({ state: "detached" });
});

test("without the service the form stays, says so, and goes on when it is back", async () => {
  const page = await whole.visit();
  await page.route("**/api/plan-slice*", (route) => route.abort());
  const dialog = await openRule(whole, page, await unused());
  await dialog.getByText("Seatbridge cannot be reached.").waitFor();
  await dialog.getByText("27 ordered → 27").waitFor();
  await page.unroute("**/api/plan-slice*");
  await dialog.getByRole("button", { name: "Try again" }).click();
  await dialog.getByText("Nothing changes: every line stays as it is.").waitFor();
});

for (const view of Object.keys(VIEWS)) {
  test(`both dialogs are in order: ${view}`, async () => {
    const page = await whole.visit({ view });
    for (const open of [async () => openRule(whole, page, await unused()), async () => openCompanyProducts(whole, page, await mappedCompany())]) {
      const dialog = await open();
      const change = dialog.getByRole("button", { name: /^Change…/ });
      if (await change.count()) await change.first().click();
      await dialog.getByText("Nothing changes: every line stays as it is.").waitFor();
      assert.deepEqual(await findings(page), []);
      const overhang = await dialog.evaluate((element) => element.scrollWidth - element.clientWidth);
      assert.ok(overhang <= 0, `the dialog is ${overhang} px wider than the screen`);
    }
    assert.deepEqual(page.faults, []);
  });
}
