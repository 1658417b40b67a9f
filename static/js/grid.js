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
  const MANY = 500; // rows in a block when one has jumped far ahead

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
  const LEAD = config.mayAct ? 1 : 0; // the column of boxes to choose rows with
  const template = () => `${LEAD ? "38px " : ""}${columns.map((column) => `${column.width}px`).join(" ")}`;
  const arrange = () => {
    rowHeight = heightOf();
    root.style.setProperty("--row", `${rowHeight}px`);
    root.style.setProperty("--columns", template());
    root.style.setProperty("--wide", `${columns.reduce((sum, column) => sum + column.width, 38 * LEAD)}px`);
    root.style.setProperty("--lead", LEAD ? "38px" : "0px");
    root.setAttribute("aria-colcount", String(columns.length + LEAD));
  };
  const sortable = (column) => Boolean(column.sort && config.orders[column.sort]);
  const drawHead = () => {
    head.replaceChildren(...(LEAD ? [chooseAll()] : []), ...columns.map((column, index) => {
      const cell = make("div", `cs-grid-th${column.right ? " cs-right" : ""}`);
      cell.setAttribute("role", "columnheader");
      cell.setAttribute("aria-colindex", String(index + 1 + LEAD));
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
    if (LEAD) el.append(choice(row));
    columns.forEach((column, at) => {
      const cell = make("div", `cs-grid-td${column.right ? " cs-right" : ""}${may(column, row) ? " cs-may-edit" : ""}`);
      cell.setAttribute("role", column.key === "name" ? "rowheader" : "gridcell");
      cell.setAttribute("aria-colindex", String(at + 1 + LEAD));
      cell.dataset.key = column.key;
      cell.dataset.label = column.label;
      cell.tabIndex = -1;
      fill(cell, column, row);
      el.append(cell);
    });
    if (index === focus.row) el.classList.add("cs-selected");
    if (LEAD) el.setAttribute("aria-selected", String(chosen.has(row.id)));
    return el;
  };
  const drawAgain = (index) => {
    const old = drawn.get(index);
    if (!old) return;
    const held = old.contains(document.activeElement);
    const el = drawRow(index);
    old.replaceWith(el);
    drawn.set(index, el);
    if (held) cellAt(el).focus({ preventScroll: true });
  };
  const cellAt = (el) => el.children[focus.column + LEAD];

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
    root.classList.toggle("cs-grid-past", Boolean(past()));
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
  form.addEventListener("change", (event) => { if (event.target.type !== "search" && event.target.name !== "as_of") begin(); });
  form.addEventListener("input", (event) => { if (event.target.type === "search") { clearTimeout(typing); typing = setTimeout(begin, 300); } });

  const day = document.getElementById("as-of");
  const weeks = document.getElementById("as-of-weeks");
  const travel = (iso) => {
    day.value = iso;
    document.querySelector("#grid-asof [data-day]").textContent = iso ? new Date(`${iso}T12:00`).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" }) : "today";
    chosen.clear();
    tellChosen();
    begin();
  };
  day.addEventListener("change", () => travel(day.value));
  let sliding = 0;
  weeks.addEventListener("input", () => {
    const then = new Date(csNow() - Number(weeks.value) * 7 * 86400000).toISOString().slice(0, 10);
    day.value = weeks.value === "0" ? "" : then;
    clearTimeout(sliding);
    sliding = setTimeout(() => travel(day.value), 250);
  });
  document.querySelector("#grid-asof [data-today]").addEventListener("click", () => { weeks.value = "0"; travel(""); });

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
    cellAt(el).focus({ preventScroll: true });
    if (!cards.matches) sideways(cellAt(el));
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
    if (cell.dataset.key === "name") return;
    const [box, at] = [root.getBoundingClientRect(), cell.getBoundingClientRect()];
    const left = box.left + columns[0].width + 38 * LEAD;
    if (at.left < left) root.scrollLeft -= left - at.left;
    else if (at.right > box.right) root.scrollLeft += at.right - box.right;
  };
  const keys = {
    j: () => to(focus.row + 1), ArrowDown: () => to(focus.row + 1), k: () => to(focus.row - 1), ArrowUp: () => to(focus.row - 1),
    ArrowLeft: () => to(Math.max(0, focus.row), focus.column - 1), ArrowRight: () => to(Math.max(0, focus.row), focus.column + 1),
    PageDown: () => to(focus.row + 12), PageUp: () => to(focus.row - 12), Home: () => to(0), End: () => to(rows.length - 1),
    Enter: () => { if (rows[focus.row]) location.href = rows[focus.row].href + past(); },
    x: () => { if (LEAD && rows[focus.row]) choose(rows[focus.row].id, !chosen.has(rows[focus.row].id)); },
    e: () => editAt(focus.row, focus.column),
    "/": () => form.elements.q.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, button, summary, a, [contenteditable], dialog") || document.querySelector("dialog[open]")) return;
    const inside = root.contains(event.target);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!keys[key] || (!inside && !["j", "k", "/", "x", "e"].includes(key))) return;
    keys[key](event);
    event.preventDefault();
  }, true);
  root.addEventListener("click", (event) => {
    const cell = event.target.closest(".cs-grid-td");
    if (!cell || cell.dataset.key === undefined || event.target.closest("a, button, input, select, label")) return;
    const row = Number(cell.parentElement.dataset.index);
    if (cards.matches) { if (!String(getSelection())) location.href = rows[row].href + past(); return; }
    to(row, [...cell.parentElement.children].indexOf(cell) - LEAD);
  });

  // The past: figures of another day, which nobody edits
  const past = () => (form.elements.as_of && form.elements.as_of.value ? `?as_of=${form.elements.as_of.value}` : "");
  const may = (column, row) => Boolean(LEAD && column.edit && !past() && row.raw.stage !== "churned");

  // Choosing rows
  const chosen = new Set();
  const bulk = document.getElementById("grid-bulk");
  const box = (label, on, act) => {
    const input = make("input");
    input.type = "checkbox";
    input.tabIndex = -1;
    input.checked = on;
    input.setAttribute("aria-label", label);
    input.addEventListener("change", () => act(input.checked));
    return input;
  };
  const choice = (row) => {
    const cell = make("div", "cs-grid-td cs-grid-choose");
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-colindex", "1");
    cell.append(box(`Choose ${row.cells.name ? row.cells.name.text : ""}`, chosen.has(row.id), (on) => choose(row.id, on)));
    return cell;
  };
  const chooseAll = () => {
    const cell = make("div", "cs-grid-th cs-grid-choose");
    cell.setAttribute("role", "columnheader");
    cell.setAttribute("aria-colindex", "1");
    const all = rows.length > 0 && rows.slice(0, config.most).every((row) => chosen.has(row.id));
    const input = box(`Choose all, at most ${config.most}`, all, async (on) => {
      chosen.clear();
      while (on && next !== "" && !failed && rows.length < config.most) { if (fetching) await new Promise((later) => setTimeout(later, 50)); else await more(MANY); }
      if (on) rows.slice(0, config.most).forEach((row) => chosen.add(row.id));
      if (on && next !== "") csToast(`The first ${config.most} are chosen: more are never changed at once.`);
      tellChosen();
      redraw();
    });
    input.disabled = Boolean(past());
    cell.append(input);
    return cell;
  };
  const choose = (id, on) => {
    if (past()) return;
    if (on && chosen.size >= config.most) return void csToast(`${config.most} are chosen: more are never changed at once.`, { tone: "refused" });
    if (on) chosen.add(id); else chosen.delete(id);
    drawAgain(byId.get(id));
    tellChosen();
  };
  const tellChosen = () => {
    if (!bulk) return;
    bulk.hidden = chosen.size === 0;
    words.hidden = !bulk.hidden;
    bulk.querySelector("[data-count]").textContent = `${chosen.size} chosen`;
    bulk.querySelector("[data-apply]").textContent = `Change ${chosen.size} account${chosen.size === 1 ? "" : "s"}`;
    drawHead();
  };
  if (bulk) {
    const which = bulk.querySelector("select");
    const place = bulk.querySelector("[data-value]");
    const editable = config.known.filter((column) => column.edit);
    which.append(...editable.map((column) => new Option(column.label, column.key)));
    const offer = () => { place.replaceChildren(editor(known.get(which.value), column_default(which.value))); };
    const column_default = (key) => (known.get(key).edit === "tags" ? [] : "");
    which.addEventListener("change", offer);
    offer();
    bulk.querySelector("[data-clear]").addEventListener("click", () => { chosen.clear(); tellChosen(); redraw(); });
    bulk.querySelector("[data-apply]").addEventListener("click", async () => {
      const column = known.get(which.value);
      const value = read(column, place.firstElementChild);
      const items = [...chosen].map((id) => rows[byId.get(id)]).filter(Boolean).map((row) => ({ id: row.id, changes: { [column.field]: value }, seen: { [column.field]: row.raw[column.field] } }));
      await send(items, (count) => `${count} of ${items.length} account${items.length === 1 ? "" : "s"} changed: ${column.label.toLowerCase()} is ${said(column, value)}.`);
      chosen.clear();
      tellChosen();
      redraw();
    });
  }

  // Editing
  const said = (column, value) => {
    const option = (config.choices[column.field] || []).find(([key]) => key === value);
    return option ? option[1] : Array.isArray(value) ? value.join(", ") || "nothing" : value || "nothing";
  };
  function editor(column, value) {
    let input;
    if (column.edit === "choice") {
      input = make("select", "cs-field");
      input.append(...config.choices[column.field].map(([key, label]) => new Option(label, key === null ? "" : key, false, key === value || (key === null && value === null))));
    } else {
      input = make("input", "cs-field");
      input.type = column.edit === "date" ? "date" : "text";
      input.value = Array.isArray(value) ? value.join(", ") : value || "";
      input.autocomplete = "off";
      const words = config.words[column.field];
      if (words && words.length) {
        if (!document.getElementById(`words-${column.field}`)) {
          const list = make("datalist");
          list.id = `words-${column.field}`;
          list.append(...words.map((word) => new Option(word)));
          document.body.append(list);
        }
        input.setAttribute("list", `words-${column.field}`);
      }
      if (column.edit === "tags") input.placeholder = "one, two";
    }
    input.setAttribute("aria-label", column.label);
    return input;
  }
  function read(column, input) {
    if (column.field === "owner_id") return input.value === "" ? null : Number(input.value);
    if (column.edit === "tags") return [...new Set(input.value.split(",").map((word) => word.trim()).filter(Boolean))];
    if (column.edit === "date") return input.value || null;
    return input.value.trim();
  }
  const editAt = (index, at) => {
    const [row, column, el] = [rows[index], columns[at], drawn.get(index)];
    if (!row || !el || cards.matches) return;
    if (!may(column, row)) {
      if (LEAD) csToast(past() ? "The past is not edited. Go back to today first." : column.edit ? "A customer who left is edited on its own page." : `${column.label} is not edited here.`);
      return;
    }
    const cell = el.children[at + LEAD];
    const before = row.raw[column.field];
    const input = editor(column, before);
    cell.replaceChildren(input);
    cell.classList.add("cs-grid-edits");
    input.focus();
    if (input.select) input.select();
    let over = false;
    const leave = (back) => { if (over) return false; over = true; drawAgain(index); if (back) { const fresh = drawn.get(index); if (fresh) fresh.children[at + LEAD].focus({ preventScroll: true }); } return true; };
    const keepIt = async (back) => {
      const value = read(column, input);
      if (!leave(back) || JSON.stringify(value) === JSON.stringify(before)) return;
      const shown = drawn.get(index) && drawn.get(index).children[at + LEAD];
      if (shown) { shown.replaceChildren(make("span", "cs-grid-text", said(column, value))); shown.classList.add("cs-grid-saving"); }
      await send([{ id: row.id, changes: { [column.field]: value }, seen: { [column.field]: before } }], () => `${row.cells.name.text}: ${column.label.toLowerCase()} is now ${said(column, value)}.`);
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); event.stopPropagation(); keepIt(true); }
      else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); leave(true); }
      else if (event.key === "Tab") keepIt(true);
    });
    input.addEventListener("change", () => { if (column.edit === "choice") keepIt(true); });
    input.addEventListener("blur", () => setTimeout(() => keepIt(false), 0));
  };
  let quietUntil = 0; // our own change is no news to us
  addEventListener("cs:hint", (event) => { if (performance.now() < quietUntil && event.detail.kinds.every((kind) => kind.startsWith("account"))) event.stopImmediatePropagation(); }, true);
  const take = (fresh) => {
    for (const row of fresh || []) {
      const index = byId.get(row.id);
      if (index === undefined) continue;
      rows[index] = row;
      drawAgain(index);
    }
  };
  const send = async (items, told) => {
    quietUntil = performance.now() + 4000;
    const answer = await post(config.urls.edit_accounts, { items, columns: columns.map((column) => column.key) }).catch(() => null);
    if (!answer) {
      csToast("The server did not answer, so it may not have been done. Look at the list once the mark says live; then try again.", { tone: "refused" });
      return redraw();
    }
    if (!answer.ok) {
      csToast(answer.words || "Nothing was changed.", { tone: "refused" });
      return redraw();
    }
    take(answer.rows);
    for (const { id } of answer.refused) drawAgain(byId.get(id));
    if (answer.changed) csToast(told(answer.changed), { undo: () => send(answer.undo, (count) => (count === 1 ? "It is as it was." : `${count} accounts are as they were.`)) });
    if (answer.refused.length) csToast(answer.refused.length === 1 ? `${answer.refused[0].name}: ${answer.refused[0].words}` : `${answer.refused.length} were not changed. ${answer.refused[0].name}: ${answer.refused[0].words}`, { tone: "refused" });
    if (answer.conflicts.length) csBoth(answer.conflicts, send);
    htmx.trigger(document.getElementById("figures"), "cs:refresh");
    return undefined;
  };
  root.addEventListener("dblclick", (event) => {
    const cell = event.target.closest(".cs-grid-td");
    if (!cell || cell.dataset.key === undefined || event.target.closest("a, input, select")) return;
    event.preventDefault();
    editAt(Number(cell.parentElement.dataset.index), [...cell.parentElement.children].indexOf(cell) - LEAD);
  });

  // Live: an offer, never a jump
  document.getElementById("list").addEventListener("cs:refresh", () => begin({ stay: true }));
  const resize = () => { arrange(); redraw(); };
  cards.addEventListener("change", resize);
  addEventListener("resize", look);
  document.addEventListener("scroll", look, { capture: true, passive: true });

  root.classList.toggle("cs-grid-past", Boolean(past()));
  arrange();
  drawHead();
  drawChooser();
  draw();
  say();
})();
