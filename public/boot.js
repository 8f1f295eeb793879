// Starts the app, and the service worker beside it.
import start from "./glue.js";

const root = document.documentElement;

start({ module_or_path: "{{wasm}}" }).catch((error) => {
  console.error(error);
  root.dataset.crashed = "start";
});

// A newer build is fetched in the background and waits: an open page goes on with the files it began with. The app
// offers to reload; only then does the new one take over.
if ("serviceWorker" in navigator) {
  addEventListener("load", async () => {
    const registration = await navigator.serviceWorker.register("/sw.js").catch(() => undefined);
    if (!registration) return;
    const offer = () => {
      if (!registration.waiting || !navigator.serviceWorker.controller) return;
      root.dataset.update = "";
      dispatchEvent(new Event("seatbridge:update"));
    };
    offer();
    registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offer));
    addEventListener("seatbridge:reload", () => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      if (registration.waiting) registration.waiting.postMessage("take over");
      else location.reload();
    });
  });
}
