// Charts of widgets: uPlot for lines, Chart.js for the rest. Colours are those of the shell, read anew when it turns dark; nothing is animated.
(() => {
  "use strict";
  const SIGNS = { USD: "$", EUR: "€", GBP: "£", JPY: "¥" };
  const short = (value) => {
    const size = Math.abs(value);
    return size >= 999500 ? `${(value / 1e6).toFixed(1)}M` : size >= 1000 ? `${(value / 1e3).toFixed(size >= 10000 ? 0 : 1)}k` : size >= 10 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1);
  };
  const say = (value, unit, currency) => {
    if (value === null || value === undefined) return "–";
    if (unit === "money") return SIGNS[currency] ? SIGNS[currency] + short(value) : `${short(value)} ${currency || ""}`.trim();
    if (unit === "share") return `${(100 * value).toFixed(Math.abs(value) < 0.1 ? 1 : 0)} %`;
    if (unit === "ratio") return value.toFixed(2);
    if (unit === "days") return `${short(value)} d`;
    if (unit === "seconds") return value >= 7200 ? `${(value / 3600).toFixed(1)} h` : value >= 120 ? `${(value / 60).toFixed(0)} min` : `${value.toFixed(0)} s`;
    return short(value);
  };
  // A variable may hold any notation that CSS knows; the browser says what it comes to.
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name, part = 1) => {
    probe.style.color = part === 1 ? `var(--${name})` : `color-mix(in srgb, var(--${name}) ${100 * part}%, transparent)`;
    return getComputedStyle(probe).color;
  };
  const LINES = ["cs-accent", "bd-two", "bd-three", "bd-four", "bd-five", "bd-six", "bd-seven", "bd-eight"];
  const font = () => `11px ${getComputedStyle(document.body).fontFamily}`;
  const make = (tag, name, text) => {
    const el = document.createElement(tag);
    if (name) el.className = name;
    if (text !== undefined) el.textContent = text;
    return el;
  };
  const box = (body, name = "bd-chart") => { const el = make("div", name); body.append(el); return el; };
  const seconds = (day) => Date.parse(`${day}T00:00:00Z`) / 1000;

  const line = (body, data) => {
    const days = [...new Set(data.lines.flatMap((each) => [...each.points.map((point) => point[0]), ...each.expected.map((point) => point[0])]))].sort();
    const at = new Map(days.map((day, index) => [day, index]));
    const columns = [days.map(seconds)];
    const series = [{}];
    const bands = [];
    const row = () => new Array(days.length).fill(null);
    data.lines.forEach((each, number) => {
      const stroke = colour(LINES[number % LINES.length]);
      const known = row();
      for (const [day, value] of each.points) known[at.get(day)] = value;
      columns.push(known);
      series.push({ label: each.label, stroke, width: 2, points: { show: days.length < 3 }, value: (_, value) => say(value, each.unit, each.currency) });
      if (!each.expected.length) return;
      const [middle, low, high] = [row(), row(), row()];
      const last = known.findLastIndex((value) => value !== null);
      if (last >= 0) middle[last] = low[last] = high[last] = known[last];
      for (const [day, value, least, most] of each.expected) { middle[at.get(day)] = value; low[at.get(day)] = least; high[at.get(day)] = most; }
      columns.push(middle, high, low);
      const faint = colour(LINES[number % LINES.length], 0.14);
      series.push({ label: `${each.label}, expected`, stroke, width: 1.5, dash: [5, 4], points: { show: false } }, { stroke: "transparent", points: { show: false } }, { stroke: "transparent", points: { show: false } });
      bands.push({ series: [columns.length - 2, columns.length - 1], fill: faint });
    });
    const legend = make("ul", "bd-legend");
    data.lines.forEach((each, number) => {
      const entry = make("li");
      const mark = make("i");
      mark.style.background = colour(LINES[number % LINES.length]);
      mark.setAttribute("aria-hidden", "true");
      entry.append(mark, make("span", "", each.label), make("b"));
      legend.append(entry);
    });
    const day = make("li", "bd-day");
    legend.append(day);
    body.append(legend);
    const place = box(body);
    const [first] = data.lines;
    const axis = { stroke: colour("cs-subtle"), font: font(), grid: { stroke: colour("cs-line"), width: 1 }, ticks: { show: false } };
    const tell = (u) => {
      const index = u.cursor.idx;
      const shown = index === null || index === undefined ? null : index;
      let column = 1;
      data.lines.forEach((each, number) => {
        const values = u.data[column];
        const spot = shown === null ? values.findLastIndex((value) => value !== null) : shown;
        const value = values[spot] ?? (each.expected.length && shown !== null ? u.data[column + 1][spot] : null);
        legend.children[number].lastChild.textContent = say(value, each.unit, each.currency);
        column += each.expected.length ? 4 : 1;
      });
      day.textContent = shown === null ? "" : new Date(u.data[0][shown] * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
    };
    const plot = new window.uPlot({
      width: Math.max(60, place.clientWidth), height: Math.max(40, place.clientHeight),
      series, bands, legend: { show: false }, padding: [8, 8, 0, 0],
      tzDate: (stamp) => window.uPlot.tzDate(new Date(stamp * 1000), "UTC"),
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      axes: [{ ...axis, grid: { show: false }, space: 64, size: 24, values: (_, ticks) => ticks.map((tick) => new Date(tick * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" })) },
        { ...axis, size: 52, space: 30, values: (_, ticks) => ticks.map((tick) => say(tick, first.unit, first.currency)) }],
      hooks: { setCursor: [tell], ready: [tell] },
    }, columns, place);
    return { size: () => plot.setSize({ width: Math.max(60, place.clientWidth), height: Math.max(40, place.clientHeight) }), end: () => plot.destroy() };
  };

  const chart = (body, config) => {
    const place = box(body);
    const canvas = make("canvas");
    canvas.setAttribute("aria-hidden", "true");
    place.append(canvas);
    const grid = { color: colour("cs-line") };
    const ticks = { color: colour("cs-subtle"), font: { size: 11 } };
    const merged = config({ grid, ticks });
    merged.options = { animation: false, responsive: true, maintainAspectRatio: false, ...merged.options };
    merged.options.plugins = { legend: { display: false }, ...merged.options.plugins };
    const made = new window.Chart(canvas, merged);
    return { size: () => made.resize(), end: () => made.destroy(), chart: made };
  };
  const bar = (body, data) => chart(body, ({ grid, ticks }) => ({
    type: "bar",
    data: { labels: data.labels, datasets: [{ data: data.values, backgroundColor: colour("cs-accent", 0.78), hoverBackgroundColor: colour("cs-accent"), borderRadius: 3, maxBarThickness: 26 }] },
    options: {
      indexAxis: "y",
      scales: { x: { grid, border: { display: false }, ticks: { ...ticks, maxTicksLimit: 5, callback: (value) => say(value, data.unit, data.currency) } }, y: { grid: { display: false }, border: { display: false }, ticks: { ...ticks, color: colour("cs-text"), autoSkip: false } } },
      plugins: { tooltip: { callbacks: { label: (item) => data.said[item.dataIndex] } } },
      onClick: (_, hits) => { if (hits.length) location.href = data.doors[hits[0].index]; },
    },
  }));
  const TONES = { high: "cs-bad", medium: "cs-warn", low: "cs-good" };
  const SHAPES = { high: "triangle", medium: "rectRot", low: "circle" };
  const scatter = (body, data) => {
    const sets = ["high", "medium", "low"].map((band) => ({
      band, data: data.dots.filter((dot) => dot.band === band && dot.arr > 0).map((dot) => ({ x: dot.arr, y: dot.risk, dot })),
    }));
    const legend = make("ul", "bd-legend");
    for (const [band, word, mark] of [["high", "high risk", "▲"], ["medium", "watch", "◆"], ["low", "low", "●"]]) {
      const entry = make("li");
      const shape = make("i", "bd-sign", mark);
      shape.style.color = colour(TONES[band]);
      shape.setAttribute("aria-hidden", "true");
      entry.append(shape, make("span", "", word), make("b", "", String(sets.find((set) => set.band === band).data.length)));
      legend.append(entry);
    }
    body.append(legend);
    return chart(body, ({ grid, ticks }) => ({
      type: "scatter",
      data: { datasets: sets.map((set) => ({ data: set.data, pointStyle: SHAPES[set.band], radius: set.band === "low" ? 3.5 : 4.5, hoverRadius: 7, backgroundColor: colour(TONES[set.band], 0.55), borderColor: colour(TONES[set.band]) })) },
      options: {
        scales: {
          x: { type: "logarithmic", grid, border: { display: false }, ticks: { ...ticks, maxTicksLimit: 6, callback: (value) => short(value) }, title: { display: true, text: "ARR", color: colour("cs-subtle"), font: { size: 11 } } },
          y: { min: 0, max: 100, grid, border: { display: false }, ticks: { ...ticks, stepSize: 25 }, title: { display: true, text: "risk of 100", color: colour("cs-subtle"), font: { size: 11 } } },
        },
        plugins: { tooltip: { callbacks: { label: ({ raw }) => `${raw.dot.name}: risk ${raw.dot.risk}, ARR ${say(raw.dot.arr, "money", raw.dot.currency)}` } } },
        onClick: (_, hits, made) => { if (hits.length) location.href = made.data.datasets[hits[0].datasetIndex].data[hits[0].index].dot.href; },
      },
    }));
  };
  const distribution = (body, data, keep) => {
    const words = make("p", "bd-spread");
    words.setAttribute("aria-live", "polite");
    body.append(words);
    const places = data.edges.length;
    const first = data.edges.findLastIndex((edge) => edge <= data.limit);
    let limit = keep.limit ?? Math.max(0, first);
    const below = data.measure === "health";
    const paint = () => data.counts.map((_, index) => colour((below ? index < limit : index >= limit) ? "cs-accent" : "cs-subtle", (below ? index < limit : index >= limit) ? 0.85 : 0.3));
    const drawn = chart(body, ({ grid, ticks }) => ({
      type: "bar",
      data: { labels: data.labels, datasets: [{ data: data.counts, backgroundColor: paint(), borderRadius: 2, categoryPercentage: 1, barPercentage: 0.92 }] },
      options: { scales: { x: { grid: { display: false }, border: { display: false }, ticks: { ...ticks, maxTicksLimit: 7, maxRotation: 0 } }, y: { grid, border: { display: false }, ticks: { ...ticks, maxTicksLimit: 4, precision: 0 } } } },
    }));
    const slider = make("input", "bd-slider");
    slider.type = "range";
    slider.min = "0";
    slider.max = String(places);
    slider.value = String(limit);
    slider.setAttribute("aria-label", `Limit of ${data.measure}`);
    body.append(slider);
    const tell = () => {
      let count = 0;
      const sums = {};
      data.counts.forEach((each, index) => {
        if (below ? index >= limit : index < limit) return;
        count += each;
        for (const [currency, amount] of Object.entries(data.arr[index])) sums[currency] = (sums[currency] || 0) + amount;
      });
      const whole = data.counts.reduce((sum, each) => sum + each, 0);
      const edge = limit >= places ? (data.measure === "arr" ? "the top" : "100") : data.measure === "arr" ? short(data.edges[limit]) : data.edges[limit];
      const money = Object.entries(sums).map(([currency, amount]) => say(amount, "money", currency)).join(" · ") || "no ARR";
      words.replaceChildren(make("b", "", `${count.toLocaleString("en-GB")} of ${whole.toLocaleString("en-GB")}`), ` ${below ? "below" : "from"} ${edge}${data.measure === "health" ? " points" : data.measure === "risk" ? " of 100" : ""}: ${money}`);
      slider.setAttribute("aria-valuetext", words.textContent);
    };
    slider.addEventListener("input", () => {
      limit = keep.limit = Number(slider.value);
      drawn.chart.data.datasets[0].backgroundColor = paint();
      drawn.chart.update("none");
      tell();
    });
    tell();
    return drawn;
  };
  window.csCharts = { line, bar, scatter, distribution, colour, make, say, short, font };
})();
