// Says on every page what has stopped: fetched when a hint or a beat says that the system changed, when the line falls silent, and now and then while it stands.
(() => {
  "use strict";
  const box = document.getElementById("cs-banner");
  if (!box) return;
  // After a stop a thousand pages must not ask in the same moment; and while it lasts the counts may be as old as this.
  const SPREAD = 1500, AGAIN = 20000;
  let timer = 0, missed = false;
  const shown = () => box.firstElementChild !== null;
  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(load, pause);
  };
  const load = async () => {
    missed = document.hidden;
    if (missed) return;
    let unsaid = false; // what is not shown yet would not be asked for again
    try {
      const answer = await fetch(box.dataset.from, { headers: { "HX-Request": "true" } });
      unsaid = answer.status >= 500;
      if (answer.ok) box.innerHTML = await answer.text();
    } catch {
      // The server is away too: the live mark says so, and what was told before stays.
    }
    if (unsaid || shown()) later(AGAIN * (0.75 + Math.random() / 2));
  };
  const soon = () => later(Math.random() * SPREAD);

  document.addEventListener("cs:hint", (event) => { if (event.detail.kinds.some((kind) => kind.split(".")[0] === "system")) soon(); });
  document.addEventListener("cs:resync", soon);
  document.addEventListener("visibilitychange", () => { if (missed && !document.hidden) load(); });
  new MutationObserver(() => { if (document.documentElement.dataset.live !== "live") soon(); }).observe(document.documentElement, { attributeFilter: ["data-live"] });
  if (shown()) later(AGAIN);
})();
