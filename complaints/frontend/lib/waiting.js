// The list of reports that wait on this phone, plainly not yet filed, and the receipts of sent ones.
import { announce } from "@gongzhi/ui";
import { drafts, forget } from "./outbox.js";
import { sendWaiting } from "./send.js";
import { piece, word } from "./words.js";

/** Show and send what waits; `arrived(receipt)` may lead on to the receipt and says so by true. */
export function watchOutbox({ arrived = () => false, refused = () => {}, paused = () => false } = {}) {
  const section = document.querySelector("[data-gz-drafts]");
  if (!section || !window.indexedDB) return async () => {};
  const show = () => list(section, () => flush());
  const flush = sendWaiting({
    paused,
    sent({ receipt }) {
      if (arrived(receipt)) return;
      const line = piece("sent");
      line.querySelector("a").href = receipt;
      section.before(line);
      announce(word("sent"));
    },
    refused,
    waiting: show,
  });
  return async () => {
    await show();
    return flush();
  };
}

async function list(section, retry) {
  let waiting = [];
  try {
    waiting = (await drafts()).filter((draft) => draft.state === "pending");
  } catch {
    // A browser that keeps nothing has nothing to show.
  }
  section.hidden = waiting.length === 0;
  section.replaceChildren(...waiting.map((draft) => card(draft, retry, () => list(section, retry))));
}

function card(draft, retry, again) {
  const place = piece("waiting");
  const kind = document.querySelector(`input[name=category][value="${CSS.escape(draft.fields.category || "")}"]`);
  const label = kind?.parentElement.querySelector(".gz-tile__label")?.textContent ?? "";
  const words = [label, draft.fields.description].filter(Boolean).join("：");
  place.querySelector("[data-what]").textContent = words.slice(0, 60) || word("no_words");
  place.querySelector("[data-photos]").textContent = word("photo_count", { n: draft.photos ?? 0 });
  place.querySelector("[data-retry]").addEventListener("click", retry);
  place.querySelector("[data-delete]").addEventListener("click", async () => {
    await forget(draft.key);
    again();
  });
  return place;
}
