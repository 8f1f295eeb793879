// What workerd calls, around the module's glue. A module that trapped (a panic, no memory) may have broken its own state: the next call
// begins it anew, so that one bad request does not end every later one of its isolate.

import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import * as module from "./index.js";

/** Kept by the crate `worker` too, whose panics set `criticalError`; `instanceId` counts how often the module was begun. */
const state = module.__worker_init_state();

addEventListener("error", ({ error }) => see(error));

function see(error) {
  if (error instanceof WebAssembly.RuntimeError) {
    console.error("the module trapped", error);
    state.criticalError = true;
  }
}

function renew() {
  if (!state.criticalError) return;
  console.log("beginning the module anew");
  module.__wbg_reset_state();
  state.criticalError = false;
  state.instanceId += 1;
}

/** Calls into the module. What it throws is passed on: only the next call finds another module. */
async function enter(call) {
  renew();
  try {
    return await call();
  } catch (error) {
    see(error);
    throw error;
  }
}

export default class extends WorkerEntrypoint {
  fetch(request) {
    return enter(() => module.fetch(request, this.env, this.ctx));
  }

  scheduled(event) {
    return enter(() => module.scheduled(event, this.env, this.ctx));
  }
}

export class Ledger extends DurableObject {
  #ledger;
  #of;

  /** The object in the module there is now; one of an earlier module is gone with it. */
  #current() {
    if (this.#of !== state.instanceId) {
      this.#ledger = new module.Ledger(this.ctx, this.env);
      this.#of = state.instanceId;
    }
    return this.#ledger;
  }

  fetch(request) {
    return enter(() => this.#current().fetch(request));
  }

  alarm() {
    return enter(() => this.#current().alarm());
  }
}
