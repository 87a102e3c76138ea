// Copies for when there is no network: the service worker keeps the shell and this reader's pages.
import { forgetPrivate, toast } from "@gongzhi/ui";
import { piece, word } from "../lib/words.js";
import { clock } from "./clock.js";

const OWN = "gongzhi-field-own-1";
const AHEAD = 20;

/** Register the service worker and hand it what this page loaded before the worker was there. */
export async function keepCopies() {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register("/field/sw.js", { scope: "/field/" });
    await keep(loaded);
  } catch {
    // Without copies everything works as long as there is a network.
  }
}

/** Ask the worker, as soon as there is one, to keep what `list` returns. */
export async function keep(list) {
  if (!navigator.serviceWorker) return;
  // Not the controller: a page opened while the worker was being installed may never get one.
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ kind: "keep", urls: list() });
}

function loaded() {
  const seen = performance.getEntriesByType("resource").map((entry) => entry.name);
  const named = [...document.querySelectorAll("link[rel=stylesheet], script[src], img[src]")].map((e) => e.href || e.src);
  const here = document.querySelector("[data-gz-kept='']") ? [location.origin + location.pathname] : [];
  return [...new Set([...here, ...seen, ...named])];
}

/** Fetch tasks of the list ahead, so that they open without a network; unchanged ones are left alone. */
export async function keepTasks(cards) {
  if (!window.caches || !navigator.onLine || navigator.connection?.saveData) return;
  const urls = [];
  for (const card of [...cards].slice(0, AHEAD)) {
    const copy = await caches.match(card.dataset.href, { cacheName: OWN });
    const current = copy && (await copy.text()).includes(`data-version="${card.dataset.version}"`);
    if (!current) urls.push(card.dataset.href);
  }
  if (urls.length) await keep(() => urls);
}

/** Say that this is a copy and of when, or that the network is gone. Returns whether it is a copy. */
export function tellCopy(page) {
  const note = document.querySelector("[data-gz-copy-note]");
  const keptAt = Number(page.dataset.gzKept) || 0;
  const show = () => {
    const time = clock(keptAt || performance.timeOrigin);
    const text = navigator.onLine ? (page.dataset.gzKept ? word("slow_copy", { time }) : "") : word("offline_copy", { time });
    note.hidden = !text;
    note.querySelector("[data-gz-copy-text]").textContent = text;
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
  return show;
}

/** At sign-out the copies go; what was not sent stays sealed for its owner. */
export function guardSignOut(queue) {
  const form = document.querySelector("form[action='/accounts/logout/']");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const left = queue ? (await queue.waiting()).length : 0;
    if (left && !(await agreed(left))) return;
    await forgetPrivate();
    if (navigator.onLine) form.submit();
    else toast(word("sign_out_later"), { milliseconds: 12_000 });
  });
}

function agreed(left) {
  const dialog = piece("sign_out");
  dialog.querySelector("[data-text]").textContent = word("sign_out_left", { n: left });
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
