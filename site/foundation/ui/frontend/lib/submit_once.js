/** A form that is on its way is not sent again by a second tap; back in history it is fresh. */
export function guardForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.gzSent) {
      event.preventDefault();
      return;
    }
    form.dataset.gzSent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    // A lost answer must not lock the reader out for ever.
    setTimeout(() => release(form), 15000);
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-gz-sent]").forEach(release);
  });
}

function release(form) {
  delete form.dataset.gzSent;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}
