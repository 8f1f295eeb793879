// Company mappings as a table: taken away, and an edited one taken in, as a whole or not at all.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings, install, settled } from "./harness.mjs";

let whole;
before(async () => {
  whole = await install();
});
after(() => whole?.close());

const file = (text) => ({ name: "companies.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

async function openImport() {
  const page = await whole.visit();
  await whole.open(page, "/companies?state=mapped");
  await page.getByRole("button", { name: "Import…" }).click();
  return { page, dialog: page.getByRole("dialog", { name: "Import company mappings" }) };
}

test("a table is looked at first, says which cells are wrong, and is taken in when none is", async () => {
  const { items } = await whole.api("GET", "/api/companies?state=mapped&limit=500");
  const [first, second] = items;
  const { page, dialog } = await openImport();
  const take = dialog.getByRole("button", { name: /^Take in/ });
  assert.ok(await take.isDisabled(), "nothing is chosen yet");

  const header = "connection;company;decision;psa;agreement;automatic;reason";
  const left_out = `${first.connection};${first.company};exclude;;;;"Own company; never billed"`;
  await dialog.getByLabel("Choose a CSV file").setInputFiles(file(`${header}\n${left_out}\n${second.connection};${second.company};remove;;;;\n`));
  await dialog.getByText("2 rows, 1 cell to mend. Nothing is taken in until all rows can be.").waitFor();
  const wrong = dialog.getByRole("row").filter({ hasText: "decision" }).last();
  assert.match(await wrong.textContent(), /^3decision/);
  assert.ok(await take.isDisabled());
  await settled(page);
  assert.deepEqual(await findings(page), []);

  await dialog.getByLabel("Choose a CSV file").setInputFiles(file(`${header}\n${left_out}\n`));
  await dialog.getByText("1 row: 1 decision would change.").waitFor();
  const before = await whole.api("GET", "/api/companies?state=excluded&limit=500");
  assert.ok(!before.items.some(({ company }) => company === first.company), "looking stores nothing");
  await take.click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByText("1 decision taken in. Lines are planned anew.").waitFor();
  const after = await whole.api("GET", "/api/companies?state=excluded&limit=500");
  assert.equal(after.items.find(({ company }) => company === first.company).mapping.exclusion.reason, "Own company; never billed");
  assert.deepEqual(page.faults, []);
});

test("the page's own table changes nothing, and what is no table says so", async () => {
  const { page, dialog } = await openImport();
  const [table] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "CSV" }).evaluate((link) => link.click()),
  ]);
  const choose = dialog.getByLabel("Choose a CSV file");
  await choose.setInputFiles(await table.path());
  await dialog.getByText(/^\d+ rows: all as decided already\. There is nothing to take in\.$/).waitFor();
  await choose.setInputFiles({ name: "photo.png", mimeType: "image/png", buffer: Buffer.from([137, 80, 78, 71, 0, 255]) });
  await dialog.getByRole("row").nth(1).waitFor();
  assert.ok(await dialog.getByRole("button", { name: "Take in" }).isDisabled());
  assert.deepEqual(page.faults, []);
});

test("a wrong column in every row is told a hundred times at most", async () => {
  const { items } = await whole.api("GET", "/api/companies?state=mapped&limit=500");
  const { page, dialog } = await openImport();
  const rows = Array.from({ length: 103 }, () => `${items[0].connection};${items[0].company};remove`);
  await dialog.getByLabel("Choose a CSV file").setInputFiles(file(`connection;company;decision\n${rows.join("\n")}\n`));
  await dialog.getByText("103 rows, 103 cells to mend.").waitFor();
  assert.equal(await dialog.locator("tbody tr").count(), 100);
  await dialog.getByText("and 3 more").waitFor();
  assert.deepEqual(page.faults, []);
});

test("what is refused or cannot be read says so, and the next file is looked at anew", async () => {
  const { page, dialog } = await openImport();
  const choose = dialog.getByLabel("Choose a CSV file");
  const problem = { type: "/problems/too_large", status: 413, code: "too_large", title: "The table is too large.", detail: "", remedy: "Split it." };
  await page.route("**/api/mappings/companies/import", (route) =>
    route.fulfill({ status: 413, contentType: "application/problem+json", body: JSON.stringify(problem) }), { times: 1 });
  await choose.setInputFiles(file("connection;company;decision\n"));
  await dialog.getByText("The table is too large.").waitFor();
  assert.ok(await dialog.getByRole("button", { name: "Take in" }).isDisabled());

  // The next file is gone when it is to be read, the one after it is not.
  await page.evaluate(() => {
    const text = Blob.prototype.text;
    Blob.prototype.text = () => {
      Blob.prototype.text = text;
      return Promise.reject(new DOMException("gone", "NotReadableError"));
    };
  });
  await choose.setInputFiles(file("connection;company;decision\n"));
  await dialog.getByText("The file cannot be read.").waitFor();
  assert.equal(await dialog.getByText("The table is too large.").count(), 0);
  await choose.setInputFiles(file("connection;company;decision\n"));
  await dialog.getByText("0 rows: all as decided already.").waitFor();
  assert.equal(await dialog.getByText("The file cannot be read.").count(), 0);

  const { items } = await whole.api("GET", "/api/companies?state=mapped&limit=500");
  await choose.setInputFiles(file(`connection;company;decision;reason\n${items[0].connection};${items[0].company};exclude;left us\n`));
  const take = dialog.getByRole("button", { name: "Take in 1 decision" });
  await take.waitFor();
  const changed = { ...problem, type: "/problems/changed", status: 409, code: "changed", title: "Somebody else changed the mappings." };
  await page.route("**/api/mappings/companies/import", (route) =>
    route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify(changed) }), { times: 1 });
  await take.click();
  await dialog.getByText("Somebody else changed the mappings.").waitFor();
  await take.click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByText("1 decision taken in. Lines are planned anew.").waitFor();
});
