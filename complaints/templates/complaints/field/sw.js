// Service worker of /field/. It keeps the shell (static files) and the reader's own pages, so that a
// phone without a network still shows today's tasks. Nothing is ever sent from here: acts wait in the
// page's outbox. The reader's pages go when another reader comes, at sign-out, and after a week.
const SHELL = "gongzhi-field-shell-1";
const OWN = "gongzhi-field-own-1";
const LIST = "/field/";
const NEW = "/field/new/";
const LOST = "/field/not-kept/";
const SLOW = 5000;
const WEEK = 7 * 86400 * 1000;
const KEPT_AT = "X-Kept-At";
const OWNER = "X-Field-Owner";
const OWNER_MARK = "/field/.owner";
const PHOTOS_AHEAD = 6;

// Set while nobody is known to be signed in: what is still on its way is not kept any more.
let closed = false;

self.addEventListener("install", (event) => {
  event.waitUntil(keepLost().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOld().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  const { kind, urls } = event.data || {};
  if (kind === "keep") event.waitUntil(keepAll(urls));
  if (kind === "forget") event.waitUntil(close().then(() => event.ports[0]?.postMessage("done")));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (isOwnPage(url)) event.respondWith(page(request, url));
  else if (url.pathname === LOST) event.respondWith(lost(request));
  else if (url.pathname.startsWith("/photos/")) event.respondWith(photo(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(shell(request, url));
});

function isOwnPage(url) {
  return url.pathname === LIST || url.pathname === NEW || /^\/field\/[A-Za-z]{2}-\d{8}-\d{4,8}-[A-Za-z]\/$/.test(url.pathname);
}

/** A page: from the network; when that is gone or slow, the copy, marked with its time. */
async function page(request, url) {
  const wanted = fetch(request).then((answer) => {
    if (answer.ok && request.mode === "navigate") closed = false;
    return settle(url, answer);
  });
  const copy = await caches.match(url.pathname, { cacheName: OWN });
  try {
    const answer = await (copy ? Promise.race([wanted, late()]) : wanted);
    return copy && answer.status >= 500 ? marked(copy) : answer;
  } catch {
    wanted.catch(() => {});
    if (copy) return marked(copy);
    return (await caches.match(LOST, { cacheName: SHELL })) || Response.error();
  }
}

async function lost(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(LOST, { cacheName: SHELL })) || Response.error();
  }
}

function late() {
  return new Promise((resolve, reject) => setTimeout(() => reject(new Error("slow")), SLOW));
}

/** Keep a good answer; when the reader is sent away or changed, what was kept is not theirs to see. */
async function settle(url, answer) {
  if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 401 || answer.status === 403) {
    await close();
    return answer;
  }
  if (answer.ok && !closed) {
    await welcome(answer.headers.get(OWNER));
    await keep(OWN, url.pathname, answer.clone());
  } else if (answer.status === 404) {
    await (await caches.open(OWN)).delete(url.pathname);
  }
  return answer;
}

/** Forget this reader's pages, and keep none of those that are still on their way. */
async function close() {
  closed = true;
  await caches.delete(OWN);
}

let welcoming = Promise.resolve();

/** Make room for this reader; one after the other, so that none clears what another just kept. */
function welcome(owner) {
  welcoming = welcoming.then(() => receive(owner));
  return welcoming;
}

async function receive(owner) {
  if (closed) return;
  const mark = await caches.match(OWNER_MARK, { cacheName: OWN });
  const before = mark ? await mark.text() : "";
  if (before === owner) return;
  if (before) await caches.delete(OWN);
  await (await caches.open(OWN)).put(OWNER_MARK, new Response(owner));
  if (closed) await caches.delete(OWN);
}

async function photo(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await keep(OWN, request.url, answer.clone());
    return answer;
  } catch {
    return (await caches.match(request.url, { cacheName: OWN })) || blank();
  }
}

/** An empty picture in place of one that is not on this phone. */
function blank() {
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"/>';
  return new Response(drawing, { headers: { "Content-Type": "image/svg+xml" } });
}

/** Files whose name holds a digest never change; others are asked for while there is a network. */
async function shell(request, url) {
  const copy = await caches.match(request.url, { cacheName: SHELL });
  if (copy && /\.[0-9a-f]{8,}\.|-[A-Z0-9]{8}\.js$/.test(url.pathname)) return copy;
  try {
    const answer = await fetch(request);
    if (answer.ok) await keep(SHELL, request.url, answer.clone());
    return answer;
  } catch {
    return copy || Response.error();
  }
}

/** Store an answer with the time it was taken. */
async function keep(name, key, answer) {
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, String(Date.now()));
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  const body = await answer.blob();
  if (name === OWN && closed) return;
  await (await caches.open(name)).put(key, new Response(body, { status: 200, headers }));
  if (name === OWN && closed) await caches.delete(OWN);
}

/** The copy, telling the page when it was taken. */
async function marked(copy) {
  const html = await copy.text();
  const told = html.replace('data-gz-kept=""', `data-gz-kept="${copy.headers.get(KEPT_AT)}"`);
  return new Response(told, { status: 200, headers: copy.headers });
}

/** Keep what a page loaded before this worker was there. */
async function keepAll(urls) {
  for (const address of urls) {
    const url = new URL(address, self.location.origin);
    if (url.origin !== self.location.origin) continue;
    const isStatic = url.pathname.startsWith("/static/");
    const name = isStatic ? SHELL : OWN;
    if (!isStatic && !isOwnPage(url) && !url.pathname.startsWith("/photos/")) continue;
    const key = isOwnPage(url) ? url.pathname : url.href;
    if (!isOwnPage(url) && (await caches.match(key, { cacheName: name }))) continue;
    try {
      const answer = await fetch(url.href);
      if (isOwnPage(url)) {
        await keepAll(photosIn(await answer.clone().text()));
        await settle(url, answer);
      } else if (answer.ok) await keep(name, key, answer);
    } catch {
      return;
    }
  }
}

/** The first pictures of a page that was fetched ahead. */
function photosIn(html) {
  const found = [...html.matchAll(/src="(\/photos\/[^"]+)"/g)].map((match) => match[1]);
  return found.slice(0, PHOTOS_AHEAD);
}

async function keepLost() {
  const answer = await fetch(LOST);
  if (answer.ok && !answer.redirected) await keep(SHELL, LOST, answer);
}

async function dropOld() {
  for (const name of await caches.keys()) {
    if (name.startsWith("gongzhi-field-") && name !== SHELL && name !== OWN) await caches.delete(name);
  }
  for (const name of [SHELL, OWN]) {
    if (!(await caches.has(name))) continue; // opening would make it
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const kept = Number((await cache.match(request)).headers.get(KEPT_AT) || Date.now());
      if (Date.now() - kept > WEEK && !request.url.endsWith(LOST)) await cache.delete(request);
    }
  }
}
