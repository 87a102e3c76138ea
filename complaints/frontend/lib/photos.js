// The photos of a report: one plain input, as many photos as allowed, previews, taking one away.
import { announce } from "@gongzhi/ui";
import { shrink } from "./shrink.js";
import { uuid } from "./uuid.js";
import { piece, word } from "./words.js";

const MEGABYTE = 1024 * 1024;

/** "1.4 MB", "83 KB". */
function sizeOf({ size }) {
  return size < MEGABYTE ? `${Math.ceil(size / 1024)} KB` : `${(size / MEGABYTE).toFixed(1)} MB`;
}

export class Photos {
  constructor(form, { changed }) {
    this.form = form;
    this.limit = Number(form.dataset.limit);
    this.changed = changed;
    this.items = [];
    this.input = form.querySelector("#photos");
    this.list = form.querySelector("[data-gz-previews]");
    this.camera = form.querySelector(".gz-report__camera");
    this.title = this.camera.querySelector(".gz-report__camera-title");
    this.firstTitle = this.title.textContent;
    this.input.addEventListener("change", () => this.take());
    this.offerAnyFile();
  }

  /** Tickets of photos that the server kept from an earlier try; those are not sent again. */
  get tickets() {
    const unseen = [...this.form.querySelectorAll("input[name=kept]")].map((input) => input.value);
    return [...unseen, ...this.items.map((item) => item.ticket).filter(Boolean)];
  }

  get unseen() {
    return this.form.querySelectorAll("input[name=kept]").length;
  }

  take() {
    const files = [...this.input.files];
    this.input.value = "";
    const room = this.limit - this.items.length - this.unseen;
    files.slice(0, room).forEach((file) => this.add(file));
    if (files.length > room) announce(word("too_many", { n: this.limit }), { urgent: true });
    if (files.length) this.changed(this.items.slice(-files.length));
  }

  add(file, id = uuid()) {
    const item = { id, file, small: null, ticket: "" };
    const place = piece("photo");
    const number = this.items.push(item);
    const picture = place.querySelector("img");
    item.place = place;
    picture.alt = word("photo", { n: number });
    picture.addEventListener("error", () => {
      place.classList.add("gz-report__preview--plain");
      place.querySelector("[data-name]").textContent = file.name;
      place.querySelector("[data-size]").textContent = sizeOf(file);
    });
    picture.src = URL.createObjectURL(file);
    const button = place.querySelector("button");
    button.setAttribute("aria-label", word("remove_photo", { n: number }));
    button.addEventListener("click", () => this.remove(item));
    this.list.append(place);
    this.show();
    return item;
  }

  remove(item) {
    this.items = this.items.filter((one) => one !== item);
    URL.revokeObjectURL(item.place.querySelector("img").src);
    item.place.remove();
    this.show();
    this.input.focus();
    this.changed([], item);
  }

  show() {
    const count = this.items.length;
    this.list.hidden = !count;
    this.camera.classList.toggle("gz-report__camera--more", count > 0);
    this.title.textContent = count ? word("one_more") : this.firstTitle;
    this.camera.hidden = count + this.unseen >= this.limit;
  }

  /** Make photos small in advance; only when the place does not have to come from them. */
  prepare() {
    for (const item of this.items) item.small ??= shrink(item.file);
  }

  /** Return the files to send, small copies when they were prepared; kept ones need no sending. */
  files() {
    return Promise.all(this.items.filter((item) => !item.ticket).map((item) => item.small ?? item.file));
  }

  /**
   * Take over the photos of the form that this one replaced: those the server kept, by their size,
   * get its ticket; those it could not read are returned and do not come back.
   */
  async adopt(items) {
    const inputs = [...this.form.querySelectorAll("input[name=kept]")];
    const lost = [];
    for (const item of items) {
      const { size } = (await item.small) ?? item.file;
      const at = inputs.findIndex((input) => Number(input.dataset.bytes) === size);
      if (at < 0) {
        lost.push(item);
        continue;
      }
      const [input] = inputs.splice(at, 1);
      this.add(item.file, item.id).ticket = input.value;
      input.remove();
    }
    if (!this.unseen) this.form.querySelector("[data-gz-kept]")?.remove();
    this.show();
    return lost;
  }

  /** Some WeChat versions open nothing when `accept` is set (ux.md §6): a way without it. */
  offerAnyFile() {
    const offer = this.form.querySelector("[data-gz-any-file]");
    this.input.addEventListener("click", () => setTimeout(() => (offer.hidden = this.items.length > 0), 8000));
    offer.querySelector("button").addEventListener("click", () => {
      this.input.removeAttribute("accept");
      this.input.click();
    });
  }
}
