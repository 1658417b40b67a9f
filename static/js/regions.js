// Regions of a page fetch themselves when a hint concerns them: [data-live="alert task"] (first words of event types, or *),
// narrowed by [data-live-subject], at most every [data-live-every] ms. [data-live-mode="offer"] shows a button instead, where a swap would move what is being read.
(() => {
  "use strict";
  // The first hint is fetched at once; what follows within this time is gathered into one more fetch.
  const PAUSE = 333;
  const waiting = new Map(); // region -> timer
  const fetchedAt = new WeakMap();

  const regions = () => document.querySelectorAll("[data-live]");
  const refresh = (region, pause) => {
    if (!region.isConnected || waiting.has(region)) return;
    const every = Math.max(pause, Number(region.dataset.liveEvery || 0));
    const due = (fetchedAt.get(region) || -Infinity) + every - performance.now();
    if (due <= 0) load(region);
    else waiting.set(region, setTimeout(() => { waiting.delete(region); load(region); }, due));
  };
  const load = (region) => {
    if (document.hidden || busy(region)) return void (region.dataset.dirty = "yes");
    fetchedAt.set(region, performance.now());
    delete region.dataset.dirty;
    return htmx.trigger(region, "cs:refresh");
  };
  // A form being filled in must not vanish under the fingers, nor a button between being pressed and let go: its click would be lost.
  let pressed = null;
  document.addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => setTimeout(() => { pressed = null; renew(); }), true);
  // Nor may a form whose answer is on its way: what the answer says would be told to nobody.
  const busy = (region) => {
    const el = document.activeElement;
    return (pressed && region.contains(pressed)) || region.querySelector("form.htmx-request") || (region.contains(el) && el.matches("input:not([type=hidden]), textarea, select"));
  };
  const renew = () => document.querySelectorAll("[data-dirty]").forEach((region) => refresh(region, 0));
  const offer = (region) => {
    if (region.previousElementSibling && region.previousElementSibling.classList.contains("cs-offer")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cs-offer";
    button.textContent = "Something changed. Show";
    button.addEventListener("click", () => { button.remove(); refresh(region, 0); });
    region.before(button);
  };
  const touch = (region) => (region.dataset.liveMode === "offer" ? offer(region) : refresh(region, PAUSE));
  const concerns = (region, frame) => {
    const kinds = region.dataset.live.split(" ");
    if (!kinds.includes("*") && !frame.kinds.some((kind) => kinds.includes(kind.split(".")[0]))) return false;
    const subject = region.dataset.liveSubject;
    return !subject || !frame.subjects || frame.subjects.includes(subject);
  };

  document.addEventListener("cs:hint", (event) => regions().forEach((region) => { if (concerns(region, event.detail)) touch(region); }));
  document.addEventListener("cs:resync", () => regions().forEach(touch));
  document.addEventListener("cs:acted", () => regions().forEach((region) => refresh(region, 0)));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
  document.addEventListener("focusout", () => setTimeout(renew, 300));
  document.addEventListener("htmx:afterRequest", renew);

  // What was unfolded or folded stays so when its region is fetched anew.
  const folds = new Map();
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.querySelectorAll) event.detail.target.querySelectorAll("details[data-keep]").forEach((part) => folds.set(part.dataset.keep, part.open));
  });
  document.addEventListener("htmx:afterSettle", () => {
    folds.forEach((open, key) => document.querySelectorAll(`details[data-keep="${key}"]`).forEach((part) => { part.open = open; }));
    folds.clear();
  });

  // Asked for before somebody began to type, answered after: what is being typed stays, and the region is fetched when it is left.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const asked = event.detail.requestConfig.triggeringEvent;
    if (!asked || asked.type !== "cs:refresh" || !busy(event.detail.target)) return;
    event.detail.shouldSwap = false;
    event.detail.target.dataset.dirty = "yes";
  });

  // What was selected stays selected when its region is fetched anew.
  let kept = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const row = event.detail.target.querySelector && event.detail.target.querySelector(".cs-selected");
    kept = row ? { id: row.id, href: row.dataset.href, focused: row.contains(document.activeElement) } : null;
  });
  const reselect = (region) => {
    // Whoever has gone on to another row meanwhile stays there.
    if (!kept || region.querySelector(".cs-selected")) return;
    const row = (kept.id && document.getElementById(kept.id)) || [...region.querySelectorAll("[data-row]")].find((candidate) => candidate.dataset.href === kept.href);
    if (!row) return;
    row.classList.add("cs-selected");
    if (kept.focused) row.focus({ preventScroll: true });
  };
  document.addEventListener("htmx:afterSwap", (event) => {
    const region = event.detail.target;
    const failed = region.previousElementSibling;
    if (failed && failed.classList.contains("cs-error")) failed.remove();
    reselect(region);
  });
  // Settling gives a row with an id back the attributes that it came with, so it is selected once more.
  document.addEventListener("htmx:afterSettle", (event) => { reselect(event.detail.target); kept = null; });

  // A part that could not be fetched says so and offers to try again; what was there stays.
  const fail = (event) => {
    const region = event.detail.elt;
    if (!region.closest || !(region.matches("[data-live], [hx-get]"))) return;
    const template = document.getElementById("cs-error");
    if (!template || (region.previousElementSibling && region.previousElementSibling.classList.contains("cs-error"))) return;
    const box = template.content.firstElementChild.cloneNode(true);
    box.querySelector("[data-retry]").addEventListener("click", () => { box.remove(); htmx.trigger(region, region.matches("[data-live]") ? "cs:refresh" : region.matches("form") ? "submit" : "click"); });
    region.before(box);
  };
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, (event) => { if (!(event.detail.elt.matches && event.detail.elt.matches("form.cs-act"))) fail(event); });
})();
