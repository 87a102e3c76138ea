// Says that somebody may have told us of this already, once place and kind are known. The place is
// rounded to some 50 m before it is asked for; without an answer the page stays as it is.
import { token } from "./send.js";
import { piece, word } from "./words.js";

const CELL = 0.0005;

export class Near {
  constructor(form, { changed }) {
    this.form = form;
    this.changed = changed;
    this.box = form.querySelector("[data-gz-near]");
    this.asked = "";
  }

  /** Ask again when place or kind are others than the last time; a choice made for those is dropped. */
  look() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 400);
  }

  async ask() {
    const { lon, lat, datum, category } = this.form.elements;
    const place = lon.value && lat.value ? [rounded(lon.value), rounded(lat.value)] : null;
    const question = place && category.value ? [...place, category.value].join() : "";
    if (question === this.asked) return;
    this.asked = question;
    this.choose("");
    this.box.hidden = true;
    if (!question) return;
    const found = await this.fetched({ lon: place[0], lat: place[1], datum: datum.value, category: category.value });
    if (question === this.asked && found.length) this.show(found);
  }

  async fetched(fields) {
    try {
      const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token() });
      const answer = await fetch(this.box.dataset.nearby, { method: "POST", body, credentials: "same-origin" });
      return answer.ok ? (await answer.json()).near : [];
    } catch {
      return [];
    }
  }

  show(found) {
    const box = piece("near");
    const list = box.querySelector("[data-list]");
    for (const one of found) list.append(this.row(one));
    box.querySelector("[data-own]").addEventListener("click", () => {
      this.choose("");
      this.box.hidden = true;
    });
    this.box.replaceChildren(box);
    this.box.hidden = false;
  }

  row({ token: joins, kind, far, state, since }) {
    const row = piece("near_one");
    row.querySelector("[data-text]").textContent = [kind, far, since, state].join(" · ");
    const button = row.querySelector("[data-join]");
    button.addEventListener("click", () => {
      this.choose(joins);
      for (const other of this.box.querySelectorAll("[data-join]")) other.setAttribute("aria-pressed", String(other === button));
      this.note();
    });
    return row;
  }

  note() {
    let said = this.box.querySelector("[data-joined]");
    if (!said) {
      said = document.createElement("p");
      said.dataset.joined = "";
      this.box.querySelector("[data-list]").after(said);
    }
    said.textContent = word("joined");
  }

  choose(joins) {
    if (this.form.elements.joins.value === joins) return;
    this.form.elements.joins.value = joins;
    this.changed();
  }
}

function rounded(text) {
  return (Math.round(Number(text) / CELL) * CELL).toFixed(4);
}
