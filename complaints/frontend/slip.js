// Printing needs a click: the button appears only where a script can do it.
const button = document.querySelector("[data-gz-print]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
