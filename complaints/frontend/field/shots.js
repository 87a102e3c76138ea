// Photos of the work: taken one by one, shown at once, kept on the phone before anything is sent.
import { announce } from "@gongzhi/ui";
import { shrink } from "../lib/shrink.js";
import { piece, word } from "../lib/words.js";
import { metres, whereAmI } from "./place.js";
import { uuid } from "./queue.js";

const HEAVY = 3 * 1024 * 1024;
const FAR = 300;
const OLD = 86_400_000;

export class Shots {
  /** `place` is the case's own position or null; `changed(added, removed)` hears of every photo. */
  constructor(form, { place, limit, changed }) {
    this.form = form;
    this.place = place;
    this.limit = limit;
    this.changed = changed;
    this.items = [];
    for (const box of form.querySelectorAll("[data-gz-shot]")) {
      const input = box.querySelector("input[type=file]");
      input.addEventListener("change", () => this.take(box, input));
    }
  }

  async take(box, input) {
    const files = [...input.files];
    input.value = "";
    const purpose = box.dataset.gzShot;
    const room = this.limit - this.items.filter((item) => item.purpose === purpose).length;
    if (files.length > room) announce(word("too_many", { n: this.limit }), { urgent: true });
    const items = files.slice(0, room).map((file) => this.add(purpose, file));
    if (!items.length) return;
    const here = await whereAmI();
    this.judge(items, here);
    for (const item of items) {
      // The copy has no position of its own any more: shrink when the phone's is known, or it is heavy.
      if (here || item.file.size > HEAVY) item.file = await shrink(item.file);
    }
    this.changed(items, null);
  }

  /** Show a photo; also used for those that come back from a draft. */
  add(purpose, file, id = uuid()) {
    const box = this.form.querySelector(`[data-gz-shot=${purpose}]`);
    const item = { id, purpose, file, taken: file.lastModified };
    const place = piece("shot");
    item.place = place;
    this.items.push(item);
    const number = this.items.filter((one) => one.purpose === purpose).length;
    const picture = place.querySelector("img");
    picture.alt = word(purpose === "before" ? "photo_before" : "photo_after", { n: number });
    picture.src = URL.createObjectURL(file);
    const button = place.querySelector("button");
    button.setAttribute("aria-label", word("remove_photo", { what: picture.alt }));
    button.addEventListener("click", () => this.remove(item));
    const list = box.querySelector("[data-gz-shots]");
    list.append(place);
    list.hidden = false;
    box.classList.add("gz-shot--taken");
    return item;
  }

  remove(item) {
    this.items = this.items.filter((one) => one !== item);
    URL.revokeObjectURL(item.place.querySelector("img").src);
    const box = item.place.closest("[data-gz-shot]");
    item.place.remove();
    if (!this.items.some((one) => one.purpose === item.purpose)) {
      box.classList.remove("gz-shot--taken");
      box.querySelector("[data-gz-shots]").hidden = true;
    }
    box.querySelector("input[type=file]").focus();
    this.changed([], item);
  }

  /** Ask gently when place or time do not fit; nothing is refused. */
  judge(items, here) {
    const { lon, lat, taken_at: time } = this.form.elements;
    if (here) [lon.value, lat.value] = [here.lon, here.lat];
    const taken = Math.min(...this.items.map((item) => item.taken));
    time.value = String(taken);
    const away = here && this.place ? metres(here, this.place) : 0;
    const doubts = [];
    if (away > FAR) doubts.push(word("doubt_far"));
    if (Date.now() - Math.min(...items.map((item) => item.taken)) > OLD) doubts.push(word("doubt_old"));
    const note = this.form.querySelector("[data-gz-doubt]");
    note.hidden = doubts.length === 0;
    note.querySelector("span").textContent = doubts.join("");
  }
}
