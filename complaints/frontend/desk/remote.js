// Talking to the server: fragments of the pane, and acts.

/** The answer of the server, read as a page: status, and the parts of a pane fragment. */
class Answer {
  constructor(status, html) {
    const box = new DOMParser().parseFromString(html, "text/html").querySelector("[data-gz-answer]");
    this.status = status;
    this.isOk = status === 200 && box !== null;
    this.isPane = box !== null;
    this.pane = box?.querySelector("[data-gz-answer-pane]").firstElementChild ?? null;
    this.row = box?.querySelector("[data-gz-answer-row]").firstElementChild ?? null;
    this.said = box?.dataset.said ?? "";
    this.undo = box?.dataset.undo ? { url: box.dataset.undo, version: box.dataset.version } : null;
  }
}

/** The session is over: the answer was a page to sign in. */
export class SignedOut extends Error {}

const here = () => location.pathname + location.search;

async function ask(url, options) {
  const answer = await fetch(url, {
    ...options,
    headers: { "X-Fragment": "pane", "X-Back": here() },
    credentials: "same-origin",
  });
  if (answer.redirected) throw new SignedOut();
  return new Answer(answer.status, await answer.text());
}

/** Fetch the pane of a case. */
export const fetchPane = (url, signal) => ask(url, { signal });

/** Send an act: a form, or a plain object of values. */
export function sendAct(url, values) {
  const body = values instanceof FormData ? values : new FormData();
  if (body !== values) {
    for (const [name, value] of Object.entries(values)) body.append(name, value);
    body.append("csrfmiddlewaretoken", document.querySelector("input[name=csrfmiddlewaretoken]").value);
  }
  return ask(url, { method: "POST", body });
}
