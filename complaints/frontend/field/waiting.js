// Shows what waits on this phone: a count in the bar, one card per act, a mark on its task.
import { toast } from "@gongzhi/ui";
import { piece, word } from "../lib/words.js";
import { clock } from "./clock.js";

const UNDO_TIME = 8000;

/** Draw the outbox, of all tasks or of one (`number`). */
export async function showWaiting(queue, number = "") {
  const all = await queue.waiting();
  showBadge(all.length);
  const section = document.querySelector("[data-gz-outbox]");
  if (!section) return all;
  const shown = all.filter((item) => !number || item.number === number);
  const focused = section.contains(document.activeElement);
  section.hidden = shown.length === 0;
  section.replaceChildren(...(shown.length ? [head(queue, shown), ...shown.map((item) => card(queue, item))] : []));
  if (focused) section.querySelector("button, a")?.focus();
  return all;
}

function showBadge(count) {
  const badge = document.querySelector("[data-gz-outbox-badge]");
  if (!badge) return;
  badge.hidden = count === 0;
  badge.querySelector("[data-gz-outbox-count]").textContent = String(count);
}

function head(queue, items) {
  const line = piece("outbox_head");
  line.querySelector("[data-title]").textContent = word("outbox_title", { n: items.length });
  line.querySelector("[data-hint]").textContent = word(hint(queue, items));
  line.querySelector("[data-sign-in]").hidden = !queue.needsSignIn;
  const send = line.querySelector("[data-send]");
  send.hidden = queue.needsSignIn || !items.some((item) => item.state === "pending");
  send.addEventListener("click", () => queue.flush());
  return line;
}

function hint(queue, items) {
  if (queue.needsSignIn) return "sign_in";
  if (!items.some((item) => item.state === "pending")) return "needs_you";
  return navigator.onLine && queue.failures === 0 ? "sending" : "kept_here";
}

function card(queue, item) {
  const place = piece(item.state === "stopped" ? "outbox_stopped" : "outbox_pending");
  const words = { label: item.label, what: item.what, n: item.photos || 0, time: clock(item.at) };
  place.querySelector("[data-what]").textContent = word("outbox_item", words);
  place.querySelector("[data-more]").textContent = word(item.photos ? "outbox_photos" : "outbox_time", words);
  const link = place.querySelector("[data-open]");
  if (link) link.href = item.address ?? `/field/${item.number}/`;
  if (item.state === "stopped") stopped(queue, item, place);
  return place;
}

function stopped(queue, item, place) {
  const { problem } = item;
  const { title, text, again: label } = told(problem);
  place.querySelector("[data-problem-title]").textContent = title;
  place.querySelector("[data-problem]").textContent = text;
  const again = place.querySelector("[data-again]");
  again.hidden = problem.status === 404;
  again.textContent = label;
  again.addEventListener("click", () => queue.resend(item));
  const edit = place.querySelector("[data-edit]");
  edit.hidden = item.action !== "complete" || problem.status === 404;
  edit.addEventListener("click", async () => {
    await queue.keep({ ...item, state: "editing", problem: null });
    location.assign(`/field/${item.number}/?edit#finish`);
  });
  const drop = place.querySelector("[data-delete]");
  if (problem.code === "old") drop.textContent = word("discard");
  drop.addEventListener("click", () => {
    if (problem.code === "old") discard(queue, item);
    else askDelete(queue, item, place);
  });
}

function told(problem) {
  if (problem.code === "old") {
    return { title: word("old_title", { n: problem.days }), text: word("old_text"), again: word("send_again") };
  }
  const changed = problem.status === 409;
  const title = word(changed ? "changed_title" : "refused_title");
  return { title, text: problem.title, again: word(changed ? "send_anyway" : "try_again") };
}

/** What waited too long goes at one tap, and comes back at another. */
async function discard(queue, item) {
  const bringBack = await queue.discard(item);
  const action = { label: word("undo"), run: bringBack };
  toast(word("discarded", { label: item.label, what: item.what }), { milliseconds: UNDO_TIME, action });
}

/** Deleting cannot be undone: the second tap, on another button, does it. */
function askDelete(queue, item, place) {
  const row = piece("outbox_delete");
  row.querySelector("[data-yes]").addEventListener("click", () => queue.forget(item.key));
  row.querySelector("[data-no]").addEventListener("click", () => row.remove());
  place.querySelector("[data-delete-place]").replaceChildren(row);
  row.querySelector("[data-no]").focus();
}
