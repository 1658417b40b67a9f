// The builder: widgets on gridstack, moved by mouse, finger or keys; every step can be taken back, and is kept as a draft on the server at once.
(() => {
  "use strict";
  const root = document.getElementById("edit");
  if (!root) return;
  const { make } = window.csCharts;
  const { draw, icon } = window.csDraw;
  const config = JSON.parse(document.getElementById("edit-config").textContent);
  const kinds = new Map(config.kinds.map((kind) => [kind.key, kind]));
  const [name, why, kept, refused, none, told] = ["board-name", "board-why", "kept", "refused", "none", "board-told"].map((id) => document.getElementById(id));
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const MOST = 60;
  let says = config.says;
  let seen = config.seen;
  let chosen = null;
  let past = [], future = [];
  let quiet = false; // while the stack is being put together its events are no changes of ours
  let touched = false;
  const known = new Map(); // widget id -> {el, keep, data, about}

  const post = async (url, body) => fetch(url, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token, "HX-Request": "true" }, body: JSON.stringify(body) });
  const widget = (id) => says.widgets.find((one) => one.id === id);
  const label = (one) => one.title || kinds.get(one.kind).name;
  const say = (words) => { told.textContent = words; };
  const copy = (value) => JSON.parse(JSON.stringify(value));

  // Gridstack
  const grid = window.GridStack.init({
    column: 12, cellHeight: 88, margin: 6, float: false, handle: ".bd-grip", animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    columnOpts: { breakpoints: [{ w: 640, c: 1 }] }, resizable: { handles: "e,se,s" }, alwaysShowResizeHandle: "mobile",
  }, document.getElementById("stack"));
  const wide = () => grid.getColumn() === 12;
  const placeWords = (one) => `column ${one.x + 1}, row ${one.y + 1}, ${one.w} wide, ${one.h} high`;
  const nameIt = (one) => {
    const { el } = known.get(one.id);
    el.setAttribute("aria-label", `${label(one)}: ${placeWords(one)}`);
    el.querySelector("h2").textContent = label(one);
  };
  const build = (one) => {
    const kind = kinds.get(one.kind);
    const el = make("div", "grid-stack-item");
    el.dataset.widget = one.id;
    el.tabIndex = 0;
    el.setAttribute("role", "group");
    const card = make("div", `grid-stack-item-content cs-card bd-w bd-of-${one.kind}`);
    const head = make("header", "bd-grip");
    const hold = icon("drag_indicator", "bd-hold");
    const open = make("button", "bd-open");
    open.type = "button";
    open.tabIndex = -1;
    open.setAttribute("aria-label", `Settings of ${label(one)}`);
    open.append(icon("tune"));
    open.addEventListener("click", () => { choose(one.id); panel.settings(widget(one.id)); focusPanel(); });
    head.append(hold, make("h2", "", label(one)), open);
    const body = make("div", "bd-body");
    const skeleton = make("div", "bd-skeleton");
    skeleton.append(make("i"), make("i"), make("i"));
    body.append(skeleton);
    card.append(head, body);
    el.append(card);
    Object.entries({ x: one.x, y: one.y, w: one.w, h: one.h, "min-w": kind.size[2], "min-h": kind.size[3], id: one.id }).forEach(([key, value]) => el.setAttribute(`gs-${key}`, value));
    const before = known.get(one.id);
    if (before && before.keep.drawn) before.keep.drawn.end();
    known.set(one.id, { el, keep: {}, data: before && before.about === about(one) ? before.data : null, about: about(one) });
    grid.el.append(el);
    grid.makeWidget(el);
    nameIt(one);
    if (known.get(one.id).data) paint(one.id);
    return el;
  };
  const about = ({ x, y, w, h, title, ...rest }) => JSON.stringify(rest);
  const rebuild = () => {
    quiet = true;
    for (const { keep } of known.values()) if (keep.drawn) { keep.drawn.end(); keep.drawn = null; }
    grid.removeAll();
    for (const one of says.widgets) build(one);
    quiet = false;
    sync();
    look(says.widgets.filter((one) => !known.get(one.id).data).map((one) => one.id));
    none.hidden = says.widgets.length > 0;
    if (chosen && !widget(chosen)) { chosen = null; panel.idle(); }
    mark();
  };
  const sync = () => {
    if (!wide()) return;
    for (const node of grid.engine.nodes) {
      const one = widget(node.id);
      if (one) Object.assign(one, { x: node.x, y: node.y, w: node.w, h: node.h });
    }
    says.widgets.sort((one, other) => one.y - other.y || one.x - other.x);
    for (const one of says.widgets) { nameIt(one); panel.placed(one); }
    // Tab goes in reading order.
    if (!root.contains(document.activeElement) || !document.activeElement.matches(".grid-stack-item")) for (const one of says.widgets) grid.el.append(known.get(one.id).el);
  };
  const paint = (id) => {
    const { el, keep, data } = known.get(id);
    draw(el.querySelector(".bd-body"), data, { keep, label: label(widget(id)) });
    el.querySelectorAll(".bd-body a, .bd-body [tabindex], .bd-body input").forEach((each) => { each.tabIndex = -1; });
  };

  // What they show
  const waiting = new Set();
  let timer = 0;
  const look = (ids, pause = 60) => {
    ids.forEach((id) => waiting.add(id));
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const wanted = says.widgets.filter((one) => waiting.has(one.id));
      waiting.clear();
      if (!wanted.length) return;
      const found = await preview(wanted);
      for (const one of wanted) {
        const mine = known.get(one.id);
        if (!mine || !widget(one.id)) continue;
        mine.data = found ? found[one.id] : { error: "The server did not answer. Your draft is safe on this page.", kind: one.kind };
        mine.about = about(widget(one.id));
        paint(one.id);
        panel.tell(one.id);
      }
    }, pause);
  };
  const preview = async (widgets) => {
    try {
      const answer = await post(config.urls.preview, { widgets });
      return answer.ok ? (await answer.json()).widgets : null;
    } catch { return null; }
  };

  // Steps, and back
  let last = JSON.stringify(says);
  let group = "";
  const step = (what = "") => {
    const now = JSON.stringify(says);
    if (now === last) return;
    if (!what || what !== group) { past.push(last); if (past.length > MOST) past.shift(); }
    group = what;
    future = [];
    last = now;
    touched = true;
    buttons();
    keepSoon();
  };
  const go = (from, to, words) => {
    if (!from.length) return;
    to.push(last);
    last = from.pop();
    says = JSON.parse(last);
    group = "";
    [name.value, why.value] = [says.name, says.why];
    const open = panel.shows();
    rebuild();
    if (open && widget(open)) panel.settings(widget(open));
    buttons();
    keepSoon();
    say(words);
  };
  const undo = () => go(past, future, "Taken back.");
  const redo = () => go(future, past, "Done again.");
  const buttons = () => {
    document.querySelector("[data-undo]").disabled = !past.length;
    document.querySelector("[data-redo]").disabled = !future.length;
  };

  // The draft
  let keeping = 0, saving = false;
  const keepSoon = () => { clearTimeout(keeping); kept.textContent = "…"; keeping = setTimeout(keep, 600); };
  const keep = async () => {
    keeping = 0;
    if (saving) return;
    try {
      const answer = await post(config.urls.draft, { board: config.board, says, seen });
      if (!answer.ok) throw new Error(String(answer.status));
      kept.textContent = "Draft kept";
    } catch {
      kept.textContent = "The draft is only on this page: the server does not answer";
      keeping = setTimeout(keep, 5000);
    }
  };
  addEventListener("beforeunload", (event) => { if (keeping && touched && !saving) event.preventDefault(); });
  addEventListener("pagehide", () => { if (keeping && touched && !saving) fetch(config.urls.draft, { method: "POST", keepalive: true, headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify({ board: config.board, says, seen }) }); });
  const save = async () => {
    const button = document.querySelector("[data-save]");
    clearTimeout(keeping);
    keeping = 0;
    saving = true;
    button.disabled = true;
    refused.hidden = true;
    try {
      const answer = await post(config.urls.save, { says, seen });
      const found = await answer.json();
      if (answer.ok) { location.href = found.url; return; }
      saving = false;
      refused.textContent = found.words;
      if (found.seen) { seen = found.seen; button.textContent = "Save on top"; }
      if (found.code === "no_name") name.focus();
    } catch {
      saving = false;
      refused.textContent = "The server did not answer, so it may not be saved. Your draft is kept on this page; try again.";
    }
    refused.hidden = false;
    button.disabled = false;
    keepSoon();
  };

  // One widget
  const mark = () => { for (const [id, { el }] of known) el.classList.toggle("bd-chosen", id === chosen); };
  const choose = (id) => { chosen = id; mark(); };
  const free = () => { const taken = new Set(says.widgets.map((one) => one.id)); let number = says.widgets.length + 1; while (taken.has(`w${number}`)) number += 1; return `w${number}`; };
  const add = (one) => {
    const made = { ...copy(one), id: free() };
    const spot = { w: made.w, h: made.h, minW: 1, minH: 1 };
    if (wide() && grid.engine.findEmptyPosition(spot)) Object.assign(made, { x: spot.x, y: spot.y });
    else Object.assign(made, { x: 0, y: Math.max(0, ...says.widgets.map((each) => each.y + each.h)) });
    says.widgets.push(made);
    quiet = true;
    build(made);
    quiet = false;
    sync();
    none.hidden = true;
    step();
    choose(made.id);
    look([made.id]);
    panel.settings(widget(made.id));
    const { el } = known.get(made.id);
    el.scrollIntoView({ block: "nearest" });
    el.focus({ preventScroll: true });
    say(`${label(made)} added: ${placeWords(made)}`);
  };
  const remove = (id) => {
    const one = widget(id);
    const index = says.widgets.indexOf(one);
    says.widgets = says.widgets.filter((each) => each.id !== id);
    const { el, keep: mine } = known.get(id);
    if (mine.drawn) mine.drawn.end();
    quiet = true;
    grid.removeWidget(el);
    quiet = false;
    known.delete(id);
    sync();
    none.hidden = says.widgets.length > 0;
    chosen = null;
    step();
    panel.idle();
    const next = says.widgets[Math.min(index, says.widgets.length - 1)];
    (next ? known.get(next.id).el : document.querySelector("[data-add]")).focus();
    window.csToast(`${label(one)} is taken away.`, { undo });
  };
  const duplicate = (id) => { const one = widget(id); add({ ...one, title: one.title ? `${one.title} (2)`.slice(0, 80) : "" }); };
  const change = (id, changes, what) => {
    const one = widget(id);
    Object.assign(one, changes);
    nameIt(one);
    step(`${id}.${what}`);
    if (what !== "title") look([id], 250);
  };
  const place = (id, where) => {
    const { el } = known.get(id);
    if (wide()) grid.update(el, where);
    else { Object.assign(widget(id), where); says.widgets.sort((one, other) => one.y - other.y || one.x - other.x); step(); rebuild(); }
  };
  const nudge = (id, way) => {
    const index = says.widgets.findIndex((one) => one.id === id);
    const other = says.widgets[index + way];
    if (!other) return say(way < 0 ? "It is the first." : "It is the last.");
    const one = says.widgets[index];
    [one.x, one.y, other.x, other.y] = [Math.min(other.x, 12 - one.w), other.y, Math.min(one.x, 12 - other.w), one.y];
    says.widgets.sort((each, next) => each.y - next.y || each.x - next.x || (each === (way < 0 ? one : other) ? -1 : 1));
    rebuild();
    step();
    panel.settings(widget(id));
    return say(`${label(one)}: ${placeWords(widget(id))}`);
  };
  const fresh = (kind) => {
    const by = (fits) => config.catalogue.filter(fits).map((one) => one.key);
    const first = ["arr", "customers", ...by(() => true)].filter((key) => config.catalogue.some((one) => one.key === key && (kind.dimension !== "needed" || one.dimensions.length)));
    const counts = by((one) => one.unit === "count");
    const metrics = kind.metrics[1] ? (kind.key === "funnel" ? counts : first).slice(0, kind.metrics[0]) : [];
    const metric = config.catalogue.find((one) => one.key === metrics[0]);
    const split = metric ? ["plan", "owner", "band"].find((name_) => metric.dimensions.includes(name_)) || metric.dimensions[0] || "" : "";
    return {
      id: "new", kind: kind.key, title: "", metrics, dimension: kind.dimension === "needed" ? split : "", filters: {}, days: kind.days, refresh: 0,
      options: Object.fromEntries(kind.choices.map((choice) => [choice.name, choice.name === "text" ? "What to look at, and what to do about it." : choice.default])), x: 0, y: 0, w: kind.size[0], h: kind.size[1],
    };
  };
  const focusPanel = () => { const el = document.querySelector("#panel input, #panel select, #panel .bd-kind"); if (el) { el.focus(); el.scrollIntoView({ block: "nearest" }); } };
  const panel = window.csPanel.panel(document.getElementById("panel"), {
    config, widget, add, change, place, nudge, remove, duplicate, preview, fresh, data: (id) => known.get(id) && known.get(id).data,
    close: () => { panel.idle(); const back = chosen && known.get(chosen); if (back) back.el.focus(); else document.querySelector("[data-add]").focus(); },
  });
  const openCatalogue = () => { panel.catalogue(); focusPanel(); };

  grid.on("change", () => { if (quiet) return; sync(); step(); });
  grid.on("resizestop", (_, el) => { const mine = known.get(el.dataset.widget); setTimeout(() => { if (mine && mine.keep.drawn) mine.keep.drawn.size(); }, 350); });
  new ResizeObserver(() => { for (const { keep: mine } of known.values()) if (mine.drawn) mine.drawn.size(); }).observe(grid.el);
  new MutationObserver(() => { for (const [id, { data }] of known) if (data) paint(id); }).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  grid.el.addEventListener("focusin", (event) => { const el = event.target.closest(".grid-stack-item"); if (el) choose(el.dataset.widget); });
  grid.el.addEventListener("click", (event) => {
    const el = event.target.closest(".grid-stack-item");
    if (!el) return;
    // Figures of a draft lead nowhere: a click chooses the widget.
    if (event.target.closest("a")) event.preventDefault();
    if (event.target.closest("button, input")) return;
    choose(el.dataset.widget);
    el.focus({ preventScroll: true });
    panel.settings(widget(el.dataset.widget));
  });
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  grid.el.addEventListener("keydown", (event) => {
    if (!event.target.matches(".grid-stack-item") || event.ctrlKey || event.metaKey || event.altKey) return;
    const { widget: id } = event.target.dataset;
    const one = widget(id);
    if (MOVES[event.key]) {
      event.preventDefault();
      const [right, down] = MOVES[event.key];
      const kind = kinds.get(one.kind);
      if (!wide()) { if (!event.shiftKey && down) nudge(id, down); return; }
      const before = placeWords(one);
      if (event.shiftKey) place(id, { w: Math.max(kind.size[2], Math.min(12 - one.x, one.w + right)), h: Math.max(kind.size[3], Math.min(12, one.h + down)) });
      else if (down > 0) {
        // Nothing floats: going down means changing places with what stands below.
        const below = says.widgets.filter((each) => each.y >= one.y + one.h && each.x < one.x + one.w && one.x < each.x + each.w).sort((each, other) => each.y - other.y)[0];
        if (below) place(below.id, { y: one.y });
      } else if (down < 0) {
        const above = says.widgets.filter((each) => each.y + each.h <= one.y && each.x < one.x + one.w && one.x < each.x + each.w).sort((each, other) => other.y - each.y)[0];
        if (above) place(id, { y: above.y });
      } else place(id, { x: Math.max(0, Math.min(12 - one.w, one.x + right)) });
      const now = placeWords(widget(id));
      say(now === before ? "It cannot go further." : `${label(one)}: ${now}`);
      known.get(id).el.focus({ preventScroll: true });
      setTimeout(() => { const mine = known.get(id); if (mine && mine.keep.drawn) mine.keep.drawn.size(); }, 350);
    } else if (event.key === "Enter") { event.preventDefault(); panel.settings(one); focusPanel(); }
    else if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); remove(id); }
    else if (event.key === "d") { event.preventDefault(); duplicate(id); }
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=range]), textarea, select");
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "s") { event.preventDefault(); save(); return; }
    if ((event.ctrlKey || event.metaKey) && !typing && (key === "z" || key === "y")) { event.preventDefault(); if (key === "y" || event.shiftKey) redo(); else undo(); return; }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (key === "a") { event.preventDefault(); openCatalogue(); }
  });
  document.getElementById("panel").addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); const back = chosen && known.get(chosen); panel.idle(); if (back) back.el.focus(); } });
  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-add]")) openCatalogue();
    else if (event.target.closest("[data-undo]")) undo();
    else if (event.target.closest("[data-redo]")) redo();
    else if (event.target.closest("[data-save]")) save();
    else if (event.target.closest("[data-throw]")) { saving = true; await post(config.urls.draft, { board: config.board, drop: true }); location.reload(); }
  });
  [name.value, why.value] = [says.name, says.why];
  name.addEventListener("input", () => { says.name = name.value; step("name"); });
  why.addEventListener("input", () => { says.why = why.value; step("why"); });
  rebuild();
  last = JSON.stringify(says);
  if (!says.widgets.length && !says.name) name.focus();
})();
