/** Change the theme without leaving the page; the cookie is still set by the server. */
export function switchThemeInPlace() {
  document.querySelectorAll("[data-gz-theme-switch]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      const theme = event.submitter?.value;
      if (!theme || !window.fetch) return;
      event.preventDefault();
      document.documentElement.dataset.theme = theme;
      fetch(form.action, { method: "POST", body: new URLSearchParams({ theme }), redirect: "manual" });
      // The button that was pressed is gone now: the other one takes the focus.
      form.querySelector(theme === "dark" ? "[value='light']" : "[value='dark']").focus();
    });
  });
}
