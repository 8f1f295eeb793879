// Makes a one-time sign-in link:  SETUP_TOKEN=… node tools/sign-in-link.mjs https://seatbridge.example.com
// A secret that was just set takes a moment to reach every place, so a refusal is not believed at once.

import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";

const url = new URL(process.argv[2]).origin;
for (let attempt = 1; ; attempt += 1) {
  const response = await fetch(`${url}/api/sign-in-links`, {
    method: "POST",
    headers: { authorization: `Bearer ${process.env.SETUP_TOKEN}`, "content-type": "application/json" },
    body: "{}",
  }).catch((error) => error);
  if (response.ok) {
    const { token } = await response.json();
    console.log(`${url}/sign-in#${token}`);
    break;
  }
  if (attempt === 10) {
    const answer = response instanceof Error ? response.message : `${response.status} ${await response.text()}`;
    console.error(`${url} makes no sign-in link: ${answer}`);
    process.exit(1);
  }
  await pause(3000);
}
