// Reply templates: choosing one puts its text into the field it belongs to.

/** Put chosen templates in; words somebody typed are kept, the template follows below. */
export function offerTemplates(root) {
  for (const box of root.querySelectorAll("[data-gz-templates]")) {
    if (box.dataset.gzReady) continue;
    box.dataset.gzReady = "1";
    const select = box.querySelector("select");
    box.querySelector("button").remove();
    select.addEventListener("change", () => put(box, select));
  }
  root.querySelector("[data-gz-preview]")?.focus();
}

function put(box, select) {
  const field = document.getElementById(box.dataset.gzTemplates);
  const text = select.selectedOptions[0]?.dataset.text;
  if (!field || !text) return;
  const typed = field.value.trim();
  field.value = typed && typed !== box.lastText ? `${typed}\n\n${text}` : text;
  box.lastText = field.value;
  field.rows = Math.min(14, Math.max(3, field.value.split("\n").length + 3));
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const blank = field.value.search(/【[^】]*】/);
  field.focus();
  if (blank >= 0) field.setSelectionRange(blank, field.value.indexOf("】", blank) + 1);
}
