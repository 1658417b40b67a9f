// The portfolio: rows of one height, drawn only where one looks and fetched in blocks while one scrolls.
// The server orders, filters and words everything; this file arranges columns, moves the focus and tells what failed.
(() => {
  "use strict";
  const root = document.getElementById("grid");
  const told = document.getElementById("grid-config");
  if (!root || !told) return;
  const config = JSON.parse(told.textContent);
  const first = JSON.parse(document.getElementById("grid-first").textContent);
  const form = document.getElementById("grid-filters");
  const words = document.getElementById("grid-words");
  const known = new Map(config.known.map((column) => [column.key, column]));
  const SPARE = 12; // rows drawn beyond the edge
  const AHEAD = 40; // rows that should be there before one gets to them
  const MANY = 200; // rows in a block when one has jumped far ahead

  let columns = config.columns.map((column) => ({ ...known.get(column.key), width: column.width }));
  let sort = config.sort;
  let rows = first.rows;
  let next = first.next;
  let total = null; // {count, exact} once the strip of figures is there
  let fetching = null; // what is being fetched, so that a newer wish can end it
  let failed = false;
  let focus = { row: -1, column: 0 };
  const drawn = new Map(); // index -> element
  const byId = new Map(rows.map((row, index) => [row.id, index]));

  const make = (tag, name, text) => {
    const el = document.createElement(tag);
    if (name) el.className = name;
    if (text !== undefined) el.textContent = text;
    return el;
  };
  const icon = (name) => { const el = make("span", "material-symbols-outlined", name); el.setAttribute("aria-hidden", "true"); return el; };

  // The frame
  root.setAttribute("role", "grid");
  root.setAttribute("aria-label", "Accounts");
  root.tabIndex = 0;
  const head = make("div", "cs-grid-head");
  head.setAttribute("role", "row");
  head.setAttribute("aria-rowindex", "1");
  const body = make("div", "cs-grid-body");
  body.setAttribute("role", "rowgroup");
  const headGroup = make("div", "cs-grid-heads");
  headGroup.setAttribute("role", "rowgroup");
  headGroup.append(head);
  const state = make("div", "cs-grid-state");
  root.append(headGroup, body, state);

  const cards = matchMedia("(max-width: 1023px)");
  // On a narrow screen a row is a card: as high as its lines need, all of them alike.
  const WHOLE = new Set(["risk", "next_step", "tags"]);
  const heightOf = () => {
    if (!cards.matches) return 46;
    const lines = columns.filter((column) => WHOLE.has(column.key)).length + Math.ceil(columns.filter((column) => column.key !== "name" && !WHOLE.has(column.key)).length / 2);
    return 72 + 24 * lines;
  };
  let rowHeight = heightOf();

  // Columns
  const template = () => columns.map((column) => `${column.width}px`).join(" ");
  const arrange = () => {
    rowHeight = heightOf();
    root.style.setProperty("--row", `${rowHeight}px`);
    root.style.setProperty("--columns", template());
    root.style.setProperty("--wide", `${columns.reduce((sum, column) => sum + column.width, 0)}px`);
    root.setAttribute("aria-colcount", String(columns.length));
  };
  const sortable = (column) => Boolean(column.sort && config.orders[column.sort]);
  const drawHead = () => {
    head.replaceChildren(...columns.map((column, index) => {
      const cell = make("div", `cs-grid-th${column.right ? " cs-right" : ""}`);
      cell.setAttribute("role", "columnheader");
      cell.setAttribute("aria-colindex", String(index + 1));
      cell.dataset.key = column.key;
      if (column.hint) cell.title = column.hint;
      if (sortable(column)) {
        const way = sort === column.sort ? "ascending" : sort === `-${column.sort}` ? "descending" : "none";
        cell.setAttribute("aria-sort", way);
        const button = make("button", "cs-grid-sort", column.label);
        button.type = "button";
        const arrow = make("span", "cs-arrow", way === "ascending" ? "▲" : way === "descending" ? "▼" : "");
        arrow.setAttribute("aria-hidden", "true");
        button.append(arrow);
        button.addEventListener("click", () => order(column));
        cell.append(button);
      } else cell.append(make("span", "", column.label));
      cell.append(edge(column));
      return cell;
    }));
  };
  const edge = (column) => {
    const grip = make("span", "cs-grid-edge");
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      const [x, width] = [event.clientX, column.width];
      const pull = (move) => { column.width = Math.round(Math.min(480, Math.max(60, width + move.clientX - x))); arrange(); };
      grip.addEventListener("pointermove", pull);
      grip.addEventListener("pointerup", () => { grip.removeEventListener("pointermove", pull); keep(); }, { once: true });
    });
    return grip;
  };
  const order = (column) => {
    const falls = config.orders[column.sort].falls;
    sort = sort === column.sort ? `-${column.sort}` : sort === `-${column.sort}` ? column.sort : falls ? `-${column.sort}` : column.sort;
    drawHead();
    begin();
  };

  // Cells
  const SVG = "http://www.w3.org/2000/svg";
  const fill = (el, column, row) => {
    const cell = row.cells[column.key] || { text: "" };
    el.replaceChildren();
    el.title = cell.title || (column.key === "next_step" ? cell.text : "");
    if (column.key === "name") {
      const link = make("a", "cs-name", cell.text);
      link.href = row.href;
      link.tabIndex = -1;
      link.title = cell.text;
      el.append(link);
      if (cell.note) el.append(make("small", "", cell.note));
      return;
    }
    if (cell.line) {
      const svg = document.createElementNS(SVG, "svg");
      svg.setAttribute("viewBox", "0 0 100 28");
      svg.setAttribute("preserveAspectRatio", "none");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", cell.text);
      const line = document.createElementNS(SVG, "polyline");
      line.setAttribute("points", cell.line);
      line.setAttribute("vector-effect", "non-scaling-stroke");
      svg.append(line);
      el.title = cell.text;
      el.append(svg);
      return;
    }
    if (cell.chips) return void el.append(...cell.chips.map((chip) => make("span", "cs-chip", chip)));
    if (cell.tone) {
      const pill = make("span", `cs-pill cs-${cell.tone}`);
      const shape = make("i", "cs-shape");
      shape.setAttribute("aria-hidden", "true");
      pill.append(shape, cell.text);
      el.append(pill);
    } else if (cell.note_tone === "soon") el.append(make("span", "cs-soon", cell.text));
    else el.append(make("span", cell.text === "–" ? "cs-dash" : "cs-grid-text", cell.text));
    if (cell.note) el.append(make("span", `cs-delta cs-${cell.note_tone}`, cell.note));
  };
  const drawRow = (index) => {
    const row = rows[index];
    const el = make("div", "cs-grid-row");
    el.setAttribute("role", "row");
    el.setAttribute("aria-rowindex", String(index + 2));
    el.style.transform = `translateY(${index * rowHeight}px)`;
    el.dataset.index = String(index);
    columns.forEach((column, at) => {
      const cell = make("div", `cs-grid-td${column.right ? " cs-right" : ""}`);
      cell.setAttribute("role", column.key === "name" ? "rowheader" : "gridcell");
      cell.setAttribute("aria-colindex", String(at + 1));
      cell.dataset.key = column.key;
      cell.dataset.label = column.label;
      cell.tabIndex = -1;
      fill(cell, column, row);
      el.append(cell);
    });
    if (index === focus.row) el.classList.add("cs-selected");
    return el;
  };

  // Which rows one sees
  const seen = () => {
    const box = root.getBoundingClientRect();
    const top = (cards.matches ? 0 : Math.max(0, box.top + head.offsetHeight)) - body.getBoundingClientRect().top;
    const bottom = Math.min(innerHeight, cards.matches ? innerHeight : box.bottom) - body.getBoundingClientRect().top;
    return [Math.floor(top / rowHeight), Math.ceil(bottom / rowHeight)];
  };
  const expected = () => (next === "" ? rows.length : Math.max(rows.length + 1, total && total.exact ? total.count : rows.length + SPARE));
  const draw = () => {
    const [from, to] = seen();
    const [low, high] = [Math.max(0, from - SPARE), Math.min(rows.length, to + SPARE)];
    for (const [index, el] of drawn) if (index < low || index >= high) { if (el.contains(document.activeElement)) root.focus({ preventScroll: true }); el.remove(); drawn.delete(index); }
    let before = null;
    for (let index = low; index < high; index += 1) {
      let el = drawn.get(index);
      if (!el) {
        el = drawRow(index);
        drawn.set(index, el);
        if (before) before.after(el); else body.prepend(el);
      }
      before = el;
    }
    body.style.height = `${expected() * rowHeight}px`;
    root.setAttribute("aria-rowcount", String(next === "" ? rows.length + 1 : -1));
    if (to + AHEAD > rows.length && next !== "" && !fetching && !failed) more(to - rows.length > MANY ? MANY : config.block);
    tellState(to);
  };
  const redraw = () => { for (const el of drawn.values()) el.remove(); drawn.clear(); draw(); };
  const tellState = (to) => {
    if (!rows.length && next === "") {
      if (!state.firstChild) state.append(document.getElementById(asked().toString() ? "grid-none" : "grid-empty").content.cloneNode(true));
    } else if (state.firstChild && !failed) state.replaceChildren();
    root.classList.toggle("cs-grid-waits", to > rows.length && next !== "");
  };
  let framed = false;
  const look = () => { if (!framed) { framed = true; requestAnimationFrame(() => { framed = false; draw(); }); } };

  // Fetching
  const asked = () => new URLSearchParams([...new FormData(form)].filter(([name, value]) => value && name !== "csrfmiddlewaretoken"));
  const address = (params) => {
    params.set("sort", sort);
    params.set("columns", columns.map((column) => column.key).join(","));
    return `${config.urls.portfolio_rows}?${params}`;
  };
  const get = async (url) => {
    const stop = new AbortController();
    fetching = stop;
    const timer = setTimeout(() => stop.abort(), 15000);
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: stop.signal });
      if (answer.status === 401) { location.href = answer.headers.get("HX-Redirect") || location.href; return null; }
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      return fetching === stop ? found : null;
    } catch (error) {
      if (fetching === stop) { fetching = null; fail(); }
      return null;
    } finally {
      clearTimeout(timer);
      if (fetching === stop) fetching = null;
    }
  };
  const add = (found) => {
    for (const row of found.rows) if (!byId.has(row.id)) { byId.set(row.id, rows.length); rows.push(row); }
    next = found.next;
  };
  const more = async (limit) => {
    const params = asked();
    params.set("after", next);
    params.set("limit", String(limit));
    const found = await get(address(params));
    if (found) { add(found); draw(); }
  };
  // Another filter or order: from the top. `stay` keeps the place and as many rows as there were.
  const begin = async ({ stay = false } = {}) => {
    failed = false;
    state.replaceChildren();
    const wanted = stay ? Math.min(1000, Math.max(config.block, rows.length)) : config.block;
    const fresh = [];
    let after = "";
    root.setAttribute("aria-busy", "true");
    if (!stay) root.classList.add("cs-grid-begins");
    do {
      const params = asked();
      if (after) params.set("after", after);
      params.set("limit", String(Math.min(MANY, wanted - fresh.length)));
      const found = await get(address(params));
      if (!found) return void root.classList.remove("cs-grid-begins");
      fresh.push(...found.rows);
      after = found.next;
    } while (after && fresh.length < wanted);
    const here = rows[focus.row] && rows[focus.row].id;
    rows = [];
    byId.clear();
    add({ rows: fresh, next: after });
    focus.row = stay && byId.has(here) ? byId.get(here) : -1;
    if (!stay) root.scrollTop = 0;
    root.classList.remove("cs-grid-begins");
    root.removeAttribute("aria-busy");
    redraw();
    remember();
  };
  const fail = () => {
    failed = true;
    root.removeAttribute("aria-busy");
    const box = document.getElementById("cs-error").content.firstElementChild.cloneNode(true);
    box.querySelector("[data-retry]").addEventListener("click", () => { failed = false; state.replaceChildren(); if (rows.length && next) draw(); else begin(); });
    state.replaceChildren(box);
    if (root.previousElementSibling !== state) root.before(state);
  };
  const remember = () => {
    const params = asked();
    if (sort !== config.defaultSort) params.set("sort", sort);
    if (config.view) params.set("view", String(config.view));
    history.replaceState(null, "", `${config.urls.portfolio}${params.size ? "?" : ""}${params}`);
    const strip = document.getElementById("figures");
    strip.setAttribute("hx-get", `${config.urls.portfolio}?part=figures&${asked()}`);
    htmx.process(strip);
    htmx.trigger(strip, "cs:refresh");
    say();
  };
  const say = () => {
    const key = sort.replace("-", "");
    const way = key === "stake" && sort.startsWith("-") ? ": the most to lose first" : sort.startsWith("-") === config.orders[key].falls ? "" : ", the other way round";
    const count = total ? `${total.count.toLocaleString("en")}${total.exact ? "" : "+"} account${total.count === 1 ? "" : "s"}, ranked` : "Ranked";
    words.textContent = `${count} by ${config.orders[key].words}${way}.`;
  };
  document.addEventListener("htmx:afterSwap", (event) => {
    const list = event.detail.target.id === "figures" && event.detail.target.querySelector("[data-count]");
    if (!list) return;
    total = { count: Number(list.dataset.count), exact: list.dataset.counted === "yes" };
    say();
    look();
  });

  // Filters
  let typing = 0;
  form.addEventListener("submit", (event) => { event.preventDefault(); begin(); });
  form.addEventListener("change", (event) => { if (event.target.type !== "search") begin(); });
  form.addEventListener("input", (event) => { if (event.target.type === "search") { clearTimeout(typing); typing = setTimeout(begin, 300); } });

  // What somebody keeps
  const post = async (url, data) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "HX-Request": "true" },
      body: JSON.stringify(data),
    });
    if (answer.status === 401) location.href = answer.headers.get("HX-Redirect") || location.href;
    return { ok: answer.ok, status: answer.status, ...(await answer.json().catch(() => ({}))) };
  };
  const layout = () => columns.map(({ key, width }) => ({ key, width }));
  let keeping = 0;
  const keep = () => {
    clearTimeout(keeping);
    keeping = setTimeout(async () => {
      const answer = await post(config.urls.keep_layout, { view: config.ownView ? config.view : null, columns: layout() }).catch(() => ({ ok: false }));
      if (!answer.ok) csToast("The columns could not be kept; they stay as they are until you leave the page.", { tone: "refused" });
    }, 400);
  };
  const chooser = document.querySelector("#grid-columns .cs-menu-list");
  const drawChooser = () => {
    const shown = new Set(columns.map((column) => column.key));
    const listed = [...columns, ...config.known.filter((column) => !shown.has(column.key)).map((column) => ({ ...column }))];
    chooser.replaceChildren(...listed.map((column, index) => {
      const item = make("li");
      const label = make("label", "cs-check");
      const box = make("input");
      box.type = "checkbox";
      box.checked = shown.has(column.key);
      box.disabled = column.key === "name";
      box.addEventListener("change", () => change(box.checked ? [...columns, column] : columns.filter((other) => other.key !== column.key)));
      label.append(box, ` ${column.label}`);
      item.append(label);
      if (shown.has(column.key) && column.key !== "name") {
        for (const [step, name, sign] of [[-1, "earlier", "arrow_upward"], [1, "later", "arrow_downward"]]) {
          const button = make("button", "cs-icon");
          button.type = "button";
          button.setAttribute("aria-label", `Move ${column.label} ${name}`);
          button.disabled = index + step < 1 || index + step >= columns.length;
          button.append(icon(sign));
          button.addEventListener("click", () => {
            const moved = [...columns];
            moved.splice(index + step, 0, moved.splice(index, 1)[0]);
            change(moved);
            const again = chooser.querySelector(`[aria-label="Move ${column.label} ${name}"]`);
            if (again) again.focus();
          });
          item.append(button);
        }
      }
      return item;
    }));
  };
  const change = (chosen) => {
    const fresh = chosen.some((column) => rows.length && !(column.key in rows[0].cells));
    columns = chosen;
    focus.column = Math.min(focus.column, columns.length - 1);
    arrange();
    drawHead();
    drawChooser();
    redraw();
    keep();
    if (fresh) begin({ stay: true });
  };
  const save = document.getElementById("grid-save");
  save.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = { ...Object.fromEntries(asked()), sort, columns: layout(), name: save.elements.name.value, shared: Boolean(save.elements.shared && save.elements.shared.checked) };
    const answer = await post(config.urls.save_view, data).catch(() => ({ words: "The server did not answer. Nothing was saved." }));
    if (answer.ok) location.href = answer.link;
    else csToast(answer.words || "Nothing was saved.", { tone: "refused" });
  });
  document.getElementById("grid-views").addEventListener("click", async (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    const answer = await post(button.dataset.remove, {}).catch(() => ({ words: "The server did not answer. Nothing was removed." }));
    if (!answer.ok) return void csToast(answer.words, { tone: "refused" });
    const item = button.closest("li");
    item.hidden = true;
    csToast(answer.words, { undo: async () => { const again = await post(config.urls.save_view, answer.kept); if (again.ok) { item.hidden = false; item.querySelector("a").href = again.link; } } });
  });
  document.addEventListener("click", (event) => { for (const menu of document.querySelectorAll("details.cs-menu[open]")) if (!menu.contains(event.target)) menu.open = false; });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest && event.target.closest("details.cs-menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); event.preventDefault(); }
  });

  // Keyboard
  const to = (row, column = focus.column) => {
    if (!rows.length) return;
    const before = drawn.get(focus.row);
    if (before) before.classList.remove("cs-selected");
    focus = { row: Math.min(rows.length - 1, Math.max(0, row)), column: Math.min(columns.length - 1, Math.max(0, column)) };
    show(focus.row);
    draw();
    const el = drawn.get(focus.row);
    if (!el) return;
    el.classList.add("cs-selected");
    el.children[focus.column].focus({ preventScroll: true });
    if (!cards.matches) sideways(el.children[focus.column]);
  };
  const show = (index) => {
    const top = body.getBoundingClientRect().top + index * rowHeight;
    if (cards.matches) { if (top < 80 || top + rowHeight > innerHeight) (drawn.get(index) || body).scrollIntoView({ block: "nearest" }); return; }
    const box = root.getBoundingClientRect();
    const [high, low] = [box.top + head.offsetHeight, box.top + root.clientHeight];
    if (top < high) root.scrollTop -= high - top;
    else if (top + rowHeight > low) root.scrollTop += top + rowHeight - low;
  };
  const sideways = (cell) => {
    if (cell === cell.parentElement.firstElementChild) return;
    const [box, at] = [root.getBoundingClientRect(), cell.getBoundingClientRect()];
    const left = box.left + columns[0].width;
    if (at.left < left) root.scrollLeft -= left - at.left;
    else if (at.right > box.right) root.scrollLeft += at.right - box.right;
  };
  const keys = {
    j: () => to(focus.row + 1), ArrowDown: () => to(focus.row + 1), k: () => to(focus.row - 1), ArrowUp: () => to(focus.row - 1),
    ArrowLeft: () => to(Math.max(0, focus.row), focus.column - 1), ArrowRight: () => to(Math.max(0, focus.row), focus.column + 1),
    PageDown: () => to(focus.row + 12), PageUp: () => to(focus.row - 12), Home: () => to(0), End: () => to(rows.length - 1),
    Enter: () => { if (rows[focus.row]) location.href = rows[focus.row].href; },
    "/": () => form.elements.q.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, button, summary, a, [contenteditable], dialog") || document.querySelector("dialog[open]")) return;
    const inside = root.contains(event.target);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!keys[key] || (!inside && !["j", "k", "/"].includes(key))) return;
    keys[key](event);
    event.preventDefault();
  }, true);
  root.addEventListener("click", (event) => {
    const cell = event.target.closest(".cs-grid-td");
    if (!cell || event.target.closest("a, button, input, select")) return;
    const row = Number(cell.parentElement.dataset.index);
    if (cards.matches) { if (!String(getSelection())) location.href = rows[row].href; return; }
    to(row, [...cell.parentElement.children].indexOf(cell));
  });

  // Live: an offer, never a jump
  document.getElementById("list").addEventListener("cs:refresh", () => begin({ stay: true }));
  const resize = () => { arrange(); redraw(); };
  cards.addEventListener("change", resize);
  addEventListener("resize", look);
  document.addEventListener("scroll", look, { capture: true, passive: true });

  arrange();
  drawHead();
  drawChooser();
  draw();
  say();
})();
