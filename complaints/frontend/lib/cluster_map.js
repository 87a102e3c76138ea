// Clusters on the public map. The server counts them; each is a button that comes closer, or a link to
// the list of its place, so that keyboard and pointer do the same.
import { DomEvent, divIcon, geoJSON, map, marker, tileLayer } from "leaflet";
import { outlines } from "./outlines.js";
import { piece, word } from "./words.js";

const STEP = 80;
const DIRECTIONS = { north: [0, -STEP], south: [0, STEP], west: [-STEP, 0], east: [STEP, 0] };
const LAST_ZOOM = 17;
/** A cell of the server is half a tile wide. */
const CELL = 128;
const AGAIN = 30_000;

export class ClusterMap {
  constructor(section, panel) {
    this.section = section;
    panel.replaceChildren(piece("around"));
    this.seen = panel.querySelector("[data-seen]");
    const [west, south, east, north] = section.dataset.bbox.split(",").map(Number);
    this.canvas = panel.querySelector("[data-map]");
    this.map = map(this.canvas, {
      zoomControl: false,
      attributionControl: false,
      minZoom: 10,
      maxZoom: 18,
      keyboardPanDelta: STEP,
      maxBounds: [
        [south - 0.2, west - 0.2],
        [north + 0.2, east + 0.2],
      ],
    });
    this.marks = [];
    this.map.fitBounds([
      [south, west],
      [north, east],
    ]);
    this.background();
    this.listen(panel);
    this.load();
    setInterval(() => document.hidden || this.load(), AGAIN);
  }

  background() {
    const { tiles, areas } = this.section.dataset;
    if (tiles) {
      const layer = tileLayer(tiles).addTo(this.map);
      layer.once("tileerror", () => this.outline(areas));
    } else {
      this.outline(areas);
    }
  }

  async outline(address) {
    const { towns, grids } = await outlines(address).catch(() => ({}));
    if (!towns) return;
    geoJSON(grids, { interactive: false, style: () => ({ className: "gz-map__grid" }) }).addTo(this.map);
    geoJSON(towns, { interactive: false, style: () => ({ className: "gz-map__town" }) }).addTo(this.map);
  }

  listen(panel) {
    this.map.on("moveend", () => this.load());
    for (const button of panel.querySelectorAll("[data-move]")) {
      button.addEventListener("click", () => this.map.panBy(DIRECTIONS[button.dataset.move]));
    }
    for (const button of panel.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => this.map.zoomIn(Number(button.dataset.zoom)));
    }
  }

  focus() {
    this.map.invalidateSize({ animate: false });
    this.canvas.focus({ preventScroll: true });
  }

  /** Ask for the clusters in view; a newer view ends the question. */
  async load() {
    this.asking?.abort();
    this.asking = new AbortController();
    const bounds = this.map.getBounds();
    const query = new URLSearchParams(this.section.dataset.query);
    query.set("zoom", this.map.getZoom());
    query.set("bbox", bounds.toBBoxString());
    try {
      const answer = await fetch(`${this.section.dataset.clusters}?${query}`, { signal: this.asking.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.draw(await answer.json());
    } catch (problem) {
      if (problem.name !== "AbortError") this.seen.textContent = word("around_failed");
    }
  }

  draw({ states, clusters }) {
    const hadFocus = this.marks.some((mark) => mark.getElement()?.contains(document.activeElement));
    for (const mark of this.marks) mark.remove();
    this.marks = clusters.map(([lon, lat, cell, ...counts]) => this.mark(lon, lat, cell, states, counts));
    const total = clusters.reduce((sum, [, , , ...counts]) => sum + added(counts), 0);
    this.seen.textContent = clusters.length
      ? word("cluster_seen", { groups: clusters.length, n: total })
      : word("cluster_none");
    if (hadFocus) (this.nearest() ?? this.canvas).focus({ preventScroll: true });
  }

  mark(lon, lat, cell, states, counts) {
    const n = added(counts);
    const size = n < 10 ? 44 : n < 100 ? 50 : 60;
    const place = marker(this.apart(lon, lat, cell, size / 2 + 1), {
      interactive: false,
      keyboard: false,
      icon: divIcon({ className: "gz-mark", html: this.control(lon, lat, cell, n, states, counts), iconSize: [size, size] }),
    });
    return place.addTo(this.map);
  }

  /** Where a mark stands: in the middle of what it counts, but so far inside its cell that no two overlap. */
  apart(lon, lat, cell, reach) {
    const [zoom, ...corner] = cell.split("-").map(Number);
    const size = CELL * 2 ** (this.map.getZoom() - zoom);
    const margin = Math.min(reach, size / 2);
    const middle = this.map.project([lat, lon]);
    const [x, y] = [middle.x, middle.y].map((at, i) =>
      Math.min(Math.max(at, corner[i] * size + margin), (corner[i] + 1) * size - margin),
    );
    return this.map.unproject([x, y]);
  }

  control(lon, lat, cell, n, states, counts) {
    const closer = n > 1 && this.map.getZoom() < LAST_ZOOM;
    const control = document.createElement(closer ? "button" : "a");
    const told = states.flatMap((state, i) => (counts[i] ? [`${word(`state_${state}`)} ${counts[i]}`] : []));
    const most = states[counts.indexOf(Math.max(...counts))];
    control.className = `gz-mark__control gz-mark__control--${most}`;
    control.append(piece(`icon_${most}`), String(n));
    control.setAttribute("aria-label", word(closer ? "cluster" : "cluster_list", { n, states: told.join("，") }));
    control.title = told.join("，");
    if (closer) {
      control.type = "button";
      control.addEventListener("click", () => this.map.setView([lat, lon], this.map.getZoom() + 2));
    } else {
      const query = new URLSearchParams(this.section.dataset.query);
      query.set("cell", cell);
      control.href = `${this.section.dataset.list}?${query}#list-title`;
    }
    // Keys and presses on a mark are its own: the map neither drags nor moves with them.
    DomEvent.disableClickPropagation(control);
    control.addEventListener("keydown", (event) => event.key.startsWith("Arrow") || event.stopPropagation());
    return control;
  }

  nearest() {
    const middle = this.map.getCenter();
    const away = (mark) => this.map.distance(middle, mark.getLatLng());
    const [first] = [...this.marks].sort((a, b) => away(a) - away(b));
    return first?.getElement()?.firstElementChild;
  }
}

function added(counts) {
  return counts.reduce((sum, count) => sum + count, 0);
}
