// Pictures of every page for the README: node tests/browser/screenshots.mjs [folder]. `cargo xtask screenshots` builds first.

import fs from "node:fs/promises";
import path from "node:path";
import process from "node:process";

import { PAGES, VIEWS, install } from "./harness.mjs";

const folder = path.resolve(process.argv[2] ?? "docs/screenshots");
await fs.mkdir(folder, { recursive: true });
const whole = await install({ companies: 60 });
try {
  await whole.approveSome(3);
  for (const view of Object.keys(VIEWS)) {
    const page = await whole.visit({ view });
    for (const [name, address] of Object.entries(PAGES)) {
      await whole.open(page, address);
      if (name === "month") await selectSome(page);
      if (name === "month-held") await page.locator(".line .disclose").first().click();
      await page.screenshot({ path: path.join(folder, `${name}-${view}.png`) });
    }
    await page.context().close();
  }
} finally {
  await whole.close();
}

/** The month as it looks in the middle of work: two lines picked, one open. */
async function selectSome(page) {
  const free = page.locator(".line input[type=checkbox]:not(:disabled)");
  for (const number of [1, 2]) if ((await free.count()) > number) await free.nth(number).check();
  const evidence = page.locator(".line .disclose");
  if (await evidence.count()) await evidence.first().click();
}
