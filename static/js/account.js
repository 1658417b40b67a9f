// The account's page: facts typed over in place, tabs, the note's form, and the day one looks at.
(() => {
  "use strict";
  const head = document.getElementById("head");
  const facts = () => { const told = document.getElementById("account-facts"); return told ? JSON.parse(told.textContent) : null; };
  const token = () => { const field = document.querySelector("[name=csrfmiddlewaretoken]"); return field ? field.value : ""; };

  // Facts: a click or Enter turns the value into an input
  const dress = () => {
    const known = facts();
    for (const el of document.querySelectorAll("[data-edit]")) {
      if (!known || el.querySelector(".cs-edit")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "cs-edit";
      button.setAttribute("aria-label", `Change the ${known.labels[el.dataset.edit]}, now ${el.textContent.trim() === "–" ? "empty" : el.textContent.trim()}`);
      button.append(...el.childNodes);
      el.append(button);
    }
  };
  const option = (label, value, chosen) => new Option(label, value === null ? "" : value, false, chosen);
  const open = (el) => {
    const known = facts();
    const field = el.dataset.edit;
    const before = known.raw[field];
    const kind = el.dataset.kind;
    let input;
    if (kind === "choice") {
      input = document.createElement("select");
      input.append(...known.choices[field].map(([value, label]) => option(label, value, value === before)));
    } else {
      input = document.createElement("input");
      input.type = kind === "date" ? "date" : "text";
      input.value = Array.isArray(before) ? before.join(", ") : before === null ? "" : before;
      if (known.words[field] && known.words[field].length) {
        const list = document.createElement("datalist");
        list.id = `words-${field}`;
        list.append(...known.words[field].map((word) => new Option(word)));
        el.append(list);
        input.setAttribute("list", list.id);
      }
    }
    input.className = "cs-field cs-edit-field";
    input.setAttribute("aria-label", known.labels[field]);
    const shown = el.firstElementChild;
    shown.hidden = true;
    el.append(input);
    input.focus();
    let over = false;
    const leave = () => { if (over) return false; over = true; input.remove(); shown.hidden = false; return true; };
    const keep = async () => {
      const value = field === "owner_id" ? (input.value === "" ? null : Number(input.value))
        : kind === "tags" ? [...new Set(input.value.split(",").map((word) => word.trim()).filter(Boolean))]
        : kind === "date" ? input.value || null : input.value.trim();
      const label = kind === "choice" ? input.selectedOptions[0].textContent : Array.isArray(value) ? value.join(", ") : value;
      if (!leave() || JSON.stringify(value) === JSON.stringify(before)) return;
      shown.textContent = label || "–";
      await send([{ id: known.id, changes: { [field]: value }, seen: { [field]: before } }], () => `The ${known.labels[field]} is now ${label || "empty"}.`);
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); keep().then(() => undefined); }
      else if (event.key === "Escape") { event.stopPropagation(); leave(); shown.focus(); }
    });
    if (kind === "choice") input.addEventListener("change", keep);
    input.addEventListener("blur", () => setTimeout(keep, 0));
  };
  const send = async (items, told) => {
    const known = facts();
    let answer = null;
    try {
      const got = await fetch(known.url, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token(), "HX-Request": "true" }, body: JSON.stringify({ items }) });
      if (got.status === 401) { location.href = got.headers.get("HX-Redirect") || location.href; return; }
      answer = { ok: got.ok, ...(await got.json()) };
    } catch { csToast("The server did not answer, so it may not have been done. The page shows the truth once the mark says live; then try again.", { tone: "refused" }); }
    if (answer && !answer.ok) csToast(answer.words, { tone: "refused" });
    if (answer && answer.ok) {
      if (answer.changed) csToast(told(answer.changed), { undo: () => send(answer.undo, () => "It is as it was.") });
      for (const each of answer.refused) csToast(each.words, { tone: "refused" });
      if (answer.conflicts.length) csBoth(answer.conflicts, send);
    }
    htmx.trigger(head, "cs:refresh");
  };
  head.addEventListener("click", (event) => { const button = event.target.closest(".cs-edit"); if (button) open(button.parentElement); });
  document.addEventListener("htmx:afterSwap", dress);
  dress();

  // Tabs
  const mark = (link) => { for (const other of document.querySelectorAll("[data-tab]")) other.toggleAttribute("aria-current", other === link); link.setAttribute("aria-current", "page"); };
  document.addEventListener("htmx:afterRequest", (event) => { const link = event.detail.elt; if (link.matches && link.matches("[data-tab]") && event.detail.successful) mark(link); });
  addEventListener("popstate", () => location.reload());

  // The day one looks at
  document.addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });

  // The note
  const note = document.getElementById("note");
  const write = () => { if (!note) return; note.open = true; note.querySelector("textarea").focus(); note.scrollIntoView({ block: "nearest" }); };
  if (note) {
    const form = note.querySelector("form");
    form.addEventListener("input", (event) => {
      if (event.target.matches("[data-pulse]")) {
        form.elements.pulse.value = event.target.value;
        note.querySelector("output").textContent = event.target.value;
      }
      const line = event.target.matches("[name=promise]") && event.target.closest(".cs-note-line");
      if (line && line.nextElementSibling) line.nextElementSibling.hidden = false;
    });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (!event.detail.successful || event.detail.elt !== form) return;
      form.reset();
      form.elements.pulse.value = "";
      note.querySelector("output").textContent = "not given";
      note.open = false;
    });
    // The browser gives the focus to the place the address names only after the page is loaded.
    if (location.hash === "#note") addEventListener("load", () => setTimeout(write));
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.matches("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    if (event.key === "n" && note) { write(); event.preventDefault(); }
    const tab = document.querySelectorAll("[data-tab]")[Number(event.key) - 1];
    if (tab && /^[1-8]$/.test(event.key)) { tab.click(); event.preventDefault(); }
  });
})();
