// From nothing to a line that ConnectWise has, as a newcomer does it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { install, settled, until } from "./harness.mjs";

let whole;
before(async () => {
  whole = await install({ ready: false });
});
after(() => whole?.close());

test("a newcomer connects both vendors, maps, and approves a line that reaches ConnectWise once", async () => {
  const page = await whole.visit();
  assert.equal(new URL(page.url()).pathname, "/settings/connections", "nothing is connected, so this is where to begin");

  await connect(page, "ema2");
  await connect(page, "connectwise");
  await page.getByRole("button", { name: "How fresh the numbers are" }).click();
  const detail = page.locator("#freshness-detail");
  if (await detail.getByRole("button", { name: "Sync now" }).isEnabled()) await detail.getByRole("button", { name: "Sync now" }).click();
  await until("both vendors are read", async () => {
    const { vendors, running } = await whole.api("GET", "/api/overview");
    return running.length === 0 && vendors.length === 2 && vendors.every(({ freshness }) => freshness.read_at);
  });

  await whole.open(page, "/companies");
  await page.getByRole("button", { name: /^Accept \d+ sure suggestion/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^Map \d+ compan/ }).click();
  await page.getByText(/\d+ compan(y|ies) mapped\./).waitFor();

  await whole.open(page, "/products");
  const accept = page.getByRole("button", { name: /^Accept: bill/ });
  for (let left = await accept.count(); left > 0; left = await accept.count()) {
    await accept.first().click();
    await until("the product is mapped", async () => (await accept.count()) < left);
  }
  const products = await whole.api("GET", "/api/products");
  assert.ok(products.some(({ mapping }) => mapping.state === "mapped"));

  await whole.pass("billing");
  await whole.open(page, "/month");
  await page.getByText(/lines? changes?, [+−0-9]/).first().waitFor();
  const before = (await whole.control("GET", "/effects")).length;
  await page.locator(".line input[type=checkbox]:not(:disabled)").first().check();
  await page.getByText(/^Approve 1 change on 1 agreement, [+−]\d+ seats?/).waitFor();
  await page.getByRole("button", { name: "Approve 1", exact: true }).click();
  await page.getByText("1 change approved.").waitFor();
  await until("ConnectWise has it", async () => (await whole.api("GET", "/api/overview")).month.done === 1);

  await whole.open(page, "/month?segment=done");
  await page.locator(".line .disclose").first().click();
  await page.locator(".evidence").getByText("Written").first().waitFor();
  await page.getByText("Licences behind it").waitFor();
  const effects = (await whole.control("GET", "/effects")).slice(before);
  assert.equal(effects.length, 1, `one change was approved: ${JSON.stringify(effects)}`);
  assert.deepEqual(page.faults, []);
});

async function connect(page, kind) {
  await whole.open(page, `/settings/connections/new?kind=${kind}`);
  await page.fill("#name", kind);
  await page.fill("#address", whole.vendors[kind]);
  for (const [field, value] of Object.entries(whole.vendors.credentials[kind])) await page.fill(`#${field}`, value);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.waitForURL((address) => address.pathname === "/settings/connections");
  await settled(page);
  await page.getByRole("heading", { name: kind, exact: true }).waitFor();
}
