// Who else has this case open: the page says every ten seconds that it shows the case and hears who
// else does. Names come by the session's own request, never over the socket.
const EVERY = 10_000;

export class Presence {
  /** `number()` names the case in sight, `note` is where colleagues are named. */
  constructor(note, number) {
    this.note = note;
    this.number = number;
    if (!note || !document.querySelector("input[name=csrfmiddlewaretoken]")) return;
    setInterval(() => this.tell(), EVERY);
    document.addEventListener("visibilitychange", () => (document.hidden ? this.leave() : this.tell()));
    addEventListener("pagehide", () => this.leave());
    this.tell();
  }

  body(more = {}) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
    return new URLSearchParams({ csrfmiddlewaretoken: token, ...more });
  }

  address(number) {
    return `/desk/cases/${number}/looking/`;
  }

  async tell() {
    const number = this.number();
    if (document.hidden || !number || !this.note) return;
    if (this.told && this.told !== number) this.leave();
    this.told = number;
    const answer = await fetch(this.address(number), { method: "POST", body: this.body() }).catch(() => null);
    if (!answer?.ok || answer.redirected || this.told !== number) return this.show("");
    this.show(await answer.text());
  }

  leave() {
    if (this.told) navigator.sendBeacon(this.address(this.told), this.body({ away: "1" }));
    this.told = undefined;
    this.show("");
  }

  show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-gz-people]");
    if (this.note.textContent === (fresh?.textContent ?? "")) return;
    this.note.replaceChildren(...(fresh ? [fresh] : []));
    this.note.hidden = !fresh;
  }
}
