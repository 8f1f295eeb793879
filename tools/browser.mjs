// What every script that opens a browser shares: Chromium as `cargo xtask` found it, kept from calling home.

import fs from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

/** A fresh Chromium; each has an empty profile. */
export function launch(options = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    ...options,
  });
}

/** The source of axe-core, to be evaluated in a page. */
export function axeSource() {
  return fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
}
