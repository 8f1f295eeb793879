// Coming in and being shut out, as people do it: one-time links, passkeys, roles, sessions.

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
const signInButton = (page) => page.getByRole("button", { name: "Sign in with a passkey" });

/** A browser nobody was ever signed in with, and an authenticator of its own. */
async function stranger() {
  const page = await whole.visit({ signedIn: false });
  return { page, device: await authenticator(page) };
}

/** Invites somebody on the screen; answers the link. */
async function invite(page, name, role) {
  await whole.open(page, "/settings/people");
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite somebody" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("radio", { name: role }).check();
  assert.deepEqual(await findings(page), []);
  await dialog.getByRole("button", { name: "Make a link" }).click();
  return takeLink(page, name);
}

async function takeLink(page, name) {
  const shown = page.getByRole("dialog", { name: `Link for ${name}` });
  const link = await shown.locator(".secret").innerText();
  assert.deepEqual(await findings(page), []);
  await shown.getByRole("button", { name: "Close" }).click();
  return link;
}

/** Comes in by a link. */
async function accept(page, link) {
  await page.goto(link);
  await page.getByRole("button", { name: "Create a passkey" }).click();
  await pages(page).waitFor();
}

async function signOut(page) {
  await page.getByRole("button", { name: /account, appearance and sign out$/ }).click();
  await page.locator("#person-menu").getByRole("button", { name: "Sign out" }).click();
  await signInButton(page).waitFor();
}

const row = (page, table, name) => page.getByRole("table", { name: table }).getByRole("row").filter({ hasText: name });

test("the set-up link makes the first administrator, who signs out and comes back by the passkey", async () => {
  const fresh = await install({ ready: false, entered: false });
  try {
    const page = await fresh.visit({ signedIn: false });
    const device = await authenticator(page);
    await page.goto(`${fresh.url}/welcome#${fresh.setupToken}`);
    await page.getByText("This is the set-up link of the install.").waitFor();
    assert.equal(new URL(page.url()).hash, "", "the token does not stay in the address");
    assert.deepEqual(await findings(page), []);
    await page.getByRole("button", { name: "Create a passkey" }).click();
    await page.getByText("Use 1 to 60 characters.").waitFor();
    await page.getByLabel("Your name").fill("Ada Lovelace");
    await device.recognise(false);
    await page.getByRole("button", { name: "Create a passkey" }).click();
    await page.getByRole("alert").filter({ hasText: "No passkey was made." }).waitFor();
    assert.deepEqual(await findings(page), []);
    await device.recognise(true);
    await page.getByRole("button", { name: "Create a passkey" }).click();
    await pages(page).waitFor();
    assert.equal(new URL(page.url()).pathname, "/settings/connections", "nothing is connected, so this is where to begin");
    assert.equal((await device.credentials()).length, 1);

    await signOut(page);
    assert.deepEqual(await findings(page), []);
    await device.recognise(false);
    await signInButton(page).click();
    await page.getByRole("alert").filter({ hasText: "No passkey was shown." }).waitFor();
    await device.recognise(true);
    await signInButton(page).click();
    await pages(page).waitFor();
    await page.getByRole("button", { name: /^Ada Lovelace: account/ }).waitFor();

    await page.goto(`${fresh.url}/welcome#${fresh.setupToken}`);
    await page.getByRole("alert").filter({ hasText: "This link does not work." }).waitFor();
    assert.deepEqual(await findings(page), []);
    assert.deepEqual(page.faults, []);
  } finally {
    await fresh.close();
  }
});

test("an invited technician comes in once by the link, and finds only what a technician does", async () => {
  const admin = await whole.visit();
  const link = await invite(admin, "Grace", "Technician");
  const { page } = await stranger();
  await page.goto(link);
  await page.getByText("Grace, you are invited as Technician").waitFor();
  assert.deepEqual(await findings(page), []);
  await page.getByRole("button", { name: "Create a passkey" }).click();
  await pages(page).waitFor();
  await settled(page);
  assert.equal(new URL(page.url()).pathname, "/month");
  await page.locator(".line").first().waitFor();
  assert.equal(await page.locator(".line input[type=checkbox]").count(), 0, "a technician approves nothing");
  await page.getByText("You can look here; an administrator or someone who bills decides.").waitFor();
  await whole.open(page, "/companies?state=mapped");
  await page.getByRole("button", { name: "Unmap" }).first().waitFor();
  await whole.open(page, "/settings/connections");
  const parts = await page.getByRole("navigation", { name: "Settings" }).getByRole("link").allInnerTexts();
  assert.deepEqual(parts, ["Connections", "Limits", "Your account", "About"]);
  assert.equal(await page.getByRole("button", { name: "Delete…" }).count(), 0);
  await page.goto(`${whole.url}/settings/people`);
  await page.getByRole("alert").filter({ hasText: "You may not do this." }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Invite somebody" }).count(), 0);

  const late = await stranger();
  await late.page.goto(link);
  await late.page.getByRole("alert").filter({ hasText: "This link does not work." }).waitFor();
  await late.page.getByRole("link", { name: "sign in with it" }).click();
  await signInButton(late.page).waitFor();
  assert.deepEqual([...admin.faults, ...page.faults, ...late.page.faults], []);
});

test("what could do harm asks for the passkey anew, goes on by itself, and is left when the person wants to", async () => {
  const link = await invite(await whole.visit(), "Katherine", "Administrator");
  const { page, device } = await stranger();
  await accept(page, link);
  await whole.open(page, "/settings/people");
  let refusals = 1;
  const proofs = [];
  page.on("request", (request) => request.url().endsWith("/api/session/proof") && proofs.push(request));
  await page.route("**/api/people", (route) => {
    if (route.request().method() !== "POST" || refusals-- <= 0) return route.continue();
    const problem = { type: "about:blank", status: 403, code: "proof_wanted", title: "Show again that it is you.", detail: "Too old.", remedy: "Show it." };
    return route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) });
  });
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite somebody" });
  await dialog.getByLabel("Name").fill("Dorothy");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  await takeLink(page, "Dorothy");
  assert.equal(proofs.length, 1);

  refusals = 1;
  await device.recognise(false);
  await page.getByRole("button", { name: "Invite somebody" }).click();
  await dialog.getByLabel("Name").fill("Annie");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const asking = page.getByRole("dialog", { name: "Show that it is you" });
  await asking.getByRole("alert").filter({ hasText: "No passkey was shown." }).waitFor();
  assert.deepEqual(await findings(page), []);
  await asking.getByRole("button", { name: "Leave it" }).click();
  await dialog.getByRole("alert").filter({ hasText: "You did not show that it is you, so nothing was done." }).waitFor();
  assert.equal(await dialog.getByLabel("Name").inputValue(), "Annie", "what was typed stays");

  refusals = 1;
  await dialog.getByRole("button", { name: "Make a link" }).click();
  await asking.getByRole("alert").waitFor();
  await device.recognise(true);
  await asking.getByRole("button", { name: "Show passkey" }).click();
  await takeLink(page, "Annie");
  await row(page, "People", "Annie").getByText("Invited", { exact: true }).waitFor();
  assert.equal(await row(page, "People", "Annie").count(), 1);
  assert.deepEqual(page.faults, []);
});

test("a second passkey takes the place of the first, and another session is ended from afar", async () => {
  const link = await invite(await whole.visit(), "Radia", "Viewer");
  const { page, device } = await stranger();
  await accept(page, link);
  await whole.open(page, "/settings/account");
  assert.equal(await page.getByRole("button", { name: /^Give up for good/ }).isDisabled(), true, "the last one stays");
  const [first] = await device.credentials();
  await device.remove();
  const key = await authenticator(page);
  await page.getByLabel("Another passkey").fill("Security key");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByText("Security key lets you in from now on.").waitFor();
  assert.equal((await key.credentials()).length, 1);
  assert.deepEqual(await findings(page), []);
  const kept = row(page, "Your passkeys", "Security key");
  await kept.waitFor();
  await row(page, "Your passkeys", /computer|device/).getByRole("button", { name: /^Give up for good/ }).click();
  await page.getByText(/does not let you in any more/).waitFor();
  await kept.getByText("Your last one: add another first.").waitFor();

  const elsewhere = await whole.visit({ signedIn: false });
  const copy = await authenticator(elsewhere, first);
  await elsewhere.goto(`${whole.url}/sign-in`);
  await signInButton(elsewhere).click();
  await elsewhere.getByRole("alert").filter({ hasText: "The passkey was not accepted." }).waitFor();
  await copy.remove();
  const [second] = await key.credentials();
  await authenticator(elsewhere, { ...second, signCount: second.signCount + 1 });
  await signInButton(elsewhere).click();
  await pages(elsewhere).waitFor();

  await whole.open(page, "/settings/account");
  await page.getByRole("table", { name: "Your sessions" }).getByText("This one").waitFor();
  await page.getByRole("button", { name: /^End the session/ }).click();
  await page.getByText(/^The session in .* has ended\.$/).waitFor();
  // The page may have found out by itself already.
  await pages(elsewhere).getByRole("link", { name: "Companies" }).click({ timeout: 5_000 }).catch(() => {});
  await elsewhere.getByText("Your session has ended. Sign in again to go on where you were.").waitFor();
  assert.deepEqual([...page.faults, ...elsewhere.faults], []);
});

test("who lost a passkey comes back by a new link, gets another role, and is thrown out when removed", async () => {
  const admin = await whole.visit();
  const { page, device } = await stranger();
  await accept(page, await invite(admin, "Joan", "Viewer"));
  const [lost] = await device.credentials();
  await device.forget(lost.credentialId);
  await signOut(page);

  await whole.open(admin, "/settings/people");
  await row(admin, "People", "Joan").getByRole("button", { name: /^New link/ }).click();
  await admin.getByText("For somebody who has lost their passkey.").waitFor();
  await admin.getByRole("button", { name: "Make a new link" }).click();
  const link = await takeLink(admin, "Joan");
  await page.goto(link);
  await page.getByText("You were here before").waitFor();
  assert.deepEqual(await findings(page), []);
  await page.getByRole("button", { name: "Create a passkey" }).click();
  await pages(page).waitFor();

  await whole.open(admin, "/settings/people");
  await row(admin, "People", "Joan").getByRole("button", { name: /^Change/ }).click();
  const changing = admin.getByRole("dialog", { name: "Change Joan" });
  await changing.getByRole("radio", { name: "Billing" }).check();
  await changing.getByRole("button", { name: "Save" }).click();
  await admin.getByText("Joan has another role, and signs in anew.").waitFor();
  await whole.open(admin, "/settings/people");
  await row(admin, "People", "Joan").getByText("Billing").waitFor();
  await page.reload();
  await signInButton(page).click();
  await page.locator(".line input[type=checkbox]").first().waitFor();

  await admin.reload();
  await settled(admin);
  await row(admin, "People", "Joan").getByRole("button", { name: /^Remove/ }).click();
  await admin.getByRole("button", { name: "Remove Joan for good" }).click();
  await admin.getByText("Joan is removed, and signed out everywhere.").waitFor();
  await pages(page).getByRole("link", { name: "Companies" }).click();
  await page.getByText("Your session has ended.").waitFor();
  await signInButton(page).click();
  await page.getByRole("alert").filter({ hasText: "The passkey was not accepted." }).waitFor();
  assert.deepEqual([...admin.faults, ...page.faults], []);
});

test("an API token is made for a role and some days", async () => {
  const page = await whole.visit();
  await whole.open(page, "/settings/access");
  await page.getByRole("button", { name: "New token" }).click();
  const dialog = page.getByRole("dialog", { name: "New API token" });
  await dialog.getByLabel("Name").fill("Reporting");
  await dialog.getByLabel("Days until it ends").fill("400");
  await dialog.getByText("Use 1 to 365.").waitFor();
  await dialog.getByLabel("Days until it ends").fill("30");
  await dialog.getByRole("button", { name: "Create" }).click();
  const shown = page.getByRole("dialog", { name: "Copy this token now" });
  const token = await shown.locator(".secret").innerText();
  await shown.getByRole("button", { name: "Close" }).click();
  await row(page, "API tokens", "Reporting").getByText("Viewer").waitFor();
  const { answer } = await whole.call({ authorization: `Bearer ${token}` }, "GET", "/api/session");
  assert.equal(answer.role, "viewer");
  assert.ok(answer.expires_at);
  assert.deepEqual(page.faults, []);
});

test("where passkeys cannot work, the page says so and where they do", async () => {
  const page = await whole.visit({ signedIn: false });
  await page.goto(`${whole.edge.ready.url}/sign-in`);
  await page.getByRole("alert").filter({ hasText: "Passkeys do not work at an IP address." }).waitFor();
  assert.deepEqual(await findings(page), []);
  await page.getByRole("link", { name: /^Open http:\/\/localhost:/ }).click();
  await signInButton(page).waitFor();
  const old = await whole.visit({ signedIn: false });
  await old.addInitScript(() => delete window.PublicKeyCredential);
  await old.goto(`${whole.url}/sign-in`);
  await old.getByRole("alert").filter({ hasText: "This browser is too old for passkeys" }).waitFor();
  assert.equal(await signInButton(old).count(), 0);
});

test("on a phone six places stand beside one another, and the others are behind the last", async () => {
  const page = await whole.visit({ view: "phone" });
  await whole.open(page, "/month");
  const widths = await pages(page).locator("> ul > li:visible").evaluateAll((items) => items.map((item) => [item.scrollWidth, item.clientWidth]));
  assert.equal(widths.length, 6);
  for (const [needed, there] of widths) assert.ok(needed <= there, `${needed} px do not fit into ${there}`);
  await pages(page).getByRole("button", { name: "More" }).click();
  await page.locator("#more-pages").getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: "History", level: 1 }).waitFor();
  assert.equal(await page.locator("#more-pages").isVisible(), false);
  assert.deepEqual(await findings(page), []);
});
