// The public map beside its list. The list is the page; the map is loaded at once on wide screens and
// on a press elsewhere, and when it fails the list stays.
import { word } from "./lib/words.js";

const WIDE = "(min-width: 60rem)";

class Around {
  constructor(section) {
    this.section = section;
    this.panel = section.querySelector("[data-panel]");
    this.button = section.querySelector("[data-open]");
    section.hidden = false;
    this.button.addEventListener("click", () => this.open({ focus: true }));
    if (matchMedia(WIDE).matches) this.open({ focus: false });
  }

  async open({ focus }) {
    this.button.hidden = true;
    this.panel.hidden = false;
    this.panel.textContent = word("map_loading");
    try {
      const [{ ClusterMap }] = await Promise.all([import("./lib/cluster_map.js"), this.style()]);
      this.map = new ClusterMap(this.section, this.panel);
      this.section.querySelector("[data-credit]").hidden = false;
      if (focus) this.map.focus();
    } catch {
      this.panel.textContent = word("around_failed");
      this.button.hidden = false;
    }
  }

  style() {
    return new Promise((loaded, failed) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = this.section.dataset.mapStyle;
      link.addEventListener("load", loaded);
      link.addEventListener("error", failed);
      document.head.append(link);
    });
  }
}

const section = document.querySelector("[data-gz-around]");
if (section) new Around(section);
