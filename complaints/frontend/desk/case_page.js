// One case: acts by single keys, the next case of the queue, and fresh facts when others act.
import { announce, keysAllowed } from "@gongzhi/ui";
import { refreshParts } from "../lib/parts.js";
import { word } from "../lib/words.js";
import { actKey, focusProblem, isInUse, offerPicks, press } from "./acts.js";
import { News } from "./news.js";
import { Presence } from "./presence.js";
import { offerTemplates } from "./templates.js";

const KEPT_LIST = "gz-desk-list";
const KEPT_ROW = "gz-desk-row";

export class CasePage {
  constructor(root) {
    this.root = root;
    this.parts = root.querySelector("[data-gz-case]");
    this.note = root.querySelector("[data-gz-news]");
    this.news = new News(root.dataset.socket, (uids) => this.changedByOthers(uids));
    new Presence(root.querySelector("[data-gz-looking]"), () => root.dataset.number);
    sessionStorage.setItem(KEPT_ROW, root.dataset.number);
    document.addEventListener("keydown", (event) => this.key(event));
    offerPicks(root);
    focusProblem(root);
    offerTemplates(root);
  }

  key(event) {
    if (event.defaultPrevented || !keysAllowed(event) || document.querySelector("dialog[open]")) return;
    const act = actKey(event);
    const step = { j: 1, k: -1 }[event.key.toLowerCase()];
    if (!act && !step) return;
    event.preventDefault();
    if (step) return this.turn(step);
    if (!press(this.parts, act)) announce(word("impossible"), { urgent: true });
  }

  /** Go to the next or the previous case of the queue that was last looked at. */
  turn(step) {
    const list = JSON.parse(sessionStorage.getItem(KEPT_LIST) ?? "[]");
    const at = list.indexOf(location.pathname);
    const next = at < 0 ? undefined : list[at + step];
    if (next) location.assign(next);
    else announce(word("last"));
  }

  changedByOthers(uids) {
    if (uids.length && !uids.includes(this.root.dataset.uid)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), 150);
  }

  async refresh() {
    const answer = await fetch(location.pathname, { headers: { "X-Fragment": "1" } }).catch(() => null);
    if (!answer) return;
    if (answer.redirected) return this.tell(word("signed_out"));
    if (!answer.ok) return this.tell(word("not_found"));
    const acts = this.parts.querySelector('[data-gz-part="acts"]');
    const before = acts.dataset.signature;
    const html = await answer.text();
    const waiting = isInUse(acts) ? this.refreshBeside(html) : refreshParts(this.parts, html);
    offerPicks(this.parts);
    offerTemplates(this.parts);
    if (waiting.length && fresher(html, before)) this.tell(word("case_changed"));
  }

  /** Somebody is writing: exchange everything but the forms. */
  refreshBeside(html) {
    const acts = this.parts.querySelector('[data-gz-part="acts"]');
    const fresh = new DOMParser().parseFromString(html, "text/html");
    fresh.querySelector('[data-gz-part="acts"]').dataset.signature = acts.dataset.signature;
    refreshParts(this.parts, fresh.body.innerHTML);
    return [acts];
  }

  tell(text) {
    this.note.textContent = text;
    this.note.hidden = false;
  }
}

function fresher(html, before) {
  const acts = new DOMParser().parseFromString(html, "text/html").querySelector('[data-gz-part="acts"]');
  return acts?.dataset.signature !== before;
}
