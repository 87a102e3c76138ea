/** Move the focus to the list of mistakes, and from each line of it into the field it names. */
export function focusErrorSummary() {
  const summary = document.querySelector("[data-gz-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const id = event.target.closest("a[href^='#']")?.hash.slice(1);
    const field = id && document.getElementById(id);
    if (!field) return;
    event.preventDefault();
    (field.labels?.[0] ?? field).scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });
}
