/** Show the banner while the browser is offline; it says when this copy was loaded. */
export function watchNetwork() {
  const banner = document.querySelector("[data-gz-offline]");
  if (!banner) return;
  const words = banner.querySelector("[data-gz-offline-text]");
  const loaded = new Date(document.lastModified || Date.now());
  const clock = `${String(loaded.getHours()).padStart(2, "0")}:${String(loaded.getMinutes()).padStart(2, "0")}`;
  const show = () => {
    banner.hidden = navigator.onLine;
    words.textContent = navigator.onLine ? "" : words.dataset.text.replace("{time}", clock);
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
