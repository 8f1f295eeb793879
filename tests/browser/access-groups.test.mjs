// Access groups, as people use them: one is made and filled, somebody is invited to see it, and sees nothing else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findings, install, settled } from "./harness.mjs";
import { authenticator } from "./passkey.mjs";

let whole;
before(async () => {
  whole = await install();
});
after(() => whole?.close());

const pages = (page) => page.getByRole("navigation", { name: "Pages" });
const row = (page, table, name) => page.getByRole("table", { name: table }).getByRole("row").filter({ hasText: name });

test("a group is made, filled and given to somebody, who sees its companies and no others", async () => {
  const admin = await whole.visit();
  await whole.open(admin, "/settings/groups");
  await admin.getByText("Everybody sees every company.").waitFor();
  assert.deepEqual(await findings(admin), []);

  await admin.getByRole("button", { name: "New group" }).click();
  const naming = admin.getByRole("dialog", { name: "New access group" });
  await naming.getByLabel("Name").fill("London");
  assert.deepEqual(await findings(admin), []);
  await naming.getByRole("button", { name: "Save" }).click();
  await row(admin, "Access groups", "London").getByText("nobody").waitFor();

  const companies = admin.getByRole("table", { name: "Companies and their groups" });
  await companies.getByRole("checkbox").first().waitFor();
  const names = await companies.locator("tbody label").allInnerTexts();
  assert.ok(names.length > 2, `${names.length} companies`);
  const [own, other] = names;
  await companies.getByRole("checkbox", { name: own, exact: true }).check();
  await admin.getByLabel("Group to put companies into").selectOption({ label: "London" });
  await admin.getByRole("button", { name: "Put 1 company into London" }).click();
  await row(admin, "Companies and their groups", own).getByText("London").waitFor();
  await row(admin, "Access groups", "London").getByText("1 company").waitFor();
  assert.deepEqual(await findings(admin), []);

  await whole.open(admin, "/settings/people");
  await admin.getByRole("button", { name: "Invite somebody" }).click();
  const inviting = admin.getByRole("dialog", { name: "Invite somebody" });
  await inviting.getByLabel("Name").fill("John");
  await inviting.getByRole("radio", { name: "Technician" }).check();
  await inviting.getByRole("radio", { name: "Only the companies of" }).check();
  assert.ok(await inviting.getByRole("button", { name: "Make a link" }).isDisabled(), "somebody sees something");
  await inviting.getByRole("checkbox", { name: "London" }).check();
  assert.deepEqual(await findings(admin), []);
  await inviting.getByRole("button", { name: "Make a link" }).click();
  const shown = admin.getByRole("dialog", { name: "Link for John" });
  const link = await shown.locator(".secret").innerText();
  await shown.getByRole("button", { name: "Close" }).click();
  await row(admin, "People", "John").getByText("London").waitFor();

  const page = await whole.visit({ signedIn: false });
  await authenticator(page);
  await page.goto(link);
  await page.getByRole("button", { name: "Create a passkey" }).click();
  await pages(page).waitFor();
  await whole.open(page, "/companies?state=all");
  await settled(page);
  assert.equal(await page.locator(".pair").count(), 1);
  await page.locator(".pair").filter({ hasText: own }).waitFor();
  assert.equal(await page.getByText(other, { exact: true }).count(), 0);
  assert.deepEqual(await findings(page), []);
  await whole.open(page, "/settings/account");
  await page.getByText("You see the companies of London.").waitFor();
  const parts = await page.getByRole("navigation", { name: "Settings" }).getByRole("link").allInnerTexts();
  assert.deepEqual(parts, ["Connections", "Limits", "Your account", "About"]);
  await whole.open(page, "/history?show=events");
  assert.deepEqual(await page.getByRole("navigation", { name: "Parts of the history" }).getByRole("link").allInnerTexts(), ["Approved changes"]);
  await page.getByText("You see what is about companies of London alone.").waitFor();
  assert.deepEqual(await findings(page), []);
  await whole.open(page, "/tickets");
  assert.deepEqual(await page.getByRole("navigation", { name: "Ticket automation" }).getByRole("link").allInnerTexts(), ["Tickets", "Groups"]);
  assert.deepEqual([...admin.faults, ...page.faults], []);
});
