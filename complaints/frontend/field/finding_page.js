// A finding of one's own: kept on the phone at once and sent through the outbox, like every act.
import { keep } from "./keeping.js";
import { whereAmI } from "./place.js";
import { uuid } from "./queue.js";
import { TaskPage } from "./task_page.js";
import { word } from "../lib/words.js";

const NEW = "new";
const FIELDS = ["category", "description", "address", "lon", "lat", "taken_at"];

export class FindingPage extends TaskPage {
  constructor(page, queue) {
    super(page, queue);
    this.number = NEW;
    // A page that was kept for later holds an old key; each finding needs one of its own.
    this.form.elements.key.value = uuid();
    this.place = page.querySelector("[data-gz-finding-place]");
    this.settled = this.form.elements.is_settled;
    this.settled.addEventListener("change", () => this.unfold());
    const button = page.querySelector("[data-gz-here]");
    button.hidden = false;
    button.addEventListener("click", () => this.locate({ ask: true }));
  }

  async start() {
    await super.start();
    this.unfold();
    await this.locate();
    keep(() => [location.pathname]).catch(() => {});
  }

  unfold() {
    this.page.querySelector("[data-gz-after]").hidden = !this.settled.checked;
  }

  async locate({ ask = false } = {}) {
    const here = await whereAmI({ ask });
    if (here) [this.form.elements.lon.value, this.form.elements.lat.value] = [here.lon, here.lat];
    const text = this.form.elements.lon.value ? "place_known" : ask ? "no_position" : "";
    if (text) this.place.textContent = word(text);
    if (here) this.saveNow();
  }

  get fields() {
    const found = Object.fromEntries(FIELDS.map((name) => [name, this.form.elements[name].value]));
    return { ...found, is_settled: this.settled.checked ? "1" : "" };
  }

  get draft() {
    const { label, what } = this.form.dataset;
    const tile = this.form.querySelector("input[name=category]:checked");
    return {
      key: this.form.elements.key.value,
      state: "editing",
      number: NEW,
      action: "submit",
      address: "/field/new/",
      label,
      what: tile?.closest("label").innerText.trim() || what,
      version: "0",
      fields: this.fields,
      photos: this.shots.items.length,
    };
  }

  saveNow() {
    clearTimeout(this.timer);
    const { category, description, address } = this.fields;
    if (this.sending || !this.shots || !(category || description || address || this.shots.items.length)) return;
    this.queue.keep(this.draft).catch(() => {});
  }

  async restore() {
    await super.restore();
    const left = (await this.queue.items()).find((item) => item.key === this.form.elements.key.value);
    this.settled.checked = Boolean(left?.fields.is_settled);
  }

  /** What can be told before anything is sent. */
  problems() {
    const { category, description, is_settled: settled } = this.fields;
    const photos = this.shots.items;
    const kept = this.form.querySelector("input[name^=kept_]");
    if (!(category || description.trim() || photos.length || kept)) return [{ text: word("nothing_found"), field: "finding-before" }];
    const shown = photos.some((item) => item.purpose === "after") || this.form.querySelector("input[name=kept_after]");
    if (settled && !shown && !description.trim()) return [{ text: word("show_settled"), field: "finding-after" }];
    return [];
  }

  /** Each finding waits by itself: one that was stopped holds no other back. */
  item() {
    const item = super.item();
    return { ...item, number: item.key };
  }
}
