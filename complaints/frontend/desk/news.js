// What others changed: counted in a bar, never moving a row by itself.
import { announce } from "@gongzhi/ui";
import { follow } from "../lib/live.js";
import { word } from "../lib/words.js";

const OWN_ECHO = 5000;

export class News {
  /** `changed(uids)` hears of every change that is not this page's own. */
  constructor(path, changed) {
    this.own = new Map();
    this.changed = changed;
    follow(path, {
      news: (frame) => this.hear(frame),
      opened: (again) => again && this.changed([]),
    });
  }

  /** What this page just did itself is no news to it. */
  expect(uid) {
    this.own.set(uid, Date.now());
  }

  hear(frame) {
    const now = Date.now();
    const news = (frame.cases ?? []).filter((uid) => now - (this.own.get(uid) ?? 0) > OWN_ECHO);
    if (news.length) this.changed(news);
  }
}

/** The bar above the list: 有 N 件新变化. */
export class NewsBar {
  constructor(root) {
    this.bar = root.querySelector("[data-gz-news]");
    this.link = this.bar.querySelector("[data-gz-news-link]");
    this.uids = new Set();
  }

  add(uids) {
    for (const uid of uids) this.uids.add(uid);
    const n = this.uids.size;
    if (!n) return;
    const text = n === 1 ? word("news_one") : word("news_many", { n });
    this.link.textContent = `${text} · ${word("show")}`;
    this.bar.hidden = false;
    announce(text);
  }
}
