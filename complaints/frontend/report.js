// The report form. Without this script it is a plain form; with it photos get previews and shrink,
// the place comes from the phone, and nothing is lost when the network is.
import { announce, toast } from "@gongzhi/ui";
import { drafts, dropPhoto, forget, keep, keepPhoto, photosOf } from "./lib/outbox.js";
import { Near } from "./lib/near.js";
import { Photos } from "./lib/photos.js";
import { Place } from "./lib/place.js";
import { post, token } from "./lib/send.js";
import { uuid } from "./lib/uuid.js";
import { watchOutbox } from "./lib/waiting.js";
import { piece, word } from "./lib/words.js";

const KEPT_DAYS = 7;
const FIELDS = ["category", "description", "address", "lon", "lat", "accuracy", "location_source", "datum", "joins"];

class ReportForm {
  constructor(form) {
    this.form = form;
    form.classList.add("gz-report--scripted");
    this.sending = false;
    this.touched = false;
    this.photos = new Photos(form, { changed: (added, removed) => this.photosChanged(added, removed) });
    this.place = new Place(form, { changed: () => this.placeChanged() });
    this.near = new Near(form, { changed: () => this.save() });
    form.addEventListener("input", () => this.save());
    form.addEventListener("change", (event) => event.target.type === "radio" && this.kindChanged());
    form.addEventListener("submit", (event) => this.submit(event));
  }

  get key() {
    return this.form.elements.key.value;
  }

  get fields() {
    return Object.fromEntries(FIELDS.map((name) => [name, this.form.elements[name]?.value ?? ""]));
  }

  get isEmpty() {
    const { category, description, address } = this.fields;
    return !(category || description.trim() || address.trim() || this.photos.items.length || this.photos.unseen);
  }

  // -- keeping ------------------------------------------------------------------------------

  save() {
    this.touched = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keepNow("editing"), 300);
  }

  async keepNow(state) {
    clearTimeout(this.timer);
    if (this.isEmpty || (this.sending && state === "editing")) return;
    try {
      await this.photosKept;
      await keep({ key: this.key, state, fields: this.fields, photos: this.photos.items.length });
    } catch {
      // Private windows keep nothing; sending works all the same.
    }
  }

  photosChanged(added, removed) {
    if (removed) dropPhoto(removed.id).catch(() => {});
    const order = Date.now();
    this.photosKept = Promise.all(
      added.map((item, i) => keepPhoto(this.key, item.id, order + i, item.file, item.file.name).catch(() => {})),
    );
    this.save();
    if (added.length) this.place.locate({ byItself: true });
    if (this.place.certain) this.photos.prepare();
  }

  kindChanged() {
    this.near.look();
    this.save();
  }

  placeChanged() {
    this.near.look();
    this.photos.prepare();
    this.save();
  }

  async restore() {
    const oldest = Date.now() - KEPT_DAYS * 86_400_000;
    const left = (await drafts()).filter((draft) => draft.state === "editing");
    for (const draft of left.filter((one) => one.saved < oldest)) await forget(draft.key);
    const draft = left.filter((one) => one.saved >= oldest).pop();
    if (!draft || this.touched) return;
    this.form.elements.key.value = draft.key;
    for (const name of FIELDS) this.form.elements[name].value = draft.fields[name] ?? "";
    for (const { id, file } of await photosOf(draft.key)) this.photos.add(file, id);
    this.place.tell();
    if (this.place.certain) this.photos.prepare();
    toast(word("restored"), { milliseconds: 12_000, action: { label: word("clear"), run: () => this.clear() } });
  }

  async clear() {
    await forget(this.key).catch(() => {});
    this.reset();
  }

  reset() {
    this.sending = false;
    this.touched = false;
    [...this.photos.items].forEach((item) => item.place.remove());
    this.photos.items = [];
    this.photos.show();
    this.form.reset();
    for (const name of FIELDS) this.form.elements[name].value = "";
    this.form.elements.key.value = uuid();
    this.place.asked = false;
    this.place.tell();
    this.near.look();
  }

  // -- sending ------------------------------------------------------------------------------

  async submit(event) {
    event.preventDefault();
    if (this.sending) return;
    if (this.isEmpty) return this.problem(word("nothing_given"));
    this.sending = true;
    this.button(true);
    // A key of its own would double the report when a kept draft is sent as well.
    await this.keepNow("pending");
    try {
      const files = await this.photos.files();
      const fields = { ...this.fields, key: this.key, csrfmiddlewaretoken: token(), kept: this.photos.tickets };
      await this.answer(await post(fields, files, (share) => this.progress(share)));
    } catch {
      await this.later();
    }
  }

  async answer({ status, body }) {
    if (status === 201) {
      await forget(this.key).catch(() => {});
      location.assign(JSON.parse(body).receipt);
    } else if (status >= 400 && status < 500 && status !== 429) {
      this.sending = false;
      await this.keepNow("editing");
      this.button(false);
      if (status === 403) location.reload();
      else await this.showAnswer(body);
    } else {
      await this.later();
    }
  }

  /** Not filed: say so plainly, keep it, and make room for another one. */
  async later() {
    this.button(false);
    const kept = (await drafts().catch(() => [])).some((draft) => draft.key === this.key);
    if (!kept) {
      this.sending = false;
      this.problem(word("not_sent"));
      return;
    }
    this.reset();
    await outbox();
    announce(word("waiting"), { urgent: true });
    document.querySelector("[data-gz-drafts]").scrollIntoView({ block: "start" });
  }

  /** Put the server's page in place of this one: it names the problem and kept what was entered. */
  async showAnswer(body) {
    const answer = new DOMParser().parseFromString(body, "text/html");
    const fresh = answer.querySelector("[data-gz-report-page]");
    if (!fresh) return this.problem(word("not_sent"));
    document.title = answer.title;
    document.querySelector("[data-gz-report-page]").replaceWith(fresh);
    page = start();
    const lost = await page.photos.adopt(this.photos.items);
    for (const item of lost) dropPhoto(item.id).catch(() => {});
    const summary = fresh.querySelector("[data-gz-error-summary]");
    summary?.addEventListener("click", intoField);
    summary?.focus();
  }

  problem(text) {
    const page = document.querySelector("[data-gz-report-page]");
    page.querySelector("[data-gz-error-summary]")?.remove();
    const summary = piece("problem");
    summary.querySelector("a").textContent = text;
    summary.addEventListener("click", intoField);
    page.querySelector("h1").after(summary);
    summary.focus();
  }

  button(busy) {
    const button = this.form.querySelector("[data-gz-send]");
    if (busy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
    this.form.querySelector("[data-gz-upload]")?.remove();
  }

  progress(share) {
    let bar = this.form.querySelector("[data-gz-upload]");
    if (!bar) {
      bar = piece("upload");
      this.form.querySelector("[data-gz-send]").after(bar);
    }
    bar.querySelector("progress").value = share;
    bar.querySelector("[data-share]").textContent = `${Math.round(share * 100)}%`;
  }
}

function intoField(event) {
  const id = event.target.closest("a[href^='#']")?.hash.slice(1);
  const field = id && document.getElementById(id);
  if (!field) return;
  event.preventDefault();
  field.focus();
}

function start() {
  const form = document.querySelector("[data-gz-report]");
  return form ? new ReportForm(form) : null;
}

let page = start();
const showsProblem = document.querySelector("[data-gz-error-summary]");
const outbox = watchOutbox({
  paused: () => page?.sending,
  arrived(receipt) {
    if (document.hidden || page?.touched) return false;
    location.assign(receipt);
    return true;
  },
});
if (page && !showsProblem && window.indexedDB) page.restore().catch(() => {});
