// The list: fresh when the phone wakes up, marked where something waits, nearest first on request.
import { announce } from "@gongzhi/ui";
import { word } from "../lib/words.js";
import { keep, keepTasks } from "./keeping.js";
import { distance, metres, pointOf, whereAmI } from "./place.js";
import { showWaiting } from "./waiting.js";

const STAGES = ["overdue", "warning", "notice", "ok"];
const OUT_OF_HAND = new Set(["complete", "request_return", "dispute_again", "request_extension"]);
const AGE = 60_000;

export class ListPage {
  constructor(page, queue) {
    this.page = page;
    this.queue = queue;
    this.here = null;
    this.read = Date.now();
  }

  async start() {
    this.offerNearest();
    document.addEventListener("visibilitychange", () => document.hidden || this.refreshOld());
    addEventListener("online", () => this.refresh());
    this.queue?.addEventListener("change", () => this.mark());
    this.queue?.addEventListener("sent", () => this.refresh());
    await this.mark();
    this.here = await whereAmI();
    this.measure();
    keepTasks(this.cards);
    keep(() => ["/field/new/"]).catch(() => {});
  }

  get cards() {
    return this.page.querySelectorAll("[data-gz-task]");
  }

  refreshOld() {
    if (Date.now() - this.read > AGE || this.page.dataset.gzKept) this.refresh();
  }

  /** Put the server's list in place of this one; a reader with a finger on a card is not disturbed. */
  async refresh() {
    try {
      const answer = await fetch("/field/", { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const tasks = fresh.querySelector("[data-gz-tasks]");
      const page = fresh.querySelector("[data-gz-field]");
      if (!tasks || page.dataset.gzKept || page.dataset.owner !== this.page.dataset.owner) return;
      this.page.querySelector("[data-gz-tasks]").replaceWith(tasks);
      this.page.querySelector("[data-gz-count]").textContent = fresh.querySelector("[data-gz-count]").textContent;
      this.page.dataset.gzKept = "";
      this.read = Date.now();
      document.querySelector("[data-gz-copy-note]").hidden = true;
      this.wire();
      await this.mark();
      this.measure();
      keepTasks(this.cards);
    } catch {
      // No network: the list stays as it is, and its note says of when.
    }
  }

  wire() {
    this.onTasks?.(this.page);
  }

  /** Show on each card what waits for the network; a task that is out of hand steps back. */
  async mark() {
    if (!this.queue) return;
    const waiting = await showWaiting(this.queue);
    for (const card of this.cards) {
      const items = waiting.filter((item) => item.number === card.dataset.number);
      const chip = card.querySelector("[data-gz-waiting]");
      chip.hidden = items.length === 0;
      const labels = items.map((item) => item.label).join("、");
      chip.querySelector("[data-gz-waiting-text]").textContent = items.length ? word("waiting_for", { label: labels }) : "";
      card.classList.toggle("gz-task--left", items.some((item) => item.state === "pending" && OUT_OF_HAND.has(item.action)));
      card.classList.toggle("gz-task--signed", items.some((item) => item.action === "sign_for"));
    }
  }

  offerNearest() {
    const button = this.page.querySelector("[data-gz-nearest]");
    if (!button || !navigator.geolocation) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.setAttribute("aria-busy", "true");
      this.here = await whereAmI({ ask: true });
      button.removeAttribute("aria-busy");
      if (!this.here) return announce(word("no_place"), { urgent: true });
      this.measure();
      announce(word("sorted"));
    });
  }

  /** Write distances on the cards and put nearer ones first among the equally urgent. */
  measure() {
    if (!this.here) return;
    const rank = (card) => STAGES.findIndex((stage) => card.querySelector(`.gz-countdown--${stage}`));
    const measured = [...this.cards].map((card, order) => {
      const point = pointOf(card);
      const length = point ? metres(this.here, point) : Infinity;
      const place = card.querySelector("[data-gz-distance]");
      place.hidden = !point;
      place.textContent = point ? distance(length) : "";
      return { card, order, length, stage: rank(card) };
    });
    measured.sort((a, b) => a.stage - b.stage || a.length - b.length || a.order - b.order);
    const list = this.page.querySelector(".gz-tasks");
    list?.append(...measured.map((one) => one.card));
  }
}
