// Pictures of every page for the README: node tests/browser/screenshots.mjs [folder]. `cargo xtask screenshots` builds first.

import fs from "node:fs/promises";
import path from "node:path";
import process from "node:process";

import { PAGES, VIEWS, companyWithServers, install, makeRule, openCompanyProducts, openRule } from "./harness.mjs";
import { Passkey } from "./passkey.mjs";

const folder = path.resolve(process.argv[2] ?? "docs/screenshots");
await fs.mkdir(folder, { recursive: true });
const whole = await install({ companies: 60 });

/** Pages that show something only once a console is connected and a rule has opened tickets. */
const ABOUT_TICKETS = /^(tickets|ticket-|new-ticket|groups)/;
const TICKETS = Object.entries(PAGES).filter(([name]) => ABOUT_TICKETS.test(name));
const OTHERS = Object.entries(PAGES).filter(([name]) => !ABOUT_TICKETS.test(name));

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
  const invited = await inviteSome();
  for (const view of Object.keys(VIEWS)) {
    const page = await whole.visit({ view, signedIn: false });
    for (const [name, address] of [["sign-in", "/sign-in"], ["welcome", `/welcome#${invited}`]]) {
      await page.goto(whole.url + address);
      await page.getByRole("button", { name: /passkey$/ }).waitFor();
      await page.screenshot({ path: path.join(folder, `${name}-${view}.png`) });
    }
    await page.context().close();
  }
  for (const view of Object.keys(VIEWS)) {
    const page = await whole.visit({ view });
    for (const [name, address] of OTHERS) {
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
  const rule = await openTickets();
  for (const view of Object.keys(VIEWS)) {
    const page = await whole.visit({ view });
    for (const [name, address] of [...TICKETS, ["ticket-rule", `/tickets/rules/${rule.id}`]]) {
      await whole.open(page, address);
      if (name === "tickets") {
        await page.locator(".records .disclose").first().click();
        await page.locator(".timeline li").first().waitFor();
      }
      if (name === "ticket-rule") await page.locator(".sample-summary").waitFor();
      if (name === "groups") await page.locator(".tree .tree .disclose").first().click();
      await page.screenshot({ path: path.join(folder, `${name}-${view}.png`) });
    }
    const dialog = await openCompanyProducts(whole, page, split);
    await dialog.getByRole("combobox", { name: "Agreement of Servers" }).selectOption({ index: 1 });
    await dialog.locator(".preview-sum").filter({ hasText: /changes?:/ }).waitFor();
    await page.screenshot({ path: path.join(folder, `company-groups-${view}.png`) });
    await page.context().close();
  }
} finally {
  await whole.close();
}

/** Invites some people, one of whom has come in; answers the token of another's link. */
async function inviteSome() {
  const cookie = await whole.session();
  const invite = async (name, role) => (await whole.call({ cookie }, "POST", "/api/people", { name, role })).answer.token;
  const token = await invite("Grace", "technician");
  const { answer } = await whole.call({}, "POST", "/api/invitations/open", { token });
  const passkey = new Passkey(whole.url).make(answer.passkey, "Security key");
  await whole.call({}, "POST", "/api/invitations/accept", { token, passkey });
  await invite("Joan", "viewer");
  return invite("Mary", "billing");
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

/** Opens tickets for some devices that need someone, one of which is all right again. */
async function openTickets() {
  const groups = await whole.control("GET", "/world/device_groups");
  const company = groups.find(({ name }) => name === "Servers").parent;
  const group = await whole.control("POST", "/connect/groups", { name: "Protection is off", parent: company, dynamic: true });
  await whole.pass("sync");
  const summary = "{device}: protection is off";
  const text = "{device} of {company} has not been protected since {entered}.\n\nSystem: {system}\nAddress: {address}";
  const rule = await makeRule(whole, { name: "Protection is off", group: group.uuid, enabled: true, summary, text });
  const devices = (await whole.control("GET", "/world/devices")).slice(0, 6).map(({ uuid }) => uuid);
  await whole.control("POST", `/connect/groups/${group.uuid}/add`, { devices });
  await whole.pass("tickets");
  await whole.control("POST", `/connect/groups/${group.uuid}/remove`, { devices: devices.slice(0, 2) });
  await whole.pass("tickets");
  const [from, until] = [0, 2].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
  const silence = { scope: { of: "rule", rule: rule.id }, silence: { kind: "muted", from, until }, reason: "The console is being moved to a new server" };
  await whole.api("POST", "/api/silences", silence);
  return rule;
}

/** The month as it looks in the middle of work: two lines picked, one open. */
async function selectSome(page) {
  const free = page.locator(".line input[type=checkbox]:not(:disabled)");
  for (const number of [1, 2]) if ((await free.count()) > number) await free.nth(number).check();
  const evidence = page.locator(".line .disclose");
  if (await evidence.count()) await evidence.first().click();
}
