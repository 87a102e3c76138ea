/** Each person on a shared computer has a choice of their own. */
function kept() {
  return `gz-keys-off:${document.querySelector("[data-gz-keys]")?.dataset.gzPerson ?? ""}`;
}

/** Whether single-key shortcuts are switched off on this device (WCAG 2.1.4). */
export function keysAreOff() {
  return localStorage.getItem(kept()) === "1";
}

/** Remember the reader's choice about single-key shortcuts. */
export function turnKeys(off) {
  if (off) localStorage.setItem(kept(), "1");
  else localStorage.removeItem(kept());
}

/** Whether a key event may act as a shortcut: no field, no input method, no modifier, not off. */
export function keysAllowed(event) {
  if (event.isComposing || event.keyCode === 229) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const field = event.target.closest?.("input, textarea, select, [contenteditable='true']");
  if (field && !["checkbox", "radio", "button"].includes(field.type)) return false;
  return !keysAreOff();
}
