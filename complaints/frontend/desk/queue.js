// The queue: a grid with one row in focus, its case beside it, acts by single keys.
import { announce, keysAllowed, toast } from "@gongzhi/ui";
import { uuid } from "../lib/uuid.js";
import { word } from "../lib/words.js";
import { actKey, focusProblem, isInUse, offerPicks, press } from "./acts.js";
import { News, NewsBar } from "./news.js";
import { Presence } from "./presence.js";
import { fetchPane, sendAct, SignedOut } from "./remote.js";

const FRESH = 15_000;
/** Where the pane stands below the page's header once the page is scrolled (case_page.css). */
const PANE_TOP = 64;
const KEPT_LIST = "gz-desk-list";
const KEPT_ROW = "gz-desk-row";

export class Queue {
  constructor(root) {
    this.root = root;
    this.pane = root.querySelector("[data-gz-pane]");
    this.list = root.querySelector("[data-gz-list]");
    this.bar = new NewsBar(root);
    this.ahead = new Map();
    this.chosen = new Set();
    this.lastUndo = null;
    this.news = new News(root.dataset.socket, (uids) => this.changedByOthers(uids));
    if (this.list) this.begin();
    this.presence = new Presence(root.querySelector("[data-gz-looking]"), () => this.list && this.isWide && this.shown);
    document.addEventListener("keydown", (event) => this.key(event));
  }

  // -- the grid -------------------------------------------------------------------------------

  begin() {
    this.list.setAttribute("role", "grid");
    for (const row of this.rows) this.adopt(row);
    this.list.addEventListener("click", (event) => this.click(event));
    this.list.addEventListener("focusin", (event) => {
      const row = event.target.closest("[data-gz-row]");
      if (row && row !== this.row) this.select(row);
    });
    this.pane.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(event.target);
    });
    offerPicks(this.pane);
    this.fit();
    for (const moved of ["scroll", "resize"]) addEventListener(moved, () => this.fit(), { passive: true });
    sessionStorage.setItem(KEPT_LIST, JSON.stringify(this.rows.map((row) => row.dataset.href)));
    const isBack = document.referrer.includes("/desk/cases/");
    const last = isBack ? sessionStorage.getItem(KEPT_ROW) : null;
    const first = this.rows.find((row) => row.dataset.number === last) ?? this.rows[0];
    this.select(first);
    if (first !== this.rows[0]) first.scrollIntoView({ block: "nearest" });
  }

  adopt(row) {
    row.tabIndex = -1;
    row.setAttribute("aria-selected", "false");
    row.querySelectorAll("[role=cell]").forEach((cell) => cell.setAttribute("role", "gridcell"));
    row.querySelectorAll("a").forEach((link) => (link.tabIndex = -1));
  }

  get rows() {
    return [...this.list.querySelectorAll("[data-gz-row]")];
  }

  /** Beside the list there is room for the chosen case. */
  get isWide() {
    return Boolean(this.pane?.offsetParent);
  }

  click(event) {
    const row = event.target.closest("[data-gz-row]");
    if (!row || !this.isWide || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (event.detail > 1) return this.open(row);
    this.select(row);
    row.focus({ preventScroll: true });
  }

  select(row) {
    if (this.row) {
      this.row.tabIndex = -1;
      this.row.setAttribute("aria-selected", "false");
    }
    this.row = row;
    row.tabIndex = 0;
    row.setAttribute("aria-selected", "true");
    sessionStorage.setItem(KEPT_ROW, row.dataset.number);
    if (!this.isWide) return;
    if (this.shown !== row.dataset.number) return void this.show(row);
    this.asking?.abort(); // somebody went on and came back: what is on its way is not wanted
    this.lookAhead();
  }

  get shown() {
    return this.pane.querySelector("[data-gz-case]")?.dataset.number;
  }

  move(step) {
    const rows = this.rows;
    const next = rows[rows.indexOf(this.row) + step];
    if (next) this.goTo(next);
  }

  goTo(row) {
    this.select(row);
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  open(row) {
    location.assign(row.dataset.href);
  }

  // -- the pane -------------------------------------------------------------------------------

  show(row, { fresh = false } = {}) {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    this.loading = this.take(row, asking, fresh).catch((error) => this.stumble(error, asking));
    return this.loading;
  }

  async take(row, asking, fresh) {
    const kept = this.ahead.get(row.dataset.number);
    const young = kept && !fresh && Date.now() - kept.at < FRESH;
    this.ahead.delete(row.dataset.number);
    const answer = await (young ? kept.answer : fetchPane(row.dataset.href, asking.signal));
    if (asking.signal.aborted) return;
    if (!answer.isPane) throw new Error(String(answer.status));
    this.draw(answer);
    this.lookAhead();
  }

  /** The pane ends where the window does, however far the page is scrolled: its acts stay in sight. */
  fit() {
    const top = Math.round(this.pane.parentElement.getBoundingClientRect().top);
    this.pane.style.setProperty("--gz-desk-pane-top", `${Math.max(PANE_TOP, top)}px`);
  }

  draw(answer) {
    this.pane.replaceChildren(document.importNode(answer.pane, true));
    this.pane.scrollTop = 0;
    offerPicks(this.pane);
  }

  /** Fetch the next case beforehand: it is there when the key is pressed. */
  lookAhead() {
    const next = this.rows[this.rows.indexOf(this.row) + 1];
    if (!next || this.ahead.has(next.dataset.number)) return;
    const answer = fetchPane(next.dataset.href);
    answer.catch(() => this.ahead.delete(next.dataset.number));
    this.ahead.set(next.dataset.number, { answer, at: Date.now() });
  }

  stumble(error, asking) {
    if (asking.signal.aborted) return;
    if (error instanceof SignedOut) return location.reload();
    toast(error.message === "404" ? word("not_found") : word("failed"));
  }

  // -- keys -----------------------------------------------------------------------------------

  key(event) {
    if (!this.row || event.defaultPrevented || !keysAllowed(event)) return;
    if (document.querySelector("dialog[open]")) return;
    const doing = this.doingOf(event);
    if (!doing) return;
    event.preventDefault();
    doing();
  }

  doingOf(event) {
    const inGrid = this.list.contains(event.target) || event.target === document.body;
    const act = actKey(event);
    if (act) return () => this.act(act);
    switch (event.key) {
      case "j":
      case "J":
        return () => this.move(1);
      case "k":
      case "K":
        return () => this.move(-1);
      case "ArrowDown":
        return inGrid && event.target !== document.body && (() => this.move(1));
      case "ArrowUp":
        return inGrid && event.target !== document.body && (() => this.move(-1));
      case "Enter":
        return inGrid && (() => this.open(this.row));
      case "x":
      case "X":
        return () => this.choose(this.row);
      case "Escape":
        return this.escape();
      default:
        return null;
    }
  }

  escape() {
    if (this.chosen.size) return () => this.chooseNone();
    const open = this.pane.querySelector("details[open]");
    if (!open || isInUse(open)) return null;
    return () => {
      open.open = false;
      this.row.focus();
    };
  }

  async act(key) {
    if (key === "Z") return this.undo();
    if (key === "1" && this.chosen.size) return this.acceptChosen();
    if (!this.isWide) return this.open(this.row);
    if (this.shown !== this.row.dataset.number) await this.loading;
    if (this.shown === this.row.dataset.number && !press(this.pane, key)) announce(word("impossible"), { urgent: true });
  }

  // -- sending --------------------------------------------------------------------------------

  async send(form) {
    if (form.dataset.gzBusy) return;
    form.dataset.gzBusy = "1";
    const button = form.querySelector("button:not([type=button])");
    button.setAttribute("aria-busy", "true");
    const row = this.row;
    this.news.expect(row.dataset.uid);
    try {
      this.settle(row, await sendAct(form.action, new FormData(form)));
    } catch (error) {
      this.complain(form, error instanceof SignedOut ? word("signed_out") : word("failed"));
    } finally {
      delete form.dataset.gzBusy;
      button.removeAttribute("aria-busy");
    }
  }

  settle(row, answer) {
    this.news.expect(row.dataset.uid);
    if (answer.isOk) {
      const fresh = this.renew(row, answer);
      this.say(answer, fresh);
      return this.advance(fresh);
    }
    if (answer.status === 204) {
      row.classList.add("gz-desk-row--done");
      toast(word("gone"));
      return this.advance(row);
    }
    if (!answer.isPane) throw new Error(String(answer.status));
    if (answer.row) this.renew(row, answer, { isDone: false });
    this.draw(answer);
    focusProblem(this.pane);
  }

  /** Put the fresh row in the place of the old one: it stays where it is. */
  renew(row, answer, { isDone = true } = {}) {
    const fresh = document.importNode(answer.row, true);
    this.adopt(fresh);
    fresh.classList.toggle("gz-desk-row--done", isDone);
    if (this.chosen.delete(row)) this.tellChosen();
    row.replaceWith(fresh);
    if (this.row === row) this.select(fresh);
    return fresh;
  }

  say(answer, row) {
    if (!answer.undo) return void toast(answer.said);
    this.lastUndo = { ...answer.undo, row };
    const close = toast(answer.said, {
      milliseconds: Number(this.root.dataset.undoTime),
      action: { label: `${word("undo")} Z`, run: () => this.undo() },
    });
    this.lastUndo.close = close;
  }

  advance(from) {
    const rows = this.rows;
    const at = rows.indexOf(from);
    const left = (row) => !row.classList.contains("gz-desk-row--done");
    const next = rows.slice(at + 1).find(left) ?? rows.slice(0, at).find(left);
    if (next) return this.goTo(next);
    announce(word("last"));
    this.show(from, { fresh: true });
    from.focus({ preventScroll: true });
  }

  async undo() {
    const last = this.lastUndo;
    if (!last) return void announce(word("nothing_to_undo"));
    this.lastUndo = null;
    last.close();
    this.news.expect(last.row.dataset.uid);
    const values = { version: last.version, key: uuid(), message: word("undo_text") };
    try {
      const answer = await sendAct(last.url, values);
      if (!answer.isPane) throw new Error(String(answer.status));
      const row = this.renew(last.row, answer, { isDone: false });
      this.select(row);
      this.asking?.abort();
      this.draw(answer);
      row.focus({ preventScroll: true });
      if (answer.isOk) toast(word("undone"));
      else focusProblem(this.pane);
    } catch {
      toast(word("failed"));
    }
  }

  /** Say above the form that it was not sent; everything in it stays. */
  complain(form, text) {
    let note = form.querySelector("[data-gz-complaint]");
    if (!note) {
      note = document.createElement("p");
      note.className = "gz-field__error";
      note.dataset.gzComplaint = "";
      note.setAttribute("role", "alert");
      form.prepend(note);
    }
    note.textContent = text;
  }

  // -- several at once ------------------------------------------------------------------------

  choose(row) {
    if (!this.chosen.delete(row)) this.chosen.add(row);
    this.tellChosen();
    if (this.rows.indexOf(row) < this.rows.length - 1) this.move(1);
  }

  chooseNone() {
    this.chosen.clear();
    this.tellChosen();
  }

  tellChosen() {
    for (const row of this.rows) row.classList.toggle("gz-desk-row--chosen", this.chosen.has(row));
    const hint = this.root.querySelector("[data-gz-bulk]");
    const text = this.chosen.size ? word("chosen", { n: this.chosen.size }) : "";
    hint.hidden = !text;
    hint.querySelector("[data-gz-bulk-text]").textContent = text;
    this.offerBulk();
    announce(text);
  }

  /** The form that dispatches the chosen cases, each with the version in sight. */
  offerBulk() {
    const form = this.root.querySelector("[data-gz-bulk-form]");
    if (!form) return;
    form.hidden = !this.chosen.size;
    const fields = [...this.chosen].map((row) => {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "case", value: `${row.dataset.number}:${row.dataset.version}` });
      return field;
    });
    form.querySelector("[data-gz-bulk-cases]").replaceChildren(...fields);
  }

  async acceptChosen() {
    const wanted = [...this.chosen];
    let done = 0;
    for (const row of wanted) {
      this.news.expect(row.dataset.uid);
      const values = { version: row.dataset.version, key: uuid() };
      const answer = await sendAct(`${row.dataset.href}act/accept/`, values).catch(() => null);
      if (!answer?.isOk) continue;
      this.renew(row, answer);
      done += 1;
    }
    this.chooseNone();
    toast(word("bulk_done", { n: done, total: wanted.length }));
    if (this.row.classList.contains("gz-desk-row--done")) this.advance(this.row);
  }

  // -- news -----------------------------------------------------------------------------------

  changedByOthers(uids) {
    this.bar.add(uids);
    const mine = this.row?.dataset.uid;
    if (!mine || !this.isWide || !uids.includes(mine)) return;
    if (!isInUse(this.pane) && !this.pane.querySelector("details[open]")) this.show(this.row, { fresh: true });
    for (const row of this.rows) if (uids.includes(row.dataset.uid)) this.ahead.delete(row.dataset.number);
  }
}
