// One task: what is typed and photographed is kept at once; what is sent goes through the outbox.
import { word } from "../lib/words.js";
import { keep } from "./keeping.js";
import { distance, metres, pointOf, whereAmI } from "./place.js";
import { Shots } from "./shots.js";
import { showWaiting } from "./waiting.js";

const OUT_OF_HAND = new Set(["complete", "request_return", "dispute_again", "request_extension", "consult"]);

export class TaskPage {
  constructor(page, queue) {
    this.page = page;
    this.queue = queue;
    this.number = page.dataset.number;
    this.form = document.getElementById("finish");
  }

  async start() {
    this.openNamed();
    this.measure();
    if (!this.queue) return;
    if (this.form) {
      const limit = Number(this.page.dataset.limit) || 10;
      const changed = (added, removed) => this.photosChanged(added, removed);
      this.shots = new Shots(this.form, { place: pointOf(this.page), limit, changed });
      this.form.addEventListener("input", () => this.saveSoon());
      this.form.addEventListener("change", (event) => event.target.type !== "file" && this.saveNow());
      document.addEventListener("visibilitychange", () => document.hidden && this.saveNow());
      await this.restore();
    }
    this.queue.addEventListener("change", () => this.show());
    this.queue.addEventListener("sent", (event) => this.follow(event.detail));
    await this.show();
  }

  /** A link from the list leads to a part of the page: open it when it is folded. */
  openNamed() {
    const part = location.hash && document.getElementById(location.hash.slice(1));
    if (!part) return;
    if ("open" in part) part.open = true;
    part.scrollIntoView({ block: "start" });
  }

  async measure() {
    const point = pointOf(this.page);
    const here = point && (await whereAmI());
    if (!here) return;
    const place = this.page.querySelector("[data-gz-distance]");
    place.textContent = distance(metres(here, point));
    place.hidden = false;
  }

  /** An unsent signature opens the work; an unsent result closes it. */
  async show() {
    const waiting = (await showWaiting(this.queue, this.number)).filter((item) => item.number === this.number);
    const pending = waiting.filter((item) => item.state === "pending");
    const signed = pending.some((item) => item.action === "sign_for");
    const away = pending.some((item) => OUT_OF_HAND.has(item.action));
    const work = this.page.querySelector("[data-gz-work]");
    const handIn = document.querySelector("[data-gz-hand-in]");
    const tap = document.querySelector(".gz-field-actions form");
    if (signed) {
      if (work) work.hidden = false;
      if (handIn) handIn.hidden = false;
      if (tap) tap.hidden = true;
      document.getElementById("return")?.setAttribute("hidden", "");
    }
    for (const part of [work, handIn, ...this.page.querySelectorAll("[data-gz-fold]")]) {
      if (part && away) part.hidden = true;
    }
  }

  /** An act of this task arrived: what follows on this page is based on the version after it. */
  follow({ item, was, version }) {
    if (item.number !== this.number) return;
    for (const input of document.querySelectorAll("input[name=version]")) {
      if (Number(input.value) === was) input.value = String(version);
    }
    keep(() => [location.pathname]);
  }

  // -- the draft ------------------------------------------------------------------------------

  get fields() {
    const names = ["outcome_code", "message", "no_photo_code", "no_photo_reason", "lon", "lat", "taken_at"];
    return Object.fromEntries(names.map((name) => [name, this.form.elements[name]?.value ?? ""]));
  }

  get draft() {
    const { label, what } = this.form.dataset;
    return {
      key: this.form.elements.key.value,
      state: "editing",
      number: this.number,
      action: "complete",
      label,
      what,
      version: this.form.elements.version.value,
      fields: this.fields,
      photos: this.shots.items.length,
    };
  }

  saveSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.saveNow(), 300);
  }

  /** Keep the draft; nothing is kept of a page where nothing was entered. */
  saveNow() {
    clearTimeout(this.timer);
    const { outcome_code: outcome, message, no_photo_reason: reason } = this.fields;
    if (this.sending || !(outcome || message || reason || this.shots.items.length)) return;
    this.queue.keep(this.draft).catch(() => {});
  }

  async photosChanged(added, removed) {
    try {
      if (removed) await this.queue.store.dropPhoto(removed.id);
      for (const item of added) {
        const order = this.shots.items.indexOf(item);
        const name = `${item.purpose}/${item.file.name || "photo.jpg"}`;
        await this.queue.store.keepPhoto(this.draft.key, item.id, order, item.file, name);
      }
      this.saveNow();
    } catch {
      this.isFull = true;
    }
  }

  /** Put the photos back into their inputs, for a plain post when the phone has no room. */
  fillIn() {
    for (const purpose of ["before", "after"]) {
      const files = new DataTransfer();
      this.shots.items.filter((item) => item.purpose === purpose).forEach((item) => files.items.add(item.file));
      this.form.elements[purpose].files = files.files;
    }
  }

  async restore() {
    const left = (await this.queue.items()).filter((item) => item.state === "editing" && item.number === this.number);
    const draft = left.pop();
    if (!draft) return;
    this.form.elements.key.value = draft.key;
    for (const [name, value] of Object.entries(draft.fields)) {
      const field = this.form.elements[name];
      if (field && value) field.value = value;
    }
    for (const { id, name, file } of await this.queue.store.photosOf(draft.key)) {
      const [purpose, filename] = name.split("/");
      this.shots.add(purpose, new File([file], filename, { type: file.type }), id);
    }
    if (draft.fields.no_photo_reason) this.form.querySelector(".gz-plain-details").open = true;
  }

  /** What can be told before anything is sent, so that no round trip is wasted on it. */
  problems() {
    const found = [this.missingPhoto()];
    if (!this.form.elements.outcome_code.value) found.push({ text: word("choose_outcome"), field: "complete-outcome_code" });
    return found.filter(Boolean);
  }

  missingPhoto() {
    const has = (purpose) => this.shots.items.some((item) => item.purpose === purpose);
    const kept = this.form.querySelector("input[name=kept_after]") || this.page.dataset.hasAfter;
    if (this.fields.no_photo_reason.trim()) return null;
    if (!has("after") && !kept) return { text: word("take_after"), field: "complete-after" };
    const before = this.page.dataset.hasBefore || this.form.querySelector("input[name=kept_before]");
    if (!has("before") && !before) return { text: word("take_before"), field: "complete-before" };
    return null;
  }

  /** Hand the finished draft to the outbox; its photos are there already. */
  item() {
    this.sending = true;
    clearTimeout(this.timer);
    const kept = [...this.form.querySelectorAll("input[name=kept_before], input[name=kept_after]")];
    const tickets = Object.fromEntries(kept.map((input) => [input.name, input.value]));
    return { ...this.draft, state: "pending", fields: { ...this.fields, ...tickets } };
  }
}
