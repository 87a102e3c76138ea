// Staff pages: keyboard help, shortcuts that belong to every page, menus that close.
import { keysAllowed, keysAreOff, turnKeys } from "./lib/keys.js";

const help = document.querySelector("[data-gz-keys]");

document.querySelectorAll("[data-gz-open]").forEach((button) => {
  const dialog = document.getElementById(button.dataset.gzOpen);
  if (!dialog?.showModal) return;
  button.hidden = false;
  button.addEventListener("click", () => dialog.showModal());
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-gz-close]")?.closest("dialog")?.close();
  document.querySelectorAll("details[data-gz-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details[data-gz-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  if (!keysAllowed(event)) return;
  if (event.key === "?" && help?.showModal && !help.open) {
    event.preventDefault();
    help.showModal();
  }
  if (event.key === "/") {
    const search = document.querySelector("[data-gz-search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

const off = document.querySelector("[data-gz-keys-off]");
if (off) {
  off.checked = keysAreOff();
  off.addEventListener("change", () => turnKeys(off.checked));
}
