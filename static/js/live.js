// The line to the server: says what this page listens to, hears hints, notices gaps and silence, and comes back by itself.
// It only says *that* something changed ("cs:hint" with kinds and subjects, or "cs:resync" for everything); regions.js fetches it over HTTP.
// A page listens to what its parts name: [data-live] kinds, [data-live-subject] instead of them, and [data-live-topics] for scripts.
(() => {
  "use strict";
  const mark = document.getElementById("cs-live");
  const meta = document.querySelector('meta[name="cs-live"]');
  if (!mark || !meta) return;
  const SILENCE = 25000; // two beats and a half
  const OFFLINE_AFTER = 60000;
  const MOST_PAUSE = 10000;
  const TOO_MANY = 4429, SEE_AGAIN = 60000;
  const ENDS = {
    4401: "Your session has ended. Reload the page to sign in.",
    4429: "You have more pages open than can be kept live. Close some: this one looks again in a minute.",
  };
  let [epoch, last] = (([e, n]) => [e || "", n === undefined ? -1 : Number(n)])(meta.content.split(":"));
  let ticket = meta.dataset.ticket || "";
  let socket = null, ready = false, asked = "", heardAt = 0, lostAt = 0, retry = 0, ended = "", vitals = null;

  const show = (state, words) => {
    mark.dataset.state = state;
    document.documentElement.dataset.live = state;
    mark.lastElementChild.textContent = state;
    mark.title = words;
  };
  const age = () => `${Math.max(0, Math.round((Date.now() - (heardAt || lostAt)) / 1000))} s`;
  const paint = () => {
    if (ended) return show("offline", ended);
    if (socket && socket.readyState === 1 && heardAt && Date.now() - heardAt < SILENCE) return show("live", "Changes appear by themselves.");
    if (!lostAt) return;
    if (!navigator.onLine || Date.now() - lostAt > OFFLINE_AFTER) show("offline", `No connection for ${age()}. Figures are as old as they say; this page tries again by itself.`);
    else show("stale", `Connection lost ${age()} ago. Figures may be old; reconnecting.`);
  };
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
  // When everybody has to fetch anew, not everybody in the same moment.
  const resync = (within) => (within ? setTimeout(() => tell("cs:resync"), Math.random() * within) : tell("cs:resync"));

  const topics = () => {
    const found = new Set();
    for (const part of document.querySelectorAll("[data-live]")) {
      if (part.dataset.liveSubject) found.add(part.dataset.liveSubject);
      else part.dataset.live.split(" ").forEach((kind) => kind && found.add(kind));
    }
    for (const part of document.querySelectorAll("[data-live-topics]")) part.dataset.liveTopics.split(" ").forEach((topic) => topic && found.add(topic));
    return [...found].sort();
  };
  const subscribe = () => {
    const wanted = topics();
    if (!socket || socket.readyState !== 1 || wanted.join(" ") === asked) return;
    asked = wanted.join(" ");
    socket.send(JSON.stringify({ topics: wanted, since: last < 0 ? "" : `${epoch}:${last}` }));
  };

  const feel = (word) => {
    if (word === undefined || word === vitals) return;
    const first = vitals === null;
    vitals = word;
    document.documentElement.dataset.vitals = word;
    if (!first) tell("cs:hint", { kinds: ["system.changed"], subjects: ["system"] });
  };
  const hear = (frame) => {
    if (frame.type === "ticket") return void (ticket = frame.ticket);
    if (frame.type === "vitals") return feel(frame.vitals);
    heardAt = Date.now();
    lostAt = 0;
    feel(frame.vitals);
    if (frame.type === "ready") {
      ready = true;
      [epoch, last] = [frame.epoch, frame.last];
      if (frame.missed) resync(0);
    } else if (frame.type === "resync") {
      [epoch, last] = [frame.epoch, frame.last];
      resync(frame.spread);
    } else if (ready) {
      const gap = frame.epoch !== epoch || frame.after > last;
      if (gap || frame.last > last) [epoch, last] = [frame.epoch, frame.last];
      else if (frame.type === "change") return paint();
      if (gap) resync(0);
      else if (frame.type === "change") tell("cs:hint", frame);
    }
    return paint();
  };
  const lose = () => {
    socket = null;
    lostAt = lostAt || Date.now();
    paint();
    // After a restart ten thousand pages must not come back in the same moment.
    clearTimeout(retry);
    retry = setTimeout(connect, Math.random() * MOST_PAUSE);
  };
  const connect = () => {
    clearTimeout(retry);
    if (socket) { socket.onclose = null; socket.close(); }
    const door = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/live/`;
    const mine = new WebSocket(ticket ? `${door}?ticket=${encodeURIComponent(ticket)}` : door);
    socket = mine;
    ready = false;
    asked = "";
    mine.onopen = () => { if (socket === mine) subscribe(); };
    mine.onmessage = (event) => { if (socket === mine) hear(JSON.parse(event.data)); };
    mine.onclose = (event) => {
      if (socket !== mine) return;
      if (!ENDS[event.code]) return lose();
      socket = null;
      ended = ENDS[event.code];
      if (event.code === TOO_MANY) retry = setTimeout(() => { ended = ""; connect(); }, SEE_AGAIN);
      paint();
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
  // Parts that were fetched may listen to something else.
  document.addEventListener("htmx:afterSettle", subscribe);
  document.addEventListener("cs:listen", subscribe);
  window.addEventListener("online", () => { if (!ended) connect(); });
  window.addEventListener("offline", () => { lostAt = lostAt || Date.now(); paint(); });
  window.addEventListener("pagehide", () => { if (socket) { socket.onclose = null; socket.close(); socket = null; } });
  window.addEventListener("pageshow", (event) => { if (event.persisted && !ended) { last = -1; connect(); } });
  connect();
})();
