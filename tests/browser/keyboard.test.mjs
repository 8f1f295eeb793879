// The month without a mouse.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { install } from "./harness.mjs";

let whole;
before(async () => {
  whole = await install();
});
after(() => whole?.close());

test("lines are walked, opened, selected, held and released by keys", async () => {
  const page = await whole.visit();
  await whole.open(page, "/month");
  await page.keyboard.press("j");
  assert.equal(await page.locator(".line.current").count(), 1);
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  assert.equal(await page.locator(".line").first().evaluate((line) => line.classList.contains("current")), true);

  await page.keyboard.press("Enter");
  await page.getByText("How the number came about").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("How the number came about").waitFor({ state: "detached" });

  await page.locator(".line:has(input:not(:disabled)) .disclose").first().focus();
  await page.keyboard.press("x");
  await page.getByText(/^Approve 1 change/).waitFor();
  await page.keyboard.press("Escape");
  await page.getByText(/^Approve 1 change/).waitFor({ state: "detached" });

  await page.keyboard.press("h");
  await page.getByRole("dialog").getByLabel("Why").fill("Ask the customer first");
  await page.getByRole("dialog").getByRole("button", { name: "Hold" }).click();
  await page.getByText("1 line held.").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("1 line released.").waitFor();
  assert.deepEqual(page.faults, []);
});

test("the filter takes letters, not commands", async () => {
  const page = await whole.visit();
  await whole.open(page, "/month?segment=all");
  await page.keyboard.press("/");
  await page.keyboard.type("ax");
  assert.equal(await page.locator("#filter").inputValue(), "ax");
  await page.waitForURL(/q=ax/);
  assert.equal(await page.locator(".selection-bar").count(), 0);
});

test("? shows every key, and Escape puts the list away", async () => {
  const page = await whole.visit();
  await whole.open(page, "/month");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });
});
