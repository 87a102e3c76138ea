// Acts on screen: a key presses its button or unfolds its form and puts the focus where it belongs.
const ACT_KEYS = "123aez";

/** Return the key of an act in upper case, or '' when this key is none. */
export function actKey(event) {
  if (event.shiftKey || event.repeat) return "";
  return ACT_KEYS.includes(event.key.toLowerCase()) ? event.key.toUpperCase() : "";
}

/** Press the act with `key` inside `root`; false when there is none. */
export function press(root, key) {
  const button = root?.querySelector(`[data-gz-key="${key}"]`);
  if (!button) return false;
  if (button.tagName === "SUMMARY") unfold(button.parentElement);
  else button.closest("form").requestSubmit(button);
  return true;
}

/** Open one form, close the others, and focus its first empty field, else the button that sends. */
function unfold(details) {
  for (const other of details.parentElement.querySelectorAll("details[open]")) {
    if (other !== details) other.open = false;
  }
  details.open = true;
  const form = details.querySelector("form");
  const empty = [...form.elements].find((field) => field.required && !field.value && field.type !== "hidden");
  const target = empty ?? form.querySelector("button:not([type=button])");
  target.focus({ preventScroll: true });
  showBeside(details);
}

/** Bring the open form into view; beside the queue it is, so bring the work it judges there. */
function showBeside(details) {
  const pane = details.closest("[data-gz-pane]");
  if (!pane) return details.scrollIntoView({ block: "nearest" });
  const work = pane.querySelector("[data-gz-work]");
  if (work) pane.scrollTop += work.getBoundingClientRect().top - pane.getBoundingClientRect().top - 16;
}

/** Let the buttons below a field fill it in. */
export function offerPicks(root) {
  root.querySelectorAll("[data-gz-picks]").forEach((list) => {
    list.hidden = false;
    list.addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-value]");
      if (chosen) document.getElementById(list.dataset.gzPicks).value = chosen.dataset.value;
    });
  });
}

/** Whether somebody is at work in a form of `root`: a field has the focus or was changed. */
export function isInUse(root) {
  const fields = [...root.querySelectorAll("textarea, select, input:not([type=hidden])")];
  return fields.some((field) => field === document.activeElement || isChanged(field));
}

function isChanged(field) {
  if (field.tagName === "SELECT") return [...field.options].some((one) => one.selected !== one.defaultSelected);
  if (field.type === "file") return field.files.length > 0;
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

/** Move the focus to what went wrong, if anything did. */
export function focusProblem(root) {
  root.querySelector("[data-gz-problem], [data-gz-error-summary]")?.focus();
}
