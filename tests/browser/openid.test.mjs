// Signing in with an OpenID Connect provider: a real one, on another site of this machine, in a real browser.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { NODE_MODULES, findings, install, settled } from "./harness.mjs";

const { default: Provider } = await import(pathToFileURL(path.join(NODE_MODULES, "oidc-provider/lib/index.js")));

const CLIENT = { client_id: "seatbridge", client_secret: "a secret: with/signs+that%need=care" };
const ROLES = { grace: ["Admin"], vera: ["Viewer", "Something"], otto: ["Something"] };

let server;
let whole;
before(async () => {
  // The provider has to be named before the install is there, and the install before the provider knows it.
  server = http.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const vars = {
    OPENID_ISSUER: issuer,
    OPENID_CLIENT_ID: CLIENT.client_id,
    OPENID_CLIENT_SECRET: CLIENT.client_secret,
    OPENID_NAME: "House",
  };
  whole = await install({ ready: false, vars });
  const provider = new Provider(issuer, {
    clients: [{ ...CLIENT, redirect_uris: [`${whole.url}/signed-in`], grant_types: ["authorization_code"], response_types: ["code"] }],
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "roles"] },
    // What Entra ID does too: the claims are in the token.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id[0].toUpperCase()}${id.slice(1)} Hopper`, preferred_username: `${id}@example.com`, roles: ROLES[id] }),
    }),
  });
  server.on("request", provider.callback());
});
after(async () => {
  await whole?.close();
  server?.close();
});

const pages = (page) => page.getByRole("navigation", { name: "Pages" });
const withHouse = (page) => page.getByRole("button", { name: "Sign in with House", exact: true });

/** A browser nobody was ever signed in with, on the sign-in page. */
async function stranger(address = "/sign-in") {
  const page = await whole.visit({ signedIn: false });
  await page.goto(whole.url + address);
  await withHouse(page).waitFor();
  return page;
}

/** Signs in on the provider's own pages. */
async function signInThere(page, name) {
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("anything");
  await page.locator("button[type=submit]").click();
}

/** Agrees there that the install may know who it is; asked once. */
async function agree(page) {
  await page.locator("input[name=login]").waitFor({ state: "detached" });
  await page.locator("button[type=submit]").click();
}

test("somebody comes in by the provider, to the page they were at", async () => {
  const page = await stranger("/settings/about");
  assert.deepEqual(await findings(page), []);
  await withHouse(page).click();
  await signInThere(page, "vera");
  await agree(page);
  await pages(page).waitFor();
  const { pathname, search, hash } = new URL(page.url());
  assert.deepEqual([pathname, search, hash], ["/settings/about", "", ""], "neither code nor state stays in the address");
  await page.getByRole("button", { name: /^Vera Hopper: account/ }).waitFor();
  await settled(page);
  const parts = await page.getByRole("navigation", { name: "Settings" }).getByRole("link").allInnerTexts();
  assert.deepEqual(parts, ["Connections", "Limits", "Your account", "About"], "a viewer lets nobody in");
  assert.deepEqual(page.faults, []);
});

test("who has no role there, and who goes back, is told so and can try again", async () => {
  const page = await stranger();
  await withHouse(page).click();
  await signInThere(page, "otto");
  await agree(page);
  await page.getByRole("alert").filter({ hasText: "You have no role in Seatbridge." }).waitFor();
  assert.deepEqual(await findings(page), []);

  const other = await stranger();
  await withHouse(other).click();
  await other.getByRole("link", { name: /cancel/i }).click();
  await other.getByRole("alert").filter({ hasText: "You did not sign in with House" }).waitFor();
  await other.getByRole("link", { name: "Go to sign-in" }).click();
  await withHouse(other).waitFor();
  assert.deepEqual(other.faults, []);
});

test("what could do harm wants the provider's word anew, in a window of its own, and then goes on", async () => {
  const page = await stranger();
  await withHouse(page).click();
  await signInThere(page, "grace");
  await agree(page);
  await pages(page).waitFor();
  await whole.open(page, "/settings/people");
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite somebody" });
  await dialog.getByLabel("Name").fill("Cem");
  await dialog.getByRole("radio", { name: "Viewer" }).check();
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const asking = page.getByRole("dialog", { name: "Show that it is you" });
  await asking.waitFor();
  assert.deepEqual(await findings(page), []);
  const [own] = await Promise.all([
    page.context().waitForEvent("page"),
    asking.getByRole("button", { name: "Sign in with House again" }).click(),
  ]);
  await signInThere(own, "grace");
  await page.getByRole("dialog", { name: "Link for Cem" }).waitFor();
  assert.deepEqual(page.faults, []);
});

test("an answer nobody asked for signs nobody in", async () => {
  const page = await whole.visit({ signedIn: false });
  await page.goto(`${whole.url}/signed-in?state=guessed&code=guessed`);
  await page.getByRole("alert").filter({ hasText: "Signing in with House did not work." }).waitFor();
  assert.equal(new URL(page.url()).search, "");
  assert.deepEqual(await findings(page), []);
});
