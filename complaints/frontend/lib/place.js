// Where it is: the phone's position, asked for when a photo was chosen or on a tap; else the photo's
// own, else a pin, else the address. Before the report is sent only a
// rounded position leaves the phone (near.js).
import { outlines, placeAt } from "./outlines.js";
import { word } from "./words.js";

export class Place {
  constructor(form, { changed }) {
    this.form = form;
    this.changed = changed;
    this.text = form.querySelector("[data-gz-where-text]");
    this.panel = form.querySelector("[data-gz-map-panel]");
    this.button = form.querySelector("[data-gz-change]");
    this.asked = false;
    form.querySelector("[data-gz-where]").hidden = false;
    form.querySelector("[data-gz-locate]").addEventListener("click", () => this.locate());
    this.button.addEventListener("click", () => this.toggleMap());
    this.tell();
  }

  get known() {
    return this.form.elements.lon.value !== "";
  }

  /** Whether the place does not have to be read from the photos. */
  get certain() {
    return this.known;
  }

  set({ lon, lat, accuracy = "", source }) {
    const values = { lon: lon.toFixed(6), lat: lat.toFixed(6), accuracy, location_source: source, datum: "WGS84" };
    for (const [name, value] of Object.entries(values)) this.form.elements[name].value = value;
    this.tell();
    this.changed();
  }

  /** Ask the phone, once by itself and again on every tap. */
  locate({ byItself = false } = {}) {
    if ((byItself && (this.asked || this.known)) || !navigator.geolocation) return;
    this.asked = true;
    this.text.textContent = word("locating");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.found(coords, byItself),
      () => (this.text.textContent = word("no_position")),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
    );
  }

  found({ longitude, latitude, accuracy }, byItself) {
    // A pin that was set meanwhile is what the person meant.
    if (byItself && this.known) return;
    this.set({ lon: longitude, lat: latitude, accuracy: Math.round(accuracy), source: "browser" });
  }

  async tell() {
    if (!this.known) {
      this.text.textContent = word("where_empty");
      return;
    }
    const { lon, lat, location_source: source, accuracy } = this.form.elements;
    const how = source.value === "pin" ? word("by_pin") : word("by_phone", { metres: accuracy.value || "?" });
    this.text.textContent = how;
    try {
      const place = placeAt(await outlines(this.form.dataset.areas), Number(lon.value), Number(lat.value));
      this.text.textContent = word(place ? "in_place" : "outside", { place, how });
    } catch {
      // Without the outlines the position counts all the same.
    }
  }

  async toggleMap() {
    const opening = this.panel.hidden;
    this.panel.hidden = !opening;
    this.button.setAttribute("aria-expanded", String(opening));
    if (!opening) return;
    if (!this.map) await this.loadMap();
    this.map?.open();
  }

  async loadMap() {
    this.panel.textContent = word("map_loading");
    try {
      const [{ PinMap }, areas] = await Promise.all([import("./map.js"), outlines(this.form.dataset.areas), this.style()]);
      this.map = new PinMap(this, areas);
    } catch {
      this.panel.textContent = word("map_failed");
    }
  }

  style() {
    return new Promise((resolve, reject) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = this.form.dataset.mapStyle;
      link.onload = resolve;
      link.onerror = reject;
      document.head.append(link);
    });
  }
}
