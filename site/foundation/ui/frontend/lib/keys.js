const OFF = "gz-keys-off";

/** Whether single-key shortcuts are switched off on this device (WCAG 2.1.4). */
export function keysAreOff() {
  return localStorage.getItem(OFF) === "1";
}

/** Remember the reader's choice about single-key shortcuts. */
export function turnKeys(off) {
  if (off) localStorage.setItem(OFF, "1");
  else localStorage.removeItem(OFF);
}

/** Whether a key event may act as a shortcut: no field, no input method, no modifier, not off. */
export function keysAllowed(event) {
  if (event.isComposing || event.keyCode === 229) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const field = event.target.closest?.("input, textarea, select, [contenteditable='true']");
  if (field && !["checkbox", "radio", "button"].includes(field.type)) return false;
  return !keysAreOff();
}
