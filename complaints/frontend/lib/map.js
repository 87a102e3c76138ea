// The pin on the map. The pin stands still in the middle and the map moves below it: by buttons, arrow
// keys, a tap, or a drag. There are no tiles: the outlines of towns and grids are the map.
import { DomEvent, geoJSON, map } from "leaflet";
import { piece } from "./words.js";

const STEP = 60;
const START_ZOOM = 13;
const CLOSE_ZOOM = 14;
const DIRECTIONS = { north: [0, -STEP], south: [0, STEP], west: [-STEP, 0], east: [STEP, 0] };

export class PinMap {
  constructor(place, areas) {
    this.place = place;
    const { panel, form } = place;
    panel.replaceChildren(piece("map"));
    const [west, south, east, north] = form.dataset.bbox.split(",").map(Number);
    this.map = map(panel.querySelector("[data-map]"), {
      zoomControl: false,
      attributionControl: false,
      minZoom: 10,
      maxZoom: 18,
      keyboardPanDelta: STEP,
      maxBounds: [
        [south - 0.3, west - 0.3],
        [north + 0.3, east + 0.3],
      ],
    });
    this.draw(areas);
    this.listen(panel);
  }

  draw({ towns, grids }) {
    geoJSON(grids, { interactive: false, style: () => ({ className: "gz-map__grid" }) }).addTo(this.map);
    geoJSON(towns, {
      interactive: false,
      style: () => ({ className: "gz-map__town" }),
      onEachFeature: ({ properties }, layer) =>
        layer.bindTooltip(properties.name, { permanent: true, direction: "center", className: "gz-map__name" }),
    }).addTo(this.map);
  }

  listen(panel) {
    this.map.on("click", (event) => this.map.panTo(event.latlng));
    this.map.on("moveend", () => this.quiet || this.take());
    for (const button of panel.querySelectorAll("[data-move]")) {
      button.addEventListener("click", () => this.map.panBy(DIRECTIONS[button.dataset.move]));
    }
    for (const button of panel.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => this.map.zoomIn(Number(button.dataset.zoom)));
    }
    panel.querySelector("[data-here]").addEventListener("click", () => {
      this.take();
      this.place.toggleMap();
      this.place.button.focus();
    });
    DomEvent.disableScrollPropagation(panel);
  }

  /** Show the map around the known position, else the district, and put the focus on it. */
  open() {
    const { lon, lat } = this.place.form.elements;
    const [centreLon, centreLat] = this.place.form.dataset.centre.split(",").map(Number);
    this.quiet = true;
    this.map.invalidateSize({ animate: false });
    if (this.place.known) this.map.setView([lat.value, lon.value], CLOSE_ZOOM, { animate: false });
    else this.map.setView([centreLat, centreLon], START_ZOOM, { animate: false });
    this.quiet = false;
    this.map.getContainer().focus({ preventScroll: true });
  }

  take() {
    const { lng, lat } = this.map.getCenter();
    this.place.set({ lon: lng, lat, source: "pin" });
  }
}
