// Sending reports: at once, or later when the network is back, each under its own key.
import { drafts, forget, keep, photosOf } from "./outbox.js";

const PAUSE = 30_000;
const ADDRESS = "/report/";

/** Post one report. Resolves {status, body}; rejects when the network is gone. */
export function post(fields, photos, onProgress = () => {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) form.append(name, one);
  for (const photo of photos) form.append("photos", photo, photo.name || "photo.jpg");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", ADDRESS);
    request.setRequestHeader("Accept", "application/json, text/html;q=0.9");
    request.timeout = 120_000;
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => resolve({ status: request.status, body: request.responseText });
    request.onerror = request.ontimeout = request.onabort = () => reject(new Error("network"));
    request.send(form);
  });
}

/** Return the token of this page: that of a draft from last week would be refused. */
export function token() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

/** Run `work` in one tab at a time. */
function alone(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("gongzhi-outbox", { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}

/**
 * Send what waits, now and whenever the network may be back.
 *
 * `sent({draft, receipt})` and `refused({draft, body})` hear of every outcome. What the server refuses
 * (400) becomes an editing draft again, so that it can be mended. Nothing is sent while `paused()`.
 */
export function sendWaiting({ sent, refused, waiting, paused }) {
  let busy = false;
  const flush = async () => {
    if (busy || paused() || !navigator.onLine) return;
    busy = true;
    try {
      await alone(() => sendAll(sent, refused));
    } catch {
      // Gone again: the next sign of a network tries once more.
    } finally {
      busy = false;
      await waiting();
    }
  };
  addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => document.hidden || flush());
  setInterval(flush, PAUSE);
  flush();
  return flush;
}

async function sendAll(sent, refused) {
  const due = (await drafts()).filter((draft) => draft.state === "pending");
  for (const draft of due) {
    const photos = (await photosOf(draft.key)).map((photo) => photo.file);
    const { status, body } = await post({ ...draft.fields, key: draft.key, csrfmiddlewaretoken: token() }, photos);
    if (status === 201) {
      await forget(draft.key);
      sent({ draft, receipt: JSON.parse(body).receipt });
    } else if (status === 400 || status === 413) {
      await keep({ ...draft, state: "editing" });
      refused({ draft, body });
    } else if (status === 403) {
      return;
    }
  }
}
