// The print button of a sheet: only with scripts can a page print itself.
for (const button of document.querySelectorAll("[data-gz-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
