/** Say `text` to screen readers; urgent text interrupts. */
export function announce(text, { urgent = false } = {}) {
  const name = urgent ? "assertive" : "polite";
  let region = document.querySelector(`[data-gz-live="${name}"]`);
  if (!region) {
    region = document.createElement("div");
    region.className = "gz-visually-hidden";
    region.dataset.gzLive = name;
    region.setAttribute("aria-live", name);
    document.body.append(region);
  }
  region.textContent = "";
  // A change in the next frame is read even when the words are the same as before.
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}
