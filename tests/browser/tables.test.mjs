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
