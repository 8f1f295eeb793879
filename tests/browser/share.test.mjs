// A share link: made on the companies page, opened by somebody without an account, with a code, printed, and revoked at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { install, until } from "./harness.mjs";

const CODE = "blue-4711";

let whole;
before(async () => {
  whole = await install({ companies: 20 });
});
after(() => whole?.close());

test("a link made for a company shows it to a stranger who knows the code, until it is revoked", async () => {
  const { items } = await whole.api("GET", "/api/companies?state=mapped&limit=500");
  const company = items.find(({ ordered }) => ordered > 0);
  const page = await whole.visit();
  await whole.open(page, `/companies?state=mapped&q=${encodeURIComponent(company.name)}`);
  await page.getByRole("button", { name: `Share ${company.name}`, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: `Share ${company.name}`, exact: true });
  await dialog.getByText("There is no link yet.").waitFor();
  await dialog.getByLabel("Access code, if you want one").fill(CODE);
  await dialog.getByRole("button", { name: "Make a link", exact: true }).click();
  const link = (await dialog.locator(".secret code").textContent()).trim();
  assert.match(link, /\/s#sbv_[\w-]{43}$/);

  const stranger = await whole.visit({ signedIn: false });
  const asked = [];
  stranger.on("request", (request) => asked.push(request.url()));
  await stranger.goto(link);
  await stranger.getByRole("heading", { name: "Enter the code" }).waitFor();
  assert.equal(await stranger.evaluate(() => location.href.includes("sbv_")), false, "the token leaves the address at once");
  await stranger.getByLabel("Code").fill("not-it");
  await stranger.getByRole("button", { name: "Open", exact: true }).click();
  await stranger.getByText("This is not the code.").waitFor();
  // A wrong code makes the link wait for a second before it takes the next.
  await until("the right code is taken", async () => {
    if ((await stranger.getByRole("heading", { name: company.name, exact: true }).count()) > 0) return true;
    const [field, open] = [stranger.getByLabel("Code"), stranger.getByRole("button", { name: "Open", exact: true })];
    if ((await field.count()) > 0 && (await open.isEnabled())) {
      await field.fill(CODE);
      await open.click();
    }
    return false;
  });
  await stranger.getByRole("heading", { name: /^Billed in / }).waitFor();
  await stranger.getByText(/^Where these numbers come from/).click();
  await stranger.locator(".visit-evidence tbody tr").first().waitFor();
  const text = await stranger.locator("main").innerText();
  for (const other of items.filter(({ name }) => !company.name.includes(name) && name !== company.name)) {
    assert.ok(!text.includes(other.name), other.name);
  }
  assert.ok(asked.every((url) => !url.includes("sbv_")), "no address that was asked for holds the token");
  const api = asked.map((url) => new URL(url).pathname).filter((path) => path.startsWith("/api/"));
  assert.ok(api.every((path) => path.startsWith("/api/share/")), `a visitor asks for nothing else: ${api}`);
  await stranger.emulateMedia({ media: "print" });
  assert.equal(await stranger.getByRole("button", { name: "Print" }).isVisible(), false);
  await stranger.emulateMedia({ media: "screen" });
  await stranger.reload();
  await stranger.getByRole("heading", { name: company.name, exact: true }).waitFor();

  await dialog.getByRole("button", { name: "Make another" }).click();
  await dialog.getByRole("button", { name: "Revoke…" }).click();
  await dialog.getByRole("button", { name: "Revoke, at once" }).click();
  await page.getByText("The link does not work any more.").waitFor();
  await stranger.reload();
  await stranger.getByRole("heading", { name: "This link does not work" }).waitFor();
  const told = await stranger.locator("main").innerText();
  await stranger.goto("about:blank");
  await stranger.goto(`${whole.url}/s#sbv_never-given-out`);
  await stranger.getByRole("heading", { name: "This link does not work" }).waitFor();
  assert.equal(await stranger.locator("main").innerText(), told, "whatever the reason");
  assert.deepEqual([...page.faults, ...stranger.faults], []);
});
