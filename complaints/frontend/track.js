// Following a report: the code comes from the QR's fragment, news over a socket.
import { announce, toast } from "@gongzhi/ui";
import { follow } from "./lib/live.js";
import { refreshParts } from "./lib/parts.js";
import { watchOutbox } from "./lib/waiting.js";
import { word } from "./lib/words.js";

/** The QR's fragment never reached a server; it leaves the address bar and the history at once. */
function openFromFragment(form) {
  const code = decodeURIComponent(location.hash.slice(1)).replace(/\D/g, "");
  if (code.length !== 16) return;
  history.replaceState(null, "", location.pathname + location.search);
  form.elements.code.value = code;
  form.requestSubmit ? form.requestSubmit() : form.submit();
}

/** Show the digits in groups of four, like on the receipt, without moving the cursor about. */
function groupDigits(field) {
  field.addEventListener("input", () => {
    if (field.selectionStart !== field.value.length) return;
    const digits = field.value.normalize("NFKC").replace(/\D/g, "").slice(0, 16);
    if (/[^\d\s-]/.test(field.value.normalize("NFKC"))) return;
    field.value = digits.replace(/(\d{4})(?=\d)/g, "$1 ");
  });
}

/** The server asked to come back in a moment: count down and send once more, what was typed stays. */
function tryAgainLater(form) {
  let left = Number(form.dataset.wait);
  const button = form.querySelector("button");
  const words = button.lastChild;
  const before = words.textContent;
  const timer = setInterval(tick, 1000);
  const typed = form.elements.code.value;
  const stop = () => {
    clearInterval(timer);
    words.textContent = before;
  };
  function tick() {
    if (form.elements.code.value !== typed) return stop();
    words.textContent = form.dataset.waitWord.replace("{n}", left);
    if (left-- > 0) return;
    stop();
    form.requestSubmit?.();
  }
  form.addEventListener("submit", stop);
  tick();
}

function followCase(root) {
  let waiting = false;
  let running = null;
  let isOver = false;
  const state = () => root.querySelector("[data-gz-state]")?.textContent.replace(/\s+/g, " ").trim();

  async function refresh() {
    const before = state();
    const answer = await fetch(location.pathname, { headers: { "X-Fragment": "1" }, redirect: "error" });
    if (!answer.ok) return over();
    waiting = refreshParts(root, await answer.text()).length > 0;
    const after = state();
    if (after !== before) announce(word("state_now", { state: after }));
  }

  // News that comes while a refresh runs asks for one more refresh, not for ten.
  function news() {
    if (isOver) return;
    if (running) return void (running.more = true);
    const round = { more: false };
    running = round;
    refresh()
      .catch(() => {})
      .finally(() => {
        running = null;
        if (round.more) news();
      });
  }

  function over() {
    if (isOver) return;
    isOver = true;
    stop();
    toast(word("session_over"), { milliseconds: 600_000, action: { label: word("type_code"), run: () => location.assign("/track/") } });
    announce(word("session_over"), { urgent: true });
  }

  root.addEventListener("focusout", () => waiting && setTimeout(news, 300));
  document.addEventListener("visibilitychange", () => document.hidden || isOver || news());
  const stop = follow(root.dataset.socket, {
    news,
    ended: over,
    opened: (isAgain) => isAgain && news(),
    refused: news,
  });
}

const form = document.querySelector("[data-gz-code-form]");
if (form) {
  groupDigits(form.elements.code);
  openFromFragment(form);
  addEventListener("hashchange", () => openFromFragment(form));
  if (form.dataset.wait) tryAgainLater(form);
  watchOutbox();
}
const root = document.querySelector("[data-gz-case]");
if (root) followCase(root);
