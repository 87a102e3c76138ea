/** Return the sentence that the page keeps under `name`, with {places} filled in. */
export function word(name, values = {}) {
  const kept = document.querySelector(`template[data-word="${name}"]`);
  const text = kept ? kept.content.textContent : "";
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

/** Return a fresh copy of the piece of page kept under `name`. */
export function piece(name) {
  return document.querySelector(`template[data-piece="${name}"]`).content.firstElementChild.cloneNode(true);
}
