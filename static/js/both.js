// Two people changed the same field: both values stand side by side, and the second one chooses. Nothing is lost by closing the box: theirs stays.
(() => {
  "use strict";
  const make = (tag, name, text) => { const el = document.createElement(tag); if (name) el.className = name; if (text !== undefined) el.textContent = text; return el; };
  // conflicts: [{id, name, fields: {field: {label, yours, theirs, yours_words, theirs_words, by, at}}}]; send(items, told) saves what was chosen.
  window.csBoth = (conflicts, send) => {
    const dialog = make("dialog", "cs-dialog cs-both");
    const title = make("h2", "", "Somebody else changed this meanwhile");
    title.id = "cs-both-title";
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.append(title, make("p", "", conflicts.length === 1 ? "Nothing of yours was saved yet. Choose which value stays." : `${conflicts.length} accounts were changed by others while you looked. Choose which values stay.`));
    const list = make("div", "cs-both-list");
    const chosen = [];
    for (const each of conflicts) {
      for (const [field, both] of Object.entries(each.fields)) {
        const set = make("fieldset", "cs-both-field");
        set.append(make("legend", "", `${each.name}: ${both.label}`));
        const name = `both-${each.id}-${field}`;
        const theirs = radio(name, "theirs", true, `Theirs${both.by ? ` (${both.by})` : ""}`, both.theirs_words);
        const yours = radio(name, "yours", false, "Yours", both.yours_words);
        set.append(theirs, yours);
        list.append(set);
        chosen.push(() => (yours.querySelector("input").checked ? { id: each.id, field, both } : null));
      }
    }
    const foot = make("div", "cs-acts");
    const save = make("button", "cs-btn cs-btn-main", "Save the choice");
    const close = make("button", "cs-btn cs-btn-quiet", "Keep theirs");
    save.type = close.type = "button";
    close.addEventListener("click", () => dialog.close());
    save.addEventListener("click", () => {
      const items = new Map();
      for (const { id, field, both } of chosen.map((ask) => ask()).filter(Boolean)) {
        const item = items.get(id) || { id, changes: {}, seen: {} };
        item.changes[field] = both.yours;
        item.seen[field] = both.theirs;
        items.set(id, item);
      }
      dialog.close();
      if (items.size) send([...items.values()], (count) => (count === 1 ? "Yours is saved." : `Yours is saved in ${count} accounts.`));
    });
    foot.append(save, close);
    dialog.append(list, foot);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };
  const radio = (name, value, checked, label, words) => {
    const el = make("label", "cs-both-side");
    const input = make("input");
    input.type = "radio";
    input.name = name;
    input.value = value;
    input.checked = checked;
    el.append(input, make("span", "cs-label", label), make("b", "", words));
    return el;
  };
})();
