// Exchange the parts of a page that changed, but never one that somebody is writing in.
const PART = "[data-gz-part]";
const FIELDS = "textarea, input:not([type=hidden])";

/**
 * Bring `root` up to date with the HTML of the same page. A part with `data-signature` is only
 * exchanged when that changed (its tokens change every time). Returns the parts that had to wait.
 */
export function refreshParts(root, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const waiting = [];
  const known = new Set();
  for (const next of fresh.querySelectorAll(PART)) {
    known.add(next.dataset.gzPart);
    const now = root.querySelector(`[data-gz-part="${next.dataset.gzPart}"]`);
    if (!now || same(now, next)) continue;
    if (inUse(now)) waiting.push(now);
    else exchange(now, next);
  }
  for (const now of root.querySelectorAll(PART)) {
    if (known.has(now.dataset.gzPart)) continue;
    if (inUse(now)) waiting.push(now);
    else now.remove();
  }
  return waiting;
}

function same(now, next) {
  if ("signature" in next.dataset) return now.dataset.signature === next.dataset.signature;
  return now.innerHTML === next.innerHTML;
}

function exchange(now, next) {
  const open = [...now.querySelectorAll("details[open]")].map((details) => details.id);
  const focused = now.contains(document.activeElement) ? document.activeElement.id : "";
  const copy = document.importNode(next, true);
  now.replaceWith(copy);
  for (const id of open) {
    const details = id && document.getElementById(id);
    if (details) details.open = true;
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/** Whether somebody has the focus in a field of the part, or has typed or chosen something. */
function inUse(part) {
  if (part.contains(document.activeElement) && document.activeElement.matches(FIELDS)) return true;
  return [...part.querySelectorAll(FIELDS)].some((field) => {
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    return field.value !== field.defaultValue;
  });
}
