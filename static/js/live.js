// The line to the server: hears hints, counts them, notices gaps and silence, and comes back by itself.
// It only says *that* something changed ("cs:hint" with kinds and subjects, or "cs:resync" for everything); regions.js fetches it over HTTP.
(() => {
  "use strict";
  const mark = document.getElementById("cs-live");
  const meta = document.querySelector('meta[name="cs-live"]');
  if (!mark || !meta) return;
  const SILENCE = 25000; // two beats and a half
  const OFFLINE_AFTER = 60000;
  let [epoch, last] = (([e, n]) => [e || "", n === undefined ? -1 : Number(n)])(meta.content.split(":"));
  let socket = null, failures = 0, heardAt = 0, lostAt = 0, retry = 0, ended = false;

  const show = (state, words) => {
    mark.dataset.state = state;
    document.documentElement.dataset.live = state;
    mark.lastElementChild.textContent = state;
    mark.title = words;
  };
  const age = () => `${Math.max(0, Math.round((Date.now() - (heardAt || lostAt)) / 1000))} s`;
  const paint = () => {
    if (ended) return show("offline", "Your session has ended. Reload the page to sign in.");
    if (socket && socket.readyState === 1 && heardAt && Date.now() - heardAt < SILENCE) return show("live", "Changes appear by themselves.");
    if (!lostAt) return;
    if (!navigator.onLine || Date.now() - lostAt > OFFLINE_AFTER) show("offline", `No connection for ${age()}. Figures are as old as they say; this page tries again by itself.`);
    else show("stale", `Connection lost ${age()} ago. Figures may be old; reconnecting.`);
  };
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  const hear = (frame) => {
    heardAt = Date.now();
    lostAt = 0;
    failures = 0;
    const known = last >= 0;
    if (frame.type === "beat") {
      const moved = known && (frame.epoch !== epoch || frame.last > last);
      if (frame.epoch !== epoch || frame.last > last) [epoch, last] = [frame.epoch, frame.last];
      if (moved || !known) tell("cs:resync");
    } else if (frame.epoch !== epoch || frame.first > last + 1) {
      [epoch, last] = [frame.epoch, frame.last];
      tell("cs:resync");
    } else if (frame.last > last) {
      last = frame.last;
      tell("cs:hint", frame);
    }
    paint();
  };
  const lose = () => {
    socket = null;
    lostAt = lostAt || Date.now();
    paint();
    failures += 1;
    // Full jitter: after a restart a thousand pages must not come back in the same moment.
    const pause = Math.min(10000, 300 * 2 ** failures) * (0.5 + Math.random() / 2);
    clearTimeout(retry);
    retry = setTimeout(connect, pause);
  };
  const connect = () => {
    clearTimeout(retry);
    const mine = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/live/`);
    socket = mine;
    mine.onmessage = (event) => { if (socket === mine) hear(JSON.parse(event.data)); };
    mine.onclose = (event) => {
      if (socket !== mine) return;
      if (event.code === 4401) {
        socket = null;
        ended = true;
        paint();
        return;
      }
      lose();
    };
  };
  setInterval(() => {
    if (socket && socket.readyState === 1 && heardAt && Date.now() - heardAt > SILENCE) {
      const silent = socket;
      socket = null;
      silent.onclose = null;
      silent.close();
      lose();
    }
    paint();
  }, 1000);
  window.addEventListener("online", connect);
  window.addEventListener("offline", () => { lostAt = lostAt || Date.now(); paint(); });
  window.addEventListener("pagehide", () => { if (socket) { socket.onclose = null; socket.close(); socket = null; } });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { last = -1; connect(); } });
  connect();
})();
