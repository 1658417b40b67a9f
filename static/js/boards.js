// A dashboard on its page: one request for all widgets, then only for those that moved. Draws into boxes that keep their size.
(() => {
  "use strict";
  const PAUSE = 333; // what moves within this time is fetched together
  const { draw, ago } = window.csDraw;
  const boards = new WeakMap();

  const open = (root) => {
    const grid = root.querySelector(".bd-grid");
    const config = JSON.parse(root.querySelector("#board-config").textContent);
    const widgets = new Map(config.widgets.map((one) => [one.id, { ...one, el: grid.querySelector(`[data-widget="${one.id}"]`), keep: {}, data: null }]));
    const form = document.getElementById("board-filters");
    const dirty = new Set();
    let timer = 0, fetchedAt = -Infinity, running = null, ended = false, failures = 0;

    const filters = () => new URLSearchParams([...(form ? new FormData(form) : new URLSearchParams(location.search))].filter(([name, value]) => value && name !== "with" && name !== "every" && name !== "link"));
    const asked = () => { const params = filters(); if (config.link) params.set("link", config.link); return params; };
    const paint = (one) => {
      const body = one.el.querySelector(".bd-body");
      draw(body, one.data, { keep: one.keep, label: one.label, retry: () => touch([one.id], 0) });
      const name = one.el.querySelector("[data-label]");
      if (name && one.data.name) name.textContent = one.data.name;
      const age = one.el.querySelector(".bd-age");
      if (one.kind === "text") age.textContent = "";
      else { const time = age.querySelector("time") || ago(one.data.as_of); time.dateTime = one.data.as_of; time.title = `as of ${new Date(one.data.as_of).toLocaleString()}`; if (!time.isConnected) age.replaceChildren(time); }
      one.el.querySelector(".bd-foot").textContent = [one.data.note && !["goal", "cohorts"].includes(one.kind) ? one.data.note : one.kind === "cohorts" ? one.data.note : ""].filter(Boolean).join(" · ");
      const [door, csv, table] = ["door", "csv", "table"].map((act) => one.el.querySelector(`[data-act="${act}"]`));
      door.hidden = !one.data.door;
      if (one.data.door) door.href = one.data.door;
      csv.hidden = table.hidden = !one.data.table;
      csv.href = `${csv.href.split("?")[0]}?${asked()}`;
      one.el.setAttribute("aria-busy", "false");
      delete one.el.dataset.stale;
    };
    const fail = (ids, words) => {
      for (const id of ids) {
        const one = widgets.get(id);
        if (one.data) { one.el.dataset.stale = "yes"; one.el.querySelector(".bd-foot").textContent = words; }
        else draw(one.el.querySelector(".bd-body"), { error: words }, { keep: one.keep, label: one.label, retry: () => touch([id], 0) });
        one.el.setAttribute("aria-busy", "false");
      }
    };
    const fetchNow = async () => {
      timer = 0;
      if (ended || !dirty.size) return;
      if (document.hidden) return; // fetched when somebody looks
      if (running) return;
      const ids = [...dirty];
      dirty.clear();
      fetchedAt = performance.now();
      const params = asked();
      if (ids.length < widgets.size) params.set("only", ids.join(","));
      const stop = new AbortController();
      const late = setTimeout(() => stop.abort(), 20000);
      running = stop;
      try {
        const answer = await fetch(`${config.data}?${params}`, { headers: { "HX-Request": "true" }, signal: stop.signal });
        if (answer.status === 401) { location.href = answer.headers.get("HX-Redirect") || location.href; return; }
        if (answer.status === 404) { ended = true; fail(ids, "This dashboard is not open to you any more."); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        const told = await answer.json();
        if (told.version !== config.version) { root.dispatchEvent(new CustomEvent("cs:board-moved", { bubbles: true })); if (!told.widgets) return; }
        for (const id of ids) {
          const one = widgets.get(id);
          if (!told.widgets[id]) continue;
          one.data = told.widgets[id];
          paint(one);
        }
        failures = 0;
        grid.dispatchEvent(new CustomEvent("cs:drawn", { bubbles: true, detail: ids }));
      } catch {
        failures += 1;
        fail(ids, "The server did not answer. What you see is as old as it says; it is tried again by itself.");
        setTimeout(() => touch(ids, PAUSE), Math.min(60000, 2000 * 2 ** failures) * (0.5 + Math.random() / 2));
      } finally {
        clearTimeout(late);
        running = null;
        if (dirty.size) schedule(PAUSE);
      }
    };
    const schedule = (pause) => { if (!timer) timer = setTimeout(fetchNow, Math.max(0, fetchedAt + pause - performance.now())); };
    const touch = (ids, pause = PAUSE) => { for (const id of ids) if (widgets.has(id)) dirty.add(id); if (dirty.size) schedule(pause); };
    const all = () => touch(widgets.keys(), 0);
    const moved = (one, frame) => {
      if (one.refresh) return false; // it has a rhythm of its own
      if (one.moves.includes("*")) return true;
      const kinds = frame.kinds.map((kind) => kind.split(".")[0]);
      if (one.topics.length && (frame.subjects ? one.topics.some((topic) => frame.subjects.includes(topic)) : kinds.includes("metrics"))) return true;
      return one.moves.some((kind) => kind !== "metrics" && kinds.includes(kind));
    };
    const hears = {
      "cs:hint": (event) => {
        const frame = event.detail;
        if (frame.kinds.some((kind) => kind.startsWith("board.")) && (!frame.subjects || frame.subjects.includes(`board:${config.id}`))) root.dispatchEvent(new CustomEvent("cs:board-moved", { bubbles: true }));
        touch([...widgets.values()].filter((one) => moved(one, frame)).map((one) => one.id));
      },
      "cs:resync": () => touch(widgets.keys()),
      "cs:acted": all,
      visibilitychange: () => { if (!document.hidden && dirty.size) schedule(0); },
    };
    for (const [name, call] of Object.entries(hears)) document.addEventListener(name, call);
    const rhythms = [...widgets.values()].filter((one) => one.refresh).map((one) => setInterval(() => touch([one.id]), 1000 * one.refresh));
    const again = () => { for (const one of widgets.values()) if (one.data) paint(one); };
    let sizing = 0;
    const sizes = new ResizeObserver(() => { cancelAnimationFrame(sizing); sizing = requestAnimationFrame(() => { for (const one of widgets.values()) if (one.keep.drawn) one.keep.drawn.size(); }); });
    sizes.observe(grid);
    const theme = new MutationObserver(again);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });

    grid.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (!button) return;
      const one = widgets.get(button.closest("[data-widget]").dataset.widget);
      if (button.dataset.act === "table") {
        one.keep.table = !one.keep.table;
        button.textContent = one.keep.table ? "Show as a picture" : "Show as a table";
        paint(one);
      }
      if (button.dataset.act === "png") window.csPicture.save(one.el, `${config.name} ${one.label}`);
      button.closest("details").open = false;
    });
    if (form) {
      const clear = form.querySelector("[data-clear]");
      const changed = () => {
        const params = filters();
        if (clear) clear.hidden = ![...params].length;
        const kept = new URLSearchParams(params);
        if (config.link) kept.set("link", config.link);
        history.replaceState(null, "", `${location.pathname}${[...kept].length ? `?${kept}` : ""}${location.hash}`);
        all();
      };
      form.addEventListener("change", changed);
      form.addEventListener("submit", (event) => event.preventDefault());
      if (clear) { clear.hidden = ![...filters()].length; clear.addEventListener("click", () => { for (const select of form.querySelectorAll("select")) select.value = ""; changed(); }); }
    }
    if (widgets.size) all();
    return {
      config, widgets, touch,
      close: () => {
        ended = true;
        clearTimeout(timer);
        rhythms.forEach(clearInterval);
        sizes.disconnect();
        theme.disconnect();
        for (const [name, call] of Object.entries(hears)) document.removeEventListener(name, call);
        for (const one of widgets.values()) if (one.keep.drawn) one.keep.drawn.end();
      },
    };
  };
  window.csBoards = { open };

  // One menu is open at a time, and Escape closes it.
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches || !event.target.matches("details.cs-menu") || !event.target.open) return;
    document.querySelectorAll("details.cs-menu[open]").forEach((other) => { if (other !== event.target) other.open = false; });
  }, true);
  document.addEventListener("click", (event) => document.querySelectorAll("details.cs-menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest && event.target.closest("details.cs-menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  if (document.getElementById("wall")) return;
  const root = document.querySelector("#board") && document.querySelector("#board").parentElement;
  if (!root) return;
  boards.set(root, open(root));
  if (location.hash === "#share") { const share = document.getElementById("share"); if (share) share.open = true; }
  let offered = false;
  document.addEventListener("cs:board-moved", () => {
    if (offered) return;
    offered = true;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cs-offer";
    button.textContent = "This dashboard was arranged anew. Show";
    button.addEventListener("click", () => location.reload());
    document.getElementById("board").before(button);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-picture]")) { event.target.closest("details").open = false; window.csPicture.save(document.getElementById("board"), document.querySelector(".bd-head .cs-h").textContent); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const door = key === "f" ? document.querySelector("[data-wall]") : key === "e" ? document.querySelector("[data-edit]") : null;
    if (door) location.href = door.href;
  });
})();
