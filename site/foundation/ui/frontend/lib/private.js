// What apps keep on a device for the reader alone goes at sign-out, from whichever page that happens.
//
// Names carry the rule. Caches "gongzhi-<app>-own-…" hold a reader's own pages and are deleted; their
// service worker is told first, so that it keeps nothing of what is still on its way. Outboxes hold
// sealed drafts: while something in them is not sent they stay, locked, for their owner; else they are
// emptied.
const OWN = /^gongzhi-[a-z]+-own/;
const OUTBOXES = ["gongzhi-field"];
const WORKER_TIME = 2000;
const LONGEST = 4000;

/** Clear this reader's private copies; resolves when they are gone, or after four seconds. */
export function forgetPrivate() {
  const patience = new Promise((resolve) => setTimeout(resolve, LONGEST));
  const work = tellWorkers().then(() => Promise.all([dropCaches(), ...OUTBOXES.map(emptyUnlessUnsent)]));
  return Promise.race([work.catch(() => {}), patience]);
}

/** Before a sign-out form leaves, the copies go. A form that its page takes over is left to it. */
export function forgetAtSignOut() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const action = new URL(form.getAttribute("action") || location.href, location.href);
    if (event.defaultPrevented || form.method !== "post" || !action.pathname.endsWith("/logout/")) return;
    event.preventDefault();
    await forgetPrivate();
    form.submit();
  });
}

async function tellWorkers() {
  const found = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(found.map(({ active }) => active && told(active)));
}

function told(worker) {
  const { port1, port2 } = new MessageChannel();
  const done = new Promise((resolve) => {
    port1.onmessage = resolve;
    setTimeout(resolve, WORKER_TIME);
  });
  worker.postMessage({ kind: "forget" }, [port2]);
  return done;
}

async function dropCaches() {
  if (!window.caches) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => OWN.test(name)).map((name) => caches.delete(name)));
}

/** One transaction looks and clears: nothing can come to lie there in between. */
async function emptyUnlessUnsent(name) {
  const base = await opened(name);
  if (!base) return;
  await new Promise((resolve) => {
    const transaction = base.transaction(["drafts", "photos"], "readwrite");
    transaction.objectStore("drafts").count().onsuccess = (event) => {
      if (event.target.result === 0) transaction.objectStore("photos").clear();
    };
    transaction.oncomplete = transaction.onabort = resolve;
  });
  base.close();
}

/** Open a database that is there; null when there is none, and none is made. */
function opened(name) {
  if (!window.indexedDB) return null;
  return new Promise((resolve) => {
    const request = indexedDB.open(name);
    request.onupgradeneeded = () => request.transaction.abort();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  });
}
