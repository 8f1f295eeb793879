// Device groups: ESET Connect is connected on its page, and a company is split by one of its groups.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { VIEWS, companyWithServers, findings, install, openCompanyProducts, until } from "./harness.mjs";

let whole;
let split;
before(async () => {
  whole = await install({ companies: 60 });
});
after(() => whole?.close());

test("ESET Connect is connected by its region, tested and read", async () => {
  const page = await whole.visit();
  await whole.open(page, "/settings/connections");
  await page.getByRole("link", { name: "ESET Connect", exact: true }).click();
  await page.getByText("Where your ESET PROTECT console is: eu, de, us, ca or jpn.").waitFor();
  const { username, password } = whole.vendors.credentials.connect;
  await page.getByLabel("Region").fill("mars");
  await page.getByLabel("Login").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Only test" }).click();
  await page.getByText("This address cannot be used.").first().waitFor();
  await page.getByLabel("Region").fill(whole.vendors.connect);
  await page.getByRole("button", { name: "Only test" }).click();
  await page.getByRole("status").getByText("Everything that is needed works.").waitFor();
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByText("is saved").waitFor();
  await whole.pass("sync");
  assert.deepEqual(page.faults, []);
});

test("the devices of a group are shown when they are asked for", async () => {
  const page = await whole.visit();
  await whole.open(page, "/groups?q=Servers");
  const group = page.getByRole("button", { name: /^Devices in Servers/ }).first();
  await group.click();
  const devices = page.getByRole("list", { name: "Devices in Servers" }).first();
  await devices.getByRole("listitem").first().waitFor();
  assert.notEqual((await devices.getByRole("listitem").first().textContent()).trim(), "");
  assert.equal(await group.getAttribute("aria-expanded"), "true");
  assert.deepEqual(await findings(page), []);
  await group.click();
  await devices.waitFor({ state: "detached" });
  assert.deepEqual(page.faults, []);
});

test("a person says whose a company's group is, and takes it back", async () => {
  const page = await whole.visit();
  const [company, other] = (await whole.api("GET", "/api/companies?state=mapped")).items;
  await whole.open(page, `/groups?q=${encodeURIComponent(company.name)}`);
  const ask = page.getByRole("button", { name: `Whose is ${company.name}?`, exact: true });
  await ask.click();
  const dialog = page.getByRole("dialog", { name: `Whose is ${company.name}?` });
  await dialog.getByText(`It is ${company.name}’s now.`).waitFor();
  assert.deepEqual(await findings(page), []);
  await dialog.getByLabel("Find a company in ESET").fill(other.name);
  await dialog.getByRole("button", { name: `It is theirs: ${other.name}` }).click();
  await page.getByText(`${company.name}: ${other.name}’s from now on.`).waitFor();
  const row = page.locator(".group").filter({ has: ask });
  await row.getByText("said by").waitFor();
  await ask.click();
  await dialog.getByText(`It is ${other.name}’s now.`).waitFor();
  await dialog.getByRole("button", { name: "Let its id and name say" }).click();
  await row.getByText("said by").waitFor({ state: "detached" });
  assert.deepEqual(page.faults, []);
});

test("the form of a server of one's own says what can be reached and what cannot", async () => {
  const page = await whole.visit();
  await whole.open(page, "/settings/connections/new?kind=onprem");
  await page.getByText(/ERA 5 and 6 \(ports 2223 and 2226\) have no such API/).waitFor();
  const { username, password } = whole.vendors.credentials.protect;
  await page.getByLabel("Server address").fill(whole.vendors.protect);
  await page.getByLabel("Login").fill(username);
  await page.getByLabel("Password").fill(`${password} and more`);
  await page.getByRole("button", { name: "Only test" }).click();
  await page.getByText(/More > Settings > REST API is on/).waitFor();
});

test("a group is billed on another agreement: told at once, saved, and in the month with its devices", async () => {
  const { company, decision } = await companyWithServers(whole);
  split = company;
  const change = { connection: company.connection, company: company.company, decision };
  await whole.api("PUT", "/api/mappings/companies", { changes: [change] });
  await whole.pass("billing");
  const page = await whole.visit();
  const dialog = await openCompanyProducts(whole, page, company);
  const agreement = dialog.getByRole("combobox", { name: "Agreement of Servers" });
  await agreement.waitFor();
  await agreement.selectOption({ index: 1 });
  const sum = dialog.locator(".preview-sum").filter({ hasText: /line/ });
  await sum.first().waitFor();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  const row = page.locator(".pair", { has: page.getByText(company.name, { exact: true }) }).first();
  await row.getByText("1 group billed apart").waitFor();
  await until("a line of the group is planned", async () => {
    const { items } = await whole.api("GET", `/api/month?segment=all&limit=500`);
    return items.some(({ line }) => line.reason.includes("in use in Servers"));
  });
  const { items } = await whole.api("GET", `/api/month?segment=all&limit=500`);
  const { line } = items.find(({ line: { reason } }) => reason.includes("in use in Servers"));
  await whole.open(page, `/month?segment=all&q=${encodeURIComponent(line.company)}`);
  const shown = page.locator(".line", { hasText: "in use in Servers" }).first();
  await shown.waitFor();
  await shown.getByRole("button").first().click();
  await page.getByText(/^Group Servers: \d+ devices? with .*, billed here\./).waitFor();
  assert.deepEqual(page.faults, []);
});

for (const view of Object.keys(VIEWS)) {
  test(`the groups of a company are in order: ${view}`, async () => {
    const page = await whole.visit({ view });
    const dialog = await openCompanyProducts(whole, page, split);
    await dialog.getByRole("heading", { name: "Device groups billed apart" }).waitFor();
    assert.deepEqual(await findings(page), []);
    const overhang = await dialog.evaluate((element) => element.scrollWidth - element.clientWidth);
    assert.ok(overhang <= 0, `the dialog is ${overhang} px wider than the screen`);
    assert.deepEqual(page.faults, []);
  });
}
