// Tickets: a rule is made, switched on and opens a ticket, which is closed in ConnectWise and opened again; silences, groups,
// many rules at once, and a place that is gone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { VIEWS, findings, install, makeRule, until } from "./harness.mjs";

/** The group above all others in ESET PROTECT. */
const ALL = "00000000-0000-0000-7001-000000000001";

let whole;
let group;
let device;
before(async () => {
  whole = await install({ companies: 20 });
  const credentials = { kind: "connect", ...whole.vendors.credentials.connect };
  await whole.api("POST", "/api/connections", { name: "ESET Connect", address: whole.vendors.connect, credentials });
  group = (await whole.control("POST", "/connect/groups", { name: "Not <b>protected</b>", parent: ALL })).uuid;
  device = (await whole.control("GET", "/world/devices"))[0];
  await whole.pass("sync");
});
after(() => whole?.close());

const membership = (verb, ...devices) => whole.control("POST", `/connect/groups/${group}/${verb}`, { devices });
const ours = async () => (await whole.control("GET", "/world/tickets")).filter((ticket) => ticket.externalXRef?.startsWith("seatbridge:"));

test("a rule is made with the choices its board offers, shows its exact ticket, and is off", async () => {
  const page = await whole.visit();
  await whole.open(page, "/tickets");
  await page.getByText("No rule opens tickets yet.").first().waitFor();
  await page.getByRole("link", { name: "Make the first rule" }).click();
  await page.getByRole("button", { name: "Save, switched off" }).click();
  await page.getByText("Say in a few words what the rule is for.").first().waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Not protected");
  assert.equal(await page.getByLabel("Board", { exact: true }).isDisabled(), true, "no board before a ConnectWise is chosen");
  await page.getByLabel("Console").selectOption({ label: "ESET Connect" });
  await page.getByLabel("Find a group or company").fill("<b>protected");
  await page.getByLabel("Group", { exact: true }).selectOption(group);
  await page.getByLabel("ConnectWise", { exact: true }).selectOption({ label: "ConnectWise" });
  const board = page.getByLabel("Board", { exact: true });
  await page.waitForFunction(() => document.getElementById("target.board").options.length > 1);
  await board.selectOption({ index: 1 });
  await page.waitForFunction(() => document.getElementById("target.closed_status").value !== "");
  const before = await page.getByLabel("Status of new tickets").inputValue();
  await board.selectOption({ index: 2 });
  await page.waitForFunction((before) => {
    const status = document.getElementById("target.open_status").value;
    return status !== "" && status !== before;
  }, before);
  await page.getByRole("button", { name: "Choose a company", exact: true }).click();
  await page.getByRole("button", { name: /^Choose (?!a|another)/ }).first().click();
  await page.getByLabel("Minutes before it is opened").fill("0");
  await page.getByLabel("Minutes before it is closed").fill("0");
  await page.getByLabel("Summary").fill("{devise} needs a look");
  await page.getByText("The summary names a field there is none of.").first().waitFor();
  await page.getByLabel("Summary").fill("{device} needs a look");
  await page.locator(".sample-summary").getByText("needs a look").waitFor();
  assert.match(await page.locator(".sample-text").innerText(), /Not ‹b›protected‹\/b›/, "HTML of a name is no HTML in ConnectWise");
  await page.getByRole("button", { name: "Save, switched off" }).click();
  await page.getByText("Not protected is saved. It is switched off.").waitFor();
  await page.getByRole("listitem").filter({ hasText: "Not protected" }).getByText("Off", { exact: true }).first().waitFor();
  assert.deepEqual(page.faults, []);
});

test("a device that enters has one ticket; closed in ConnectWise it stays closed until the device enters anew", async () => {
  const page = await whole.visit();
  await whole.open(page, "/tickets/rules");
  await page.getByRole("switch", { name: "Open tickets for Not protected" }).click();
  await page.getByText("1 rule is switched on.").waitFor();
  await membership("add", device.uuid);
  await whole.open(page, "/tickets");
  await page.getByRole("button", { name: "Look now" }).click();
  const row = page.getByRole("listitem").filter({ hasText: device.name });
  await row.getByText("Open", { exact: true }).waitFor();
  const [ticket] = await ours();
  const way = await row.getByRole("link", { name: `Ticket ${ticket.id} in ConnectWise` }).getAttribute("href");
  assert.ok(way.startsWith(whole.vendors.connectwise) && way.endsWith(`service_recid=${ticket.id}`), way);
  await row.getByRole("link", { name: "Open ESET PROTECT" }).waitFor();
  await row.getByRole("button", { name: `Timeline of ${device.name}` }).click();
  await row.getByRole("list").getByText("Ticket opened").waitFor();

  const psa = await page.context().newPage();
  await psa.goto(way);
  await psa.getByRole("button", { name: "Close ticket" }).click();
  await psa.getByRole("button", { name: "Open again" }).waitFor();
  await whole.pass("tickets");
  await whole.pass("tickets");
  await whole.open(page, "/tickets?state=closed");
  await page.getByRole("listitem").filter({ hasText: device.name }).getByText("Closed in ConnectWise").waitFor();
  assert.equal((await ours()).filter(({ closedFlag: closed }) => !closed).length, 0, "what a person closed stays closed");

  await membership("remove", device.uuid);
  // That nobody is left is believed when it is answered twice.
  await whole.pass("tickets");
  await whole.pass("tickets");
  await membership("add", device.uuid);
  await whole.pass("tickets");
  await until("the ticket is open again", async () => (await ours()).some(({ closedFlag: closed }) => !closed));
  assert.equal((await ours()).length, 1, "it is the same one");
  await whole.open(page, `/tickets?state=log&q=${device.name}`);
  await page.getByText("Opened again").first().waitFor();
  assert.deepEqual(page.faults, []);
});

test("many rules are changed at once, and a test ticket says that it is one", async () => {
  const page = await whole.visit();
  await makeRule(whole, { name: "Needs a restart", group });
  await whole.open(page, "/tickets/rules");
  for (const name of ["Not protected", "Needs a restart"]) await page.getByRole("checkbox", { name: `Select ${name}` }).check();
  await page.getByRole("region", { name: "Selected rules" }).getByRole("button", { name: "Change…" }).click();
  const dialog = page.getByRole("dialog", { name: "Change 2 rules" });
  await dialog.getByRole("button", { name: "Change them" }).click();
  await dialog.getByText(/Change something first/).waitFor();
  await dialog.getByLabel("Tickets in one pass").fill("500");
  await dialog.getByRole("button", { name: "Change them" }).click();
  await dialog.getByText(/A pass opens at most 100 tickets of a rule/).waitFor();
  await dialog.getByLabel("Tickets in one pass").fill("7");
  await dialog.getByRole("button", { name: "Change them" }).click();
  await page.getByText("2 rules are changed.").waitFor();
  const rules = await whole.api("GET", "/api/ticket-rules");
  assert.deepEqual(rules.map(({ rule }) => rule.cap), [7, 7]);

  // Another board, with what stands under it, and other words.
  for (const name of ["Not protected", "Needs a restart"]) await page.getByRole("checkbox", { name: `Select ${name}` }).check();
  await page.getByRole("region", { name: "Selected rules" }).getByRole("button", { name: "Change…" }).click();
  const board = dialog.getByLabel("Board", { exact: true });
  await page.waitForFunction(() => document.getElementById("target.board")?.options.length > 2);
  assert.equal(await dialog.getByLabel("Type", { exact: true }).count(), 0, "a type belongs to a board");
  const before = rules[0].rule.target.board;
  const boards = await board.locator("option").evaluateAll((options) => options.map(({ value }) => value).filter(Boolean));
  const other = boards.find((id) => Number(id) !== before);
  await board.selectOption(other);
  await page.waitForFunction(() => document.getElementById("target.closed_status")?.value);
  const kinds = await dialog.getByLabel("Type", { exact: true }).locator("option").evaluateAll((options) => options.map(({ value }) => value));
  await dialog.getByLabel("Type", { exact: true }).selectOption(kinds[1]);
  await dialog.getByLabel("Summary").fill("{nothing} needs somebody");
  await dialog.getByRole("button", { name: "Change them" }).click();
  await page.locator("#summary[aria-invalid=true]").waitFor();
  await dialog.getByLabel("Summary").fill("{device} needs somebody");
  await dialog.getByRole("button", { name: "Change them" }).click();
  await dialog.waitFor({ state: "hidden" });
  const moved = (await whole.api("GET", "/api/ticket-rules")).map(({ rule }) => rule);
  for (const { target, summary, cap } of moved) {
    assert.deepEqual([target.board, target.kind, summary, cap], [Number(other), Number(kinds[1]), "{device} needs somebody", 7]);
    assert.equal(target.subtype, null, "what stood under the board before is gone");
  }

  await page.getByRole("button", { name: "Test ticket: Needs a restart" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Open a test ticket" }).click();
  await page.getByText("a test ticket is opened").waitFor();
  await until("ConnectWise has it", async () => (await ours()).some(({ summary }) => summary.startsWith("Test:")));
  assert.deepEqual(page.faults, []);
});

test("a mute needs a reason and an end within 90 days, is seen, and ends", async () => {
  const page = await whole.visit();
  await whole.open(page, "/tickets/rules");
  await page.getByRole("button", { name: "Mute…" }).click();
  const dialog = page.getByRole("dialog", { name: "Mute" });
  await dialog.getByLabel("Rule", { exact: true }).selectOption({ label: "Needs a restart" });
  const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);
  await dialog.getByLabel("Until", { exact: true }).fill(inDays(120));
  await dialog.getByLabel("Why", { exact: true }).fill("The office moves");
  await dialog.getByRole("button", { name: "Mute" }).click();
  await dialog.getByText(/90 days/).first().waitFor();
  await dialog.getByLabel("Until", { exact: true }).fill(inDays(3));
  await dialog.getByRole("button", { name: "Mute" }).click();
  await page.getByText("It is muted.").waitFor();
  const quiet = page.getByRole("list", { name: "Mutes and maintenance windows" });
  await quiet.getByText("The office moves").waitFor();
  await quiet.getByText("Muted now").waitFor();
  await quiet.getByRole("button", { name: "End now: The office moves" }).click();
  await page.getByText("Nothing is muted.").waitFor();
  assert.deepEqual(page.faults, []);
});

test("a maintenance window keeps to the clocks of a time zone, the browser's unless another is chosen", async () => {
  const page = await whole.visit();
  await whole.open(page, "/tickets/rules");
  await page.getByRole("button", { name: "Mute…" }).click();
  const dialog = page.getByRole("dialog", { name: "Mute" });
  await dialog.getByLabel("Rule", { exact: true }).selectOption({ label: "Needs a restart" });
  await dialog.getByText("Every week").click();
  await dialog.getByLabel("Why", { exact: true }).fill("Patch night");
  await dialog.getByRole("button", { name: "Mute" }).click();
  await dialog.getByText("Choose the days on which it begins.").waitFor();
  await dialog.getByLabel("Tuesday").check();
  const zone = dialog.getByLabel("Time zone");
  assert.equal(await zone.inputValue(), await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone));
  await zone.fill("Atlantis");
  await dialog.getByRole("button", { name: "Mute" }).click();
  await dialog.getByText(/There is no such time zone/).waitFor();
  await zone.fill("Europe/Berlin");
  await dialog.getByRole("button", { name: "Mute" }).click();
  const quiet = page.getByRole("list", { name: "Mutes and maintenance windows" });
  await quiet.getByText("Tue from 22:00 (Europe/Berlin) for 4 h").waitFor();
  await quiet.getByText("Rule Needs a restart").waitFor();
  await quiet.getByRole("button", { name: "End now: Patch night" }).click();
  await page.getByText("Nothing is muted.").waitFor();
  assert.deepEqual(page.faults, []);
});

test("groups are shown in their tree with members, owner and who watches them", async () => {
  const page = await whole.visit();
  await whole.open(page, "/groups");
  const tree = page.getByRole("list", { name: "Groups of ESET Connect" });
  const watched = tree.getByRole("listitem").filter({ hasText: "Not <b>protected</b>" }).last();
  await watched.getByText("Dynamic").waitFor();
  await watched.getByRole("link", { name: /^Not protected: 1 device$/ }).waitFor();
  await page.getByLabel("Filter by group or company").fill("servers");
  await page.getByRole("list", { name: "Groups that fit" }).getByText("› Servers").first().waitFor();
  await page.getByRole("list", { name: "Groups that fit" }).getByText(/ in ConnectWise$/).first().waitFor();
  await page.getByLabel("Filter by group or company").fill("no such group at all");
  await page.getByText("No group here fits the filter.").waitFor();
  assert.deepEqual(page.faults, []);
});

for (const view of Object.keys(VIEWS)) {
  test(`rules, tickets, groups and the form are in order: ${view}`, async () => {
    const page = await whole.visit({ view });
    const [{ rule }] = await whole.api("GET", "/api/ticket-rules");
    for (const address of ["/tickets", "/tickets?state=log", "/tickets/rules", `/tickets/rules/${rule.id}`, "/groups"]) {
      await whole.open(page, address);
      assert.deepEqual(await findings(page), [], address);
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overhang <= 0, `${address} is ${overhang} px wider than the screen`);
    }
    assert.deepEqual(page.faults, []);
  });
}

test("a board that is gone pauses its rule, which says so, and a rule is deleted with what that leaves", async () => {
  const [{ rule }] = (await whole.api("GET", "/api/ticket-rules")).filter(({ rule }) => rule.name === "Not protected");
  await whole.control("POST", `/boards/${rule.target.board}/deactivate`);
  await membership("add", (await whole.control("GET", "/world/devices"))[1].uuid);
  await whole.pass("tickets");
  const page = await whole.visit();
  await whole.open(page, "/tickets/rules");
  const row = page.getByRole("listitem").filter({ hasText: "Not protected" }).first();
  await row.getByText("Paused").waitFor();
  await row.getByText(/board/i).first().waitFor();
  await whole.control("POST", `/boards/${rule.target.board}/activate`);
  await whole.pass("tickets");
  await until("the second device has its ticket", async () => (await ours()).filter(({ closedFlag: closed }) => !closed).length >= 2);
  await page.getByRole("button", { name: "Delete: Not protected" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^Delete, and leave \d+ open tickets? to people$/ }).click();
  await page.getByText("Not protected is deleted.").waitFor();
  await whole.open(page, "/tickets?state=log");
  await page.getByText("Rule deleted").first().waitFor();
  assert.deepEqual(page.faults, []);
});
