// Pictures of every page for the README: node tests/browser/screenshots.mjs [folder]. `cargo xtask screenshots` builds first.

import fs from "node:fs/promises";
import path from "node:path";
import process from "node:process";

import { PAGES, VIEWS, companyWithServers, install, openCompanyProducts, openRule } from "./harness.mjs";

const folder = path.resolve(process.argv[2] ?? "docs/screenshots");
await fs.mkdir(folder, { recursive: true });
const whole = await install({ companies: 60 });

/** Dialogs in the middle of an edit. */
const DIALOGS = {
  "product-rule": async (page) => {
    const products = await whole.api("GET", "/api/products");
    const dialog = await openRule(whole, page, products.find(({ mapping }) => mapping.state === "mapped"));
    await dialog.getByRole("radio", { name: "Activated" }).check();
    return dialog;
  },
  "company-products": async (page) => {
    const { items } = await whole.api("GET", "/api/companies?state=mapped&limit=500");
    const dialog = await openCompanyProducts(whole, page, items.find(({ complete, ordered }) => complete && ordered > 0));
    await dialog.getByRole("button", { name: /^Change…/ }).first().click();
    await dialog.getByRole("switch", { name: "Count and write it in its own way" }).check();
    await dialog.getByLabel("Minimum").fill("50");
    return dialog;
  },
};

try {
  await whole.stir();
  await whole.approveSome(3);
  for (const view of Object.keys(VIEWS)) {
    const page = await whole.visit({ view });
    for (const [name, address] of Object.entries(PAGES)) {
      await whole.open(page, address);
      if (name === "month") await selectSome(page);
      if (name === "month-held") await page.locator(".line .disclose").first().click();
      await page.screenshot({ path: path.join(folder, `${name}-${view}.png`) });
    }
    for (const [name, open] of Object.entries(DIALOGS)) {
      const dialog = await open(page);
      await dialog.locator(".preview-sum").filter({ hasText: /changes?:/ }).waitFor();
      await page.screenshot({ path: path.join(folder, `${name}-${view}.png`) });
    }
    await page.context().close();
  }
  const split = await connectGroups();
  for (const view of Object.keys(VIEWS)) {
    const page = await whole.visit({ view });
    const dialog = await openCompanyProducts(whole, page, split);
    await dialog.getByRole("combobox", { name: "Agreement of Servers" }).selectOption({ index: 1 });
    await dialog.locator(".preview-sum").filter({ hasText: /changes?:/ }).waitFor();
    await page.screenshot({ path: path.join(folder, `company-groups-${view}.png`) });
    await page.context().close();
  }
} finally {
  await whole.close();
}

/** Connects what shows device groups, and maps a company that can be split by them. */
async function connectGroups() {
  const credentials = { kind: "connect", ...whole.vendors.credentials.connect };
  await whole.api("POST", "/api/connections", { name: "ESET Connect", address: whole.vendors.connect, credentials });
  await whole.pass("sync");
  const { company, decision } = await companyWithServers(whole);
  const change = { connection: company.connection, company: company.company, decision };
  await whole.api("PUT", "/api/mappings/companies", { changes: [change] });
  await whole.pass("billing");
  return company;
}

/** The month as it looks in the middle of work: two lines picked, one open. */
async function selectSome(page) {
  const free = page.locator(".line input[type=checkbox]:not(:disabled)");
  for (const number of [1, 2]) if ((await free.count()) > number) await free.nth(number).check();
  const evidence = page.locator(".line .disclose");
  if (await evidence.count()) await evidence.first().click();
}
