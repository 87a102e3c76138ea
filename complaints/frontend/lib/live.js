// A socket that only says "there is news"; the page then fetches what it may see, with its session.
const SOON = 1000;
const LATEST = 30_000;
/** The server closed because the right or the session ended: coming back would not help. */
const ENDED = [4401, 4403, 4404];

/**
 * Call `news(frame)` for every frame of `path`; `ended(code)` once when the right is gone.
 *
 * `opened(again)` hears of every connection, `refused()` of every try that did not open: the page can
 * then look whether it is still welcome. Returns a function that stops for good.
 */
export function follow(path, { news, ended = () => {}, opened = () => {}, refused = () => {} }) {
  let socket;
  let tries = 0;
  let timer;
  let stopped = false;

  function connect() {
    clearTimeout(timer);
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    let isOpen = false;
    socket.addEventListener("open", () => {
      isOpen = true;
      opened(tries > 0);
    });
    socket.addEventListener("message", (event) => {
      tries = 0;
      news(JSON.parse(event.data));
    });
    socket.addEventListener("close", ({ code }) => {
      if (stopped) return;
      if (ENDED.includes(code)) return ended(code);
      if (!isOpen && navigator.onLine) refused();
      again();
    });
  }

  // Restarts of the server must not bring everybody back in the same moment.
  function again() {
    const pause = Math.min(LATEST, SOON * 2 ** tries) * (0.5 + Math.random());
    tries += 1;
    timer = setTimeout(connect, pause);
  }

  addEventListener("online", () => socket.readyState > WebSocket.OPEN && !stopped && connect());
  function stop() {
    stopped = true;
    clearTimeout(timer);
    socket.close();
  }

  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    stopped = false;
    connect();
  });
  connect();
  return stop;
}
