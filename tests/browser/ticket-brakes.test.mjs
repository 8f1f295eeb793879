// Brakes of tickets: what is asked before a rule is switched on, and what is said when a group loses its devices at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { VIEWS, findings, install, makeRule, until } from "./harness.mjs";

/** The group above all others in ESET PROTECT. */
const ALL = "00000000-0000-0000-7001-000000000001";

let whole;
let devices;
const groups = {};
before(async () => {
  whole = await install({ companies: 20 });
  const credentials = { kind: "connect", ...whole.vendors.credentials.connect };
  await whole.api("POST", "/api/connections", { name: "ESET Connect", address: whole.vendors.connect, credentials });
  devices = (await whole.control("GET", "/world/devices")).slice(0, 4).map(({ uuid }) => uuid);
  for (const name of ["Unprotected", "Outdated"]) {
    groups[name] = (await whole.control("POST", "/connect/groups", { name, parent: ALL })).uuid;
    await membership(name, "add");
  }
  await whole.pass("sync");
  for (const name of Object.keys(groups)) await makeRule(whole, { name, group: groups[name] });
});
after(() => whole?.close());

const membership = (name, verb) => whole.control("POST", `/connect/groups/${groups[name]}/${verb}`, { devices });
const open = async () =>
  (await whole.control("GET", "/world/tickets")).filter(({ externalXRef: mark, closedFlag: closed }) => mark?.startsWith("seatbridge:") && !closed);

test("a rule that is switched on asks about the devices in its group, and leaves them out", async () => {
  const page = await whole.visit();
  await whole.open(page, "/tickets/rules");
  await page.getByRole("switch", { name: "Open tickets for Unprotected" }).click();
  const dialog = page.getByRole("dialog", { name: "Switch on Unprotected" });
  await dialog.getByText("This group has 4 devices now.").waitFor();
  await dialog.getByText("Open 4 tickets now, or only for devices that enter from now on?").waitFor();
  assert.deepEqual(await findings(page), []);
  await dialog.getByRole("button", { name: "Only from now on" }).click();
  await page.getByText("1 rule is switched on.").waitFor();
  await page.getByText(/4 devices had been there/).waitFor();
  await whole.pass("tickets");
  assert.equal((await open()).length, 0);
  assert.deepEqual(page.faults, []);
});

test("or it opens a ticket for each of them", async () => {
  const page = await whole.visit();
  await whole.open(page, "/tickets/rules");
  await page.getByRole("switch", { name: "Open tickets for Outdated" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Open 4 tickets now" }).click();
  await page.getByText("1 rule is switched on.").waitFor();
  await whole.pass("tickets");
  await until("each device has its ticket", async () => (await open()).length === 4);
  assert.deepEqual(page.faults, []);
});

test("devices that leave at once close nothing before a person says that they are gone", async () => {
  await membership("Outdated", "remove");
  await whole.pass("tickets");
  await whole.pass("tickets");
  assert.equal((await open()).length, 4);
  for (const view of Object.keys(VIEWS)) {
    const page = await whole.visit({ view });
    for (const address of ["/", "/tickets", "/tickets/rules"]) {
      await whole.open(page, address);
      const notice = page.getByRole("group", { name: "Devices that left Outdated at once" });
      await notice.getByText("4 of 4 devices left the group at once.").waitFor();
      assert.deepEqual(await findings(page), [], address);
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overhang <= 0, `${address} is ${overhang} px wider than the screen`);
    }
    assert.deepEqual(page.faults, []);
  }
  const page = await whole.visit();
  await whole.open(page, "/tickets");
  await page.getByRole("button", { name: "Keep open: Outdated" }).click();
  await page.getByText("their tickets stay open until they show again.").waitFor();
  await page.getByRole("button", { name: "They are gone, close their tickets: Outdated" }).click();
  await page.getByText("Outdated: tickets of 4 devices are closed.").waitFor();
  await whole.pass("tickets");
  await until("their tickets are closed", async () => (await open()).length === 0);
  assert.deepEqual(page.faults, []);
});
