// Acts that wait on this phone: kept before they are sent, sent in order, each once under its key.
import { openOutbox } from "../lib/outbox.js";
import { openSeal } from "../lib/seal.js";
import { word } from "../lib/words.js";

const PAUSE = 30_000;
const LONGEST_PAUSE = 600_000;
const TIMEOUT = 120_000;
const DAY = 86_400_000;
const KEPT_DAYS = 14;
const SHELF = "gongzhi-field";

/** Return a random UUID, also where the page is not a secure context. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Open the queue of one reader. Null where the browser keeps nothing: forms then post plainly. */
export async function openQueue({ owner, seal }) {
  if (!window.indexedDB) return null;
  try {
    const store = openOutbox(SHELF, await openSeal(owner, seal));
    await store.sweep(Date.now() - KEPT_DAYS * DAY);
    const queue = new Queue(owner, store);
    await queue.holdBackOld();
    return queue;
  } catch {
    return null;
  }
}

class Queue extends EventTarget {
  constructor(owner, store) {
    super();
    this.owner = owner;
    this.store = store;
    this.failures = 0;
    this.outcomes = new Map();
    this.needsSignIn = false;
  }

  /** Everything of this reader: {key, state: editing | pending | stopped, number, action, …}. */
  async items() {
    return (await this.store.drafts()).filter((item) => item.owner === this.owner || !item.owner);
  }

  async waiting() {
    return (await this.items()).filter((item) => item.state !== "editing");
  }

  /** Keep an item; an act that is to be sent becomes durable before anything else happens. */
  async keep(item) {
    await this.store.keep({ owner: this.owner, at: Date.now(), ...item });
    this.tell();
  }

  /** An act that could not be sent for two weeks is sent or discarded by its owner, never by itself. */
  async holdBackOld() {
    const oldest = Date.now() - KEPT_DAYS * DAY;
    const old = (await this.items()).filter((item) => item.state === "pending" && item.saved < oldest);
    for (const item of old) {
      const days = Math.floor((Date.now() - item.saved) / DAY);
      await this.store.keep({ ...item, state: "stopped", problem: { code: "old", days } });
    }
  }

  /** Discard an act. Returns what brings it back, as long as the page is there. */
  async discard(item) {
    const photos = await this.store.photosOf(item.key);
    await this.forget(item.key);
    return async () => {
      for (const [order, { id, name, file }] of photos.entries()) {
        await this.store.keepPhoto(item.key, id, order, file, name);
      }
      await this.keep(item);
    };
  }

  async forget(key) {
    await this.store.forget(key);
    this.tell();
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }

  /** Send now, and again whenever the network may be back. */
  watch() {
    const now = () => this.flush();
    addEventListener("online", now);
    document.addEventListener("visibilitychange", () => document.hidden || now());
    addEventListener("pageshow", (event) => event.persisted && now());
    now();
  }

  /** Send what is pending, in order. Resolves when nothing more can be sent now. */
  flush() {
    this.again = true;
    this.running ??= this.loop().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async loop() {
    while (this.again) {
      this.again = false;
      clearTimeout(this.timer);
      try {
        if (navigator.onLine) await alone(() => this.sendAll());
        this.failures = 0;
      } catch {
        this.failures += 1;
      }
      // Within the loop: a call that comes meanwhile is heard by its next round.
      await this.schedule();
      this.tell();
    }
  }

  async schedule() {
    const left = (await this.items()).some((item) => item.state === "pending");
    if (!left) return;
    const pause = Math.min(PAUSE * 2 ** Math.max(0, this.failures - 1), LONGEST_PAUSE);
    this.timer = setTimeout(() => this.flush(), pause);
  }

  async sendAll() {
    this.needsSignIn = false;
    const blocked = new Set();
    const seen = new Set();
    for (;;) {
      // Read anew each time: an answer may have moved the version of later acts.
      const items = await this.items();
      items.filter((item) => item.state === "stopped").forEach((item) => blocked.add(item.number));
      const next = items.find(
        (item) => item.state === "pending" && !seen.has(item.key) && !blocked.has(item.number),
      );
      if (!next || this.needsSignIn) return;
      seen.add(next.key);
      await this.send(next);
    }
  }

  async send(item) {
    let answer = await this.post(item);
    if (answer.status === 403 && !answer.body.code) {
      // The token was of an earlier session: any page brings today's.
      await fetch("/field/", { headers: { Accept: "text/html" } });
      answer = await this.post(item);
    }
    const { status, body } = answer;
    if (status === 401 || (status === 200 && body.version === undefined)) this.needsSignIn = true;
    else if (status === 200) await this.sent(item, body);
    else if (status === 429 || status >= 500) throw new Error("busy");
    else await this.stopped(item, status, body);
    this.tell();
  }

  async post(item) {
    const form = new FormData();
    for (const [name, value] of Object.entries(item.fields)) form.append(name, value);
    form.append("key", item.key);
    form.append("version", item.version);
    for (const { name, file } of await this.store.photosOf(item.key)) {
      const [purpose, filename] = name.split("/");
      form.append(purpose, file, filename);
    }
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT);
    try {
      const answer = await fetch(item.address ?? `/field/${item.number}/${item.action}/`, {
        method: "POST",
        headers: { Accept: "application/json", "X-CSRFToken": cookie("csrftoken") },
        body: form,
        signal: abort.signal,
      });
      const isJson = /json/.test(answer.headers.get("Content-Type") || "");
      return { status: answer.status, body: isJson ? await answer.json() : {} };
    } finally {
      clearTimeout(timer);
    }
  }

  async sent(item, body) {
    await this.store.forget(item.key);
    this.outcomes.set(item.key, { state: "sent", ...body });
    this.dispatchEvent(new CustomEvent("sent", { detail: { item, ...body } }));
    // Acts made offline one after the other were all based on the same page.
    if (body.was !== Number(item.version)) return;
    for (const later of await this.items()) {
      if (later.number === item.number && Number(later.version) === body.was) {
        await this.store.keep({ ...later, version: body.version });
      }
    }
  }

  async stopped(item, status, body) {
    const title = body.title || word("not_allowed");
    const problem = { status, title, code: body.code, state: body.state, version: body.version, field: body.field };
    await this.store.keep({ ...item, state: "stopped", problem });
    this.outcomes.set(item.key, { state: "stopped", problem });
  }

  /** Send a stopped act again, as it is, against the case as it stands now. */
  async resend(item) {
    const version = item.problem?.version ?? item.version;
    await this.keep({ ...item, state: "pending", version, problem: null });
    return this.flush();
  }
}

function cookie(name) {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** Run `work` in one tab at a time. */
function alone(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("gongzhi-field", { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}
