// The side of the builder: the catalogue with a preview of what is chosen, and the settings of one widget with what they come to.
(() => {
  "use strict";
  const { make } = window.csCharts;
  const { draw, icon } = window.csDraw;
  const button = (text, name = "cs-btn") => { const el = make("button", name, text); el.type = "button"; return el; };
  let fields = 0;
  const field = (label, control, hint = "") => {
    const box = make("div", "bd-field");
    const name = make("label", "", label);
    fields += 1;
    control.id = control.id || `bd-f${fields}`;
    name.htmlFor = control.id;
    box.append(name, control);
    if (hint) box.append(make("small", "", hint));
    return box;
  };
  const select = (options, value, none) => {
    const el = make("select");
    if (none !== undefined) el.append(new Option(none, ""));
    for (const [key, label] of options) el.append(new Option(label, key));
    if (value && ![...el.options].some((option) => option.value === value)) el.append(new Option(`${value} (not there any more)`, value));
    el.value = value ?? "";
    return el;
  };
  const metricSelect = (catalogue, value, fits, none) => {
    const el = make("select");
    el.append(new Option(none, ""));
    const groups = new Map();
    for (const one of catalogue) {
      if (!fits(one)) continue;
      if (!groups.has(one.group)) { const group = make("optgroup"); group.label = one.group; groups.set(one.group, group); el.append(group); }
      groups.get(one.group).append(new Option(one.name, one.key));
    }
    if (value && ![...el.querySelectorAll("option")].some((option) => option.value === value)) el.append(new Option(`${value} (not there any more)`, value));
    el.value = value || "";
    return el;
  };
  const seconds = (value) => (value === 0 ? "when it moves (live)" : value < 60 ? `every ${value} s` : `every ${value / 60} min`);
  const consequence = (one, data, kind) => {
    if (!data) return "Reading what it shows …";
    if (data.error) return data.error;
    if (data.empty) return data.empty;
    const count = data.lines ? `${data.lines.length} ${one.kind === "line" ? "line" : "row"}${data.lines.length === 1 ? "" : "s"}` : data.labels && one.kind === "bar" ? `${data.labels.length} bars` : data.dots ? `${data.dots.length} accounts` : data.steps ? `${data.steps.length} steps` : data.counts ? `${data.counts.reduce((sum, each) => sum + each, 0).toLocaleString("en-GB")} accounts` : data.value ? `${data.name}: ${data.value} now` : "";
    const rhythm = kind.key === "text" ? "" : one.refresh ? ` Read again ${seconds(one.refresh)}.` : " Read again whenever something of it moves.";
    return `${count ? `For you it shows ${count}. ` : ""}${data.words || kind.words}${data.note && one.kind !== "goal" ? ` (${data.note})` : ""}${rhythm}`;
  };

  // `host` gives: config, add(kind), change(id, changes, field), data(id), duplicate(id), remove(id), nudge(id, way), preview(widgets), fresh(kind), close()
  const panel = (el, host) => {
    const { config } = host;
    const kinds = new Map(config.kinds.map((kind) => [kind.key, kind]));
    let shown = null;
    const head = (title, back) => {
      const top = make("header", "bd-panel-head");
      const words = make("h2", "", title);
      words.tabIndex = -1;
      top.append(words);
      if (back) { const close = button("Done", "cs-btn cs-btn-quiet"); close.addEventListener("click", () => host.close()); top.append(close); }
      return top;
    };
    const catalogue = () => {
      shown = null;
      const list = make("ul", "bd-kinds");
      const look = make("div", "bd-look");
      look.setAttribute("aria-live", "polite");
      const keep = {};
      let asked = 0;
      const show = async (kind, chosen) => {
        list.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", String(each === chosen)));
        asked += 1;
        const mine = asked;
        const widget = host.fresh(kind);
        const card = make("div", `bd-preview bd-of-${kind.key}`);
        const body = make("div", "bd-body");
        card.append(body);
        const add = button(`Add ${kind.name}`, "cs-btn cs-btn-main");
        add.addEventListener("click", () => host.add(widget));
        look.replaceChildren(make("p", "", kind.words), card, add);
        add.focus({ preventScroll: true });
        add.scrollIntoView({ block: "nearest" });
        const found = await host.preview([widget]);
        if (mine === asked && found) draw(body, found[widget.id], { keep, label: kind.name });
      };
      for (const kind of config.kinds) {
        const entry = make("li");
        const choose = button("", "bd-kind");
        choose.append(icon(kind.icon), make("b", "", kind.name));
        choose.dataset.kind = kind.key;
        choose.setAttribute("aria-pressed", "false");
        choose.title = kind.words;
        choose.addEventListener("click", () => show(kind, choose));
        entry.append(choose);
        list.append(entry);
      }
      el.replaceChildren(head("Add a widget", true), make("p", "cs-note", "Choose one: it shows your own figures before you add it."), list, look);
    };
    const settings = (one) => {
      const kind = kinds.get(one.kind);
      shown = one.id;
      const form = make("form", "bd-form");
      form.addEventListener("submit", (event) => event.preventDefault());
      const put = (changes, name) => host.change(one.id, changes, name);
      const title = make("input");
      title.maxLength = 80;
      title.value = one.title;
      title.placeholder = kind.name;
      title.addEventListener("input", () => put({ title: title.value }, "title"));
      form.append(field("Title", title));
      if (kind.metrics[1]) {
        const box = make("fieldset", "bd-metrics");
        box.append(make("legend", "", kind.metrics[1] === 1 ? "Figure" : one.kind === "funnel" ? "Steps, the widest first" : "Figures"));
        const slots = Math.min(kind.metrics[1], Math.max(kind.metrics[0], one.metrics.length + 1));
        for (let place = 0; place < slots; place += 1) {
          const choice = metricSelect(config.catalogue, one.metrics[place], (metric) => kind.dimension !== "needed" || metric.dimensions.length > 0, place < kind.metrics[0] ? "Choose a figure" : "and no more");
          choice.setAttribute("aria-label", kind.metrics[1] === 1 ? "Figure" : `Figure ${place + 1}`);
          choice.name = `metric${place}`;
          choice.addEventListener("change", () => {
            const metrics = [...box.querySelectorAll("select")].map((each) => each.value).filter(Boolean);
            put({ metrics: [...new Set(metrics)] }, "metrics");
            settings(host.widget(one.id));
            const again = el.querySelector(`[name=metric${place}]`);
            if (again) again.focus();
          });
          box.append(choice);
        }
        const metric = config.catalogue.find((each) => each.key === one.metrics[0]);
        if (metric) box.append(make("small", "", metric.words));
        form.append(box);
        if (kind.dimension && metric && metric.dimensions.length) {
          const by = select(metric.dimensions.map((name) => [name, (config.names[name] || name).toLowerCase()]), one.dimension, kind.dimension === "needed" ? "Choose" : "not split");
          by.addEventListener("change", () => put({ dimension: by.value }, "dimension"));
          form.append(field("Split by", by));
        }
      }
      for (const choice of kind.choices) {
        let control;
        if (choice.choices.length) control = select(choice.choices, one.options[choice.name]);
        else {
          control = make(choice.lines ? "textarea" : "input");
          if (choice.lines) control.rows = 5;
          else if (choice.name === "by") control.type = "date";
          else if (!choice.words) control.inputMode = "decimal";
          if (choice.words) control.maxLength = choice.words;
          control.value = one.options[choice.name] ?? "";
        }
        control.addEventListener(choice.choices.length ? "change" : "input", () => put({ options: { ...host.widget(one.id).options, [choice.name]: control.value } }, choice.name));
        const metric = config.catalogue.find((each) => each.key === one.metrics[0]);
        form.append(field(choice.label, control, choice.name === "target" && metric && metric.unit === "share" ? "In per cent." : choice.lines ? "An empty line begins a paragraph; # begins a heading." : ""));
      }
      const known = new Set((config.catalogue.find((each) => each.key === one.metrics[0]) || { dimensions: kind.filters }).dimensions);
      const narrowing = kind.filters.filter((name) => config.filters[name] && (!kind.metrics[1] || known.has(name)));
      if (narrowing.length) {
        const box = make("details", "bd-narrow");
        const set = Object.values(one.filters).filter(Boolean).length;
        box.open = set > 0;
        box.append(make("summary", "", `Only some accounts${set ? ` (${set})` : ""}`));
        for (const name of narrowing) {
          const control = select(config.filters[name], one.filters[name], "all");
          control.addEventListener("change", () => put({ filters: { ...host.widget(one.id).filters, [name]: control.value } }, name));
          box.append(field(config.names[name], control));
        }
        form.append(box);
      }
      if (kind.days) {
        const days = select(config.days.map((value) => [String(value), `the last ${value} days`]), String(one.days));
        days.addEventListener("change", () => put({ days: Number(days.value) }, "days"));
        form.append(field("Time", days));
      }
      if (kind.key !== "text") {
        const rhythm = select(config.refresh.map((value) => [String(value), seconds(value)]), String(one.refresh));
        rhythm.addEventListener("change", () => put({ refresh: Number(rhythm.value) }, "refresh"));
        form.append(field("Read again", rhythm));
      }
      const place = make("fieldset", "bd-place");
      place.append(make("legend", "", "Place and size"));
      for (const [name, label, least, most] of [["x", "Column", 1, 12], ["y", "Row", 1, 200], ["w", "Wide", kind.size[2], 12], ["h", "High", kind.size[3], 12]]) {
        const control = make("input");
        control.type = "number";
        control.min = least;
        control.max = most;
        control.name = name;
        control.value = one[name] + (name === "x" || name === "y" ? 1 : 0);
        control.addEventListener("change", () => host.place(one.id, { [name]: Math.min(most, Math.max(least, Math.round(Number(control.value)) || least)) - (name === "x" || name === "y" ? 1 : 0) }));
        place.append(field(label, control));
      }
      form.append(place);
      const acts = make("div", "bd-panel-acts");
      for (const [words, call] of [["Earlier", () => host.nudge(one.id, -1)], ["Later", () => host.nudge(one.id, 1)], ["Duplicate", () => host.duplicate(one.id)], ["Take away", () => host.remove(one.id)]]) { const each = button(words); each.addEventListener("click", call); acts.append(each); }
      const told = make("p", "bd-consequence");
      told.setAttribute("aria-live", "polite");
      el.replaceChildren(head(kind.name, true), told, form, acts);
      tell(one.id);
    };
    const tell = (id) => {
      if (shown !== id) return;
      const one = host.widget(id);
      const told = el.querySelector(".bd-consequence");
      if (one && told) told.textContent = consequence(one, host.data(id), kinds.get(one.kind));
    };
    const placed = (one) => {
      if (shown !== one.id) return;
      for (const name of ["x", "y", "w", "h"]) { const control = el.querySelector(`.bd-place [name=${name}]`); if (control && control !== document.activeElement) control.value = one[name] + (name === "x" || name === "y" ? 1 : 0); }
    };
    const idle = () => {
      shown = null;
      const add = button("Add a widget", "cs-btn cs-btn-main");
      add.addEventListener("click", catalogue);
      el.replaceChildren(head("Widgets"), make("p", "", "Choose a widget to change what it shows, or add another one."), add, make("p", "cs-note", "By keyboard: Tab to a widget, arrows move it, Shift with arrows makes it larger or smaller, Enter opens its settings."));
    };
    idle();
    return { catalogue, settings, idle, tell, placed, shows: () => shown };
  };
  window.csPanel = { panel };
})();
