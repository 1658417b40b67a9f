// The wall: only widgets, as large as the screen, awake, and going round between dashboards.
(() => {
  "use strict";
  const wall = document.getElementById("wall");
  if (!wall) return;
  const place = document.getElementById("wall-board");
  const round = wall.dataset.round.split(",");
  const every = 1000 * Number(wall.dataset.every);
  let at = 0;
  let board = null;
  const fit = () => {
    const grid = place.querySelector(".bd-grid");
    if (!grid || matchMedia("(max-width: 767px)").matches) return;
    const rows = Math.max(1, ...board.config.widgets.map((one) => one.y + one.h));
    const high = innerHeight - place.getBoundingClientRect().top - 12;
    grid.style.setProperty("--row", `${Math.max(44, (high - 12 * (rows - 1)) / rows)}px`);
  };
  const start = () => { board = window.csBoards.open(place); fit(); };
  const next = async () => {
    const wanted = (at + 1) % round.length;
    const params = new URLSearchParams({ part: "grid" });
    if (wall.dataset.link && wanted === 0) params.set("link", wall.dataset.link);
    try {
      const answer = await fetch(`/dashboards/${round[wanted]}/?${params}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok) return;
      const text = await answer.text();
      board.close();
      place.innerHTML = text;
      at = wanted;
      start();
      document.getElementById("wall-name").textContent = board.config.name;
    } catch { /* The one that is there stays; the next turn tries again. */ }
  };
  let lock = null;
  const awake = async () => {
    if (!("wakeLock" in navigator) || document.hidden) return;
    try { lock = await navigator.wakeLock.request("screen"); } catch { lock = null; }
  };
  document.addEventListener("visibilitychange", awake);
  addEventListener("resize", fit);
  document.getElementById("wall-full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()).then(awake, () => undefined));
  document.addEventListener("cs:board-moved", () => { if (round.length === 1) location.reload(); });
  const clock = document.getElementById("wall-clock");
  const mark = document.getElementById("wall-mark");
  const tick = () => {
    clock.textContent = new Date(window.csNow ? window.csNow() : Date.now()).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    const state = document.documentElement.dataset.live || "";
    if (mark.textContent !== state) { mark.textContent = state; mark.dataset.state = state; }
  };
  // The pointer hides when nobody moves it.
  let still = 0;
  addEventListener("pointermove", () => { document.body.classList.remove("bd-still"); clearTimeout(still); still = setTimeout(() => document.body.classList.add("bd-still"), 3000); });
  setInterval(tick, 1000);
  tick();
  awake();
  start();
  if (round.length > 1) setInterval(next, every);
  wall.awake = () => Boolean(lock);
})();
