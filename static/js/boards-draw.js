// Draws what a widget says into its body. The body keeps its size whatever comes: loading, nothing, a failure, or everything.
(() => {
  "use strict";
  const { make, colour, ...charts } = window.csCharts;
  const SVG = "http://www.w3.org/2000/svg";
  const svg = (tag, given) => { const el = document.createElementNS(SVG, tag); for (const [name, value] of Object.entries(given)) el.setAttribute(name, value); return el; };
  const icon = (name, tone = "") => { const el = make("span", `material-symbols-outlined ${tone}`, name); el.setAttribute("aria-hidden", "true"); return el; };
  const link = (href, text, name = "") => { const el = make(href ? "a" : "span", name, text); if (href) el.href = href; return el; };
  const pill = (tone, word) => { const el = make("span", `cs-pill cs-${tone}`); const shape = make("i", "cs-shape"); shape.setAttribute("aria-hidden", "true"); el.append(shape, word); return el; };
  const ago = (at) => { const el = make("time", "cs-ago"); el.dateTime = at; el.title = new Date(at).toLocaleString(); return el; };

  const spark = (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const span = high - low || 1;
    const points = values.map((value, index) => `${((100 * index) / Math.max(1, values.length - 1)).toFixed(1)},${(25 - (22 * (value - low)) / span).toFixed(1)}`);
    const box = svg("svg", { viewBox: "0 0 100 28", preserveAspectRatio: "none", "aria-hidden": "true", class: "bd-spark" });
    box.append(svg("polyline", { points: points.join(" "), "vector-effect": "non-scaling-stroke" }));
    return box;
  };
  const figure = (body, data) => {
    const top = make("p", "bd-value");
    top.append(link(data.door, data.value, "bd-figure"));
    if (data.delta) {
      const delta = make("span", `bd-delta${data.tone ? ` cs-${data.tone}` : ""}`, `${data.delta}${data.tone === "worse" ? " ▾" : data.tone === "better" ? " ▴" : ""}`);
      delta.title = `since ${data.since}${data.tone ? `: ${data.tone}` : ""}`;
      top.append(delta);
    }
    body.append(top);
    if (data.of) body.append(make("p", "bd-of", data.of));
    if (data.spark && data.spark.length > 1) body.append(spark(data.spark));
    else body.append(make("p", "bd-of", data.spark ? "Its line grows by a point every night." : ""));
  };
  const goal = (body, data) => {
    const top = make("p", "bd-value");
    top.append(link(data.door, data.value, "bd-figure"), make("span", "bd-delta", `of ${data.target}`));
    const bar = make("div", `bd-meter${data.reached ? " bd-reached" : ""}`);
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-label", data.name);
    bar.setAttribute("aria-valuenow", String(data.share));
    bar.setAttribute("aria-valuemin", "0");
    bar.setAttribute("aria-valuemax", "100");
    const done = make("i");
    done.style.width = `${data.share}%`;
    bar.append(done);
    body.append(top, bar, make("p", "bd-of", `${data.share.toFixed(0)} % · ${data.note}`));
  };
  const funnel = (body, data) => {
    const list = make("ol", "bd-funnel");
    for (const step of data.steps) {
      const row = make("li");
      const bar = make("span", "bd-funnel-bar");
      const full = make("i");
      full.style.width = `${Math.max(1, Math.min(100, step.of_first ?? 0))}%`;
      bar.append(full);
      const words = make("span", "bd-funnel-words");
      words.append(link(step.href, step.label), make("b", "", step.said));
      row.append(words, bar, make("small", "", step.of_last === null ? "not known" : `${step.of_last.toFixed(0)} % of the step before`));
      list.append(row);
    }
    body.append(list);
  };
  const heat = (body, data, cells) => {
    const wrap = make("div", "bd-scroll");
    wrap.tabIndex = 0;
    wrap.setAttribute("role", "region");
    wrap.setAttribute("aria-label", data.note || "Map");
    wrap.append(cells());
    body.append(wrap);
  };
  const cohorts = (body, data) => heat(body, data, () => {
    const table = make("table", "bd-heat");
    const head = make("tr");
    for (const word of ["Began", "Customers", ...Array.from({ length: data.widest }, (_, after) => `+${after}`)]) { const cell = make("th", "", word); cell.scope = "col"; head.append(cell); }
    const rows = data.lines.map((line) => {
      const row = make("tr");
      const name = make("th", "", line.label);
      name.scope = "row";
      row.append(name, make("td", "bd-n", line.began.toLocaleString("en-GB")));
      for (const share of line.shares) {
        const cell = make("td", "bd-cell", `${(100 * share).toFixed(0)}`);
        cell.style.setProperty("--part", `${Math.round(Math.max(0, (share - 0.4) / 0.6) * 62)}%`);
        cell.title = `${(100 * share).toFixed(1)} % still there`;
        row.append(cell);
      }
      return row;
    });
    const [thead, tbody] = [make("thead"), make("tbody")];
    thead.append(head);
    tbody.append(...rows);
    table.append(thead, tbody);
    return table;
  });
  const hour = (body, data) => heat(body, data, () => {
    const most = Math.max(1, ...data.lines.flatMap((line) => line.counts));
    const table = make("table", "bd-heat bd-now");
    const tbody = make("tbody");
    for (const line of data.lines) {
      const row = make("tr");
      const name = make("th");
      name.scope = "row";
      name.append(link(line.href, line.name));
      row.append(name);
      line.counts.forEach((count, step) => {
        const cell = make("td", "bd-cell", count ? String(count) : "");
        cell.style.setProperty("--part", `${count ? 18 + Math.round((56 * count) / most) : 0}%`);
        cell.title = `${data.step * (line.counts.length - step)} min ago: ${count}`;
        row.append(cell);
      });
      tbody.append(row);
    }
    const foot = make("tfoot");
    const scale = make("tr");
    scale.append(make("th", "", ""));
    for (const [word, span] of [["an hour ago", 4], ["", 4], ["now", 4]]) { const cell = make("td", word === "now" ? "bd-right" : "", word); cell.colSpan = span; scale.append(cell); }
    foot.append(scale);
    table.append(tbody, foot);
    return table;
  });
  const table = (body, data) => {
    const list = make("ul", "bd-lines");
    for (const line of data.lines) {
      const row = make("li");
      const words = make("span", "bd-line-words");
      words.append(link(line.href, line.name, "cs-name"), make("small", "", line.why || "no reason stands out"));
      const side = make("span", "bd-line-side");
      side.append(make("b", "", line.arr), make("small", "", line.renewal === "–" ? "no renewal" : `renews ${line.renewal}`));
      row.append(line.risk ? pill(line.risk.band === "high" ? "bad" : line.risk.band === "medium" ? "warn" : "good", `${line.risk.word} ${line.risk.shown}`) : pill("calm", "not scored"), words, side);
      list.append(row);
    }
    body.append(list);
  };
  const alerts = (body, data) => {
    const list = make("ul", "bd-lines");
    for (const line of data.lines) {
      const row = make("li");
      const words = make("span", "bd-line-words");
      words.append(link(line.href, line.name, "cs-name"), make("small", "", line.title));
      const side = make("span", "bd-line-side");
      side.append(ago(line.at));
      if (line.state) side.append(make("small", "", line.state));
      row.append(pill(line.tone, line.word), words, side);
      list.append(row);
    }
    body.append(list);
  };
  const feed = (body, data) => {
    const list = make("ol", "bd-feed");
    for (const line of data.lines) {
      const row = make("li");
      const words = make("span", "bd-line-words");
      if (line.name) words.append(link(line.href, line.name), " ");
      words.append(line.title);
      row.append(icon(line.icon, `cs-t-${line.tone}`), words, ago(line.at));
      list.append(row);
    }
    body.append(list);
  };
  const bands = (body, data) => {
    const list = make("ul", "bd-bands");
    for (const line of data.lines) {
      const row = make("li");
      const shape = make("i", `cs-shape cs-${line.tone}`);
      shape.setAttribute("aria-hidden", "true");
      const name = link(line.href, "", "bd-band");
      name.append(shape, line.label);
      const bar = make("span", "cs-meter");
      bar.setAttribute("aria-hidden", "true");
      const full = make("i");
      full.style.width = `${line.share}%`;
      bar.append(full);
      row.append(name, make("b", "bd-figure", line.count.toLocaleString("en-GB")), make("small", "", `${line.arr} ARR · ${line.share} %`), bar);
      list.append(row);
    }
    body.append(list);
  };
  const system = (body, data) => {
    body.append(pill(data.verdict.tone, data.verdict.word));
    const list = make("ul", "bd-system");
    for (const line of data.lines) {
      const row = make("li");
      row.append(make("span", "", line.title), make("b", "", line.count === null ? "" : Number(line.count).toLocaleString("en-GB")), pill(line.tone, line.word));
      list.append(row);
    }
    body.append(list);
  };
  const text = (body, data) => {
    for (const part of (data.text || "").split(/\n{2,}/)) {
      const heading = part.match(/^#+\s+(.*)/);
      body.append(heading ? make("p", "bd-text-head", heading[1]) : make("p", "bd-text", part));
    }
  };
  const plain = (body, data, caption) => {
    const wrap = make("div", "bd-scroll");
    wrap.tabIndex = 0;
    wrap.setAttribute("role", "region");
    wrap.setAttribute("aria-label", caption);
    const made = make("table", "bd-table");
    const head = make("tr");
    for (const column of data.table.columns) { const cell = make("th", "", String(column)); cell.scope = "col"; head.append(cell); }
    const [thead, tbody] = [make("thead"), make("tbody")];
    thead.append(head);
    for (const cells of data.table.rows) {
      const row = make("tr");
      cells.forEach((cell, index) => { const el = make(index ? "td" : "th", "", String(cell ?? "")); if (!index) el.scope = "row"; row.append(el); });
      tbody.append(row);
    }
    made.append(make("caption", "sr-only", caption), thead, tbody);
    wrap.append(made);
    body.append(wrap);
  };
  const PAINTED = new Set(["line", "bar", "scatter", "distribution"]);
  const DRAW = { figure, goal, line: charts.line, bar: charts.bar, funnel, cohorts, scatter: charts.scatter, distribution: charts.distribution, table, alerts, feed, now: hour, plays: plain, bands, system, text };
  const state = (body, symbol, title, words, button) => {
    const box = make("div", "bd-state");
    box.append(icon(symbol), make("b", "", title));
    if (words) box.append(make("p", "", words));
    if (button) box.append(button);
    body.append(box);
  };
  // `keep` belongs to the widget and lives from one drawing to the next: the limit of a slider, whether it is shown as a table.
  const draw = (body, data, { keep = {}, label = "", retry = null } = {}) => {
    if (keep.drawn) keep.drawn.end();
    keep.drawn = null;
    const scrolled = body.firstElementChild && body.firstElementChild.scrollTop;
    body.replaceChildren();
    if (data.error) {
      const again = make("button", "cs-btn", "Try again");
      again.type = "button";
      again.addEventListener("click", () => retry && retry());
      return state(body, "error", "Not read", data.error, retry ? again : null);
    }
    if (data.empty) return state(body, "inbox", "Nothing here", data.empty);
    if (keep.table && data.table) plain(body, data, label);
    else {
      keep.drawn = DRAW[data.kind](body, data, data.kind === "plays" ? label : keep) || null;
      if (PAINTED.has(data.kind)) {
        // The picture is for eyes; the same in words stands behind it for everybody else.
        const hidden = make("div", "sr-only");
        plain(hidden, { table: { ...data.table, rows: data.table.rows.slice(0, 60) } }, label);
        hidden.querySelectorAll("[tabindex]").forEach((el) => { el.removeAttribute("tabindex"); el.removeAttribute("role"); el.removeAttribute("aria-label"); });
        body.append(hidden);
      }
    }
    if (scrolled && body.firstElementChild) body.firstElementChild.scrollTop = scrolled;
    return undefined;
  };
  window.csDraw = { draw, ago, icon, pill, colour };
})();
