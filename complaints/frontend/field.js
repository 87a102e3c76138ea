// Pages of grid staff. Without this script every step is a plain form; with it each act is kept on
// the phone first and sent when there is a network, in order and once.
import { announce, toast } from "@gongzhi/ui";
import { ListPage } from "./field/list_page.js";
import { guardSignOut, keepCopies, tellCopy } from "./field/keeping.js";
import { openQueue, uuid } from "./field/queue.js";
import { FindingPage } from "./field/finding_page.js";
import { TaskPage } from "./field/task_page.js";
import { piece, word } from "./lib/words.js";

const SAID = "gz-field-said";
const LIST = "/field/";
const SCREENS = { list: ListPage, task: TaskPage, finding: FindingPage };

const page = document.querySelector("[data-gz-field]");

async function start() {
  tellCopy(page);
  tellLastWords();
  wayWithoutNetwork();
  const queue = await openQueue({ owner: page.dataset.owner, seal: page.dataset.seal });
  const screen = new SCREENS[page.dataset.gzField](page, queue);
  if (queue) {
    screen.onTasks = (root) => wireForms(root, queue, screen);
    wireForms(document, queue, screen);
  }
  guardSignOut(queue);
  await screen.start();
  document.documentElement.dataset.gzReady = "1";
  queue?.watch();
  await keepCopies();
}

/** Every act of the handler goes through the outbox. */
function wireForms(root, queue, screen) {
  for (const form of root.querySelectorAll("form[data-gz-act]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.dataset.busy) return;
      send(form, queue, screen, event.submitter);
    });
  }
}

async function send(form, queue, screen, button) {
  const problems = form.id === "finish" ? screen.problems() : [];
  if (problems.length) {
    form.onchange = () => markPlaces(screen.problems());
    return tellProblems(problems);
  }
  form.dataset.busy = "1";
  button?.setAttribute("aria-busy", "true");
  const item = form.id === "finish" ? screen.item() : itemOf(form);
  try {
    if (screen.isFull) throw new Error("full");
    await queue.keep(item);
  } catch {
    // The phone is full or keeps nothing: post as a page without scripts would.
    screen.fillIn?.();
    form.submit();
    return;
  }
  await Promise.race([queue.flush(), pause(8000)]);
  follow(queue.outcomes.get(item.key), item);
  delete form.dataset.busy;
  button?.removeAttribute("aria-busy");
  screen.sending = false;
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function itemOf(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && !["csrfmiddlewaretoken", "key", "version"].includes(name)) {
      fields[name] = name in fields ? `${fields[name]},${value}` : value; // several boxes of one name
    }
  }
  const { gzAct: action, number, label, what } = form.dataset;
  const key = form.elements.key?.value || uuid();
  return { key, state: "pending", number, action, label, what, version: form.elements.version.value, fields, photos: 0 };
}

/** Go on after an act: sent, stopped with a sentence, or waiting for a network. */
function follow(outcome, item) {
  const staysHere = ["sign_for", "resume", "continue", "end_whistle"].includes(item.action);
  const isList = page.dataset.gzField === "list";
  if (outcome?.state === "stopped") {
    announce(outcome.problem.title, { urgent: true });
    document.querySelector("[data-gz-outbox]").scrollIntoView({ block: "start" });
    return;
  }
  const said = outcome ? [outcome.said, outcome.hint].filter(Boolean).join(" ") : word("kept_for_later");
  if (isList) {
    toast(said);
    return;
  }
  if (staysHere && !outcome) {
    toast(said);
    return;
  }
  remember(said);
  if (staysHere) location.replace(location.pathname);
  else location.assign(LIST);
}

function remember(said) {
  try {
    sessionStorage.setItem(SAID, said);
  } catch {
    // The next page then simply says nothing.
  }
}

function tellLastWords() {
  try {
    const said = sessionStorage.getItem(SAID);
    if (!said) return;
    sessionStorage.removeItem(SAID);
    toast(said, { milliseconds: 8000 });
  } catch {
    // Storage is closed in this window.
  }
}

/** Name every problem at once: above the page, and at its control in the same words. */
function tellProblems(problems) {
  page.querySelector("[data-gz-error-summary]")?.remove();
  const summary = piece("problem");
  const list = summary.querySelector("ul");
  const line = list.querySelector("li");
  list.replaceChildren(...problems.map((problem) => lineOf(problem, line.cloneNode(true))));
  markPlaces(problems);
  page.prepend(summary);
  summary.focus();
}

function markPlaces(problems) {
  for (const place of page.querySelectorAll("[data-gz-problem]")) {
    const own = problems.find(({ field }) => place.id === `${field}_error`);
    place.querySelector("span").textContent = own?.text ?? "";
    place.hidden = !own;
  }
}

function lineOf({ text, field }, line) {
  const link = line.querySelector("a");
  link.textContent = text;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(field)?.focus();
  });
  return line;
}

/** Map pages need a network; a map app on the phone may not. */
function wayWithoutNetwork() {
  document.addEventListener("click", (event) => {
    const way = event.target.closest("[data-gz-way]");
    if (!way || navigator.onLine) return;
    event.preventDefault();
    location.assign(way.dataset.geo);
  });
}

if (page) start();
