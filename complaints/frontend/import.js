// One file on its way in: its page keeps itself up to date until the file is done.
import { announce } from "@gongzhi/ui";

const PAUSE = 1500;
const PART = "[data-gz-import-part]";
const root = document.querySelector("[data-gz-import]");

async function look() {
  const now = root.querySelector(PART);
  if ("over" in now.dataset) return;
  try {
    const answer = await fetch(location.pathname, { headers: { "X-Fragment": "1" } });
    if (answer.ok && !answer.redirected) exchange(now, await answer.text());
  } catch {
    // No network for a moment: the next look may find one.
  }
  setTimeout(look, PAUSE);
}

/** Exchange the part, unless somebody is just about to press its button. */
function exchange(now, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(PART);
  if (!fresh) return;
  const focused = now.contains(document.activeElement);
  now.replaceWith(fresh);
  if (focused) fresh.querySelector("button, a")?.focus();
  if ("over" in fresh.dataset) announce(fresh.dataset.over);
}

if (root) setTimeout(look, PAUSE);
