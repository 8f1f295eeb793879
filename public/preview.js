// Works out what an edited mapping would change, in a Web Worker: typing never waits for it. The page sends ["open", slice]
// once and ["ask", question] for each edit; each is answered in turn with [kind, text].
import init, { ask, open } from "./glue.js";

const ready = init({ module_or_path: "{{preview_wasm}}" });

onmessage = async ({ data: [kind, text] }) => {
  try {
    await ready;
    postMessage([kind, kind === "open" ? open(text) : ask(text)]);
  } catch (error) {
    console.error(error);
    postMessage(["failed", String(error)]);
  }
};
