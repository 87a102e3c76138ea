const LEAST = 5000;

/**
 * Show a short message at the foot of the screen for at least five seconds.
 *
 * `action` ({label, run}) adds one button, such as 撤销; the time stands still while the message has
 * the pointer or the focus. Errors and validation never belong in a toast. Returns a function that
 * takes the message away.
 */
export function toast(text, { action = null, milliseconds = LEAST } = {}) {
  const box = document.createElement("div");
  box.className = "gz-toast";
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  const remove = () => box.remove();
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "gz-toast__action";
    button.textContent = action.label;
    button.addEventListener("click", () => {
      remove();
      action.run();
    });
    box.append(button);
  }
  let timer;
  const start = () => {
    timer = setTimeout(remove, Math.max(LEAST, milliseconds));
  };
  const stop = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) box.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) box.addEventListener(name, start);
  document.querySelector("[data-gz-toasts]").append(box);
  start();
  return remove;
}
