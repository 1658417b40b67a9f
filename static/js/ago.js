// Keeps every <time class="cs-ago"> fresh. Ages are counted by the server's clock: the page tells what it was, the browser's own may be wrong.
(() => {
  "use strict";
  const meta = document.querySelector('meta[name="cs-live"]');
  const skew = meta && meta.dataset.now ? Date.parse(meta.dataset.now) - performance.timeOrigin - performance.now() : 0;
  const now = () => performance.timeOrigin + performance.now() + skew;
  const spans = [[1, 1, ""], [60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h"], [86400 * 60, 86400, "d"], [86400 * 730, 86400 * 30.44, "months"], [Infinity, 86400 * 365.25, "years"]];
  const words = (seconds) => {
    const [, length, word] = spans.find(([limit]) => Math.abs(seconds) < limit);
    if (!word) return "now";
    const size = `${Math.floor(Math.abs(seconds) / length)} ${word}`;
    return seconds >= 0 ? `${size} ago` : `in ${size}`;
  };
  const tick = () => {
    for (const el of document.querySelectorAll("time.cs-ago")) {
      const text = words((now() - Date.parse(el.dateTime)) / 1000);
      if (el.textContent !== text) el.textContent = text;
    }
  };
  window.csNow = now;
  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSwap", tick);
  tick();
})();
