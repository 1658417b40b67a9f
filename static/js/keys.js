// J/K move between rows, Enter opens, E, S and on some lists A, U, N, P press the row's buttons, G then a letter goes to a page, ? shows the keys.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
  const selected = () => document.querySelector(".cs-selected");
  const select = (row) => {
    const before = selected();
    if (before) before.classList.remove("cs-selected");
    if (!row) return;
    row.classList.add("cs-selected");
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(selected());
    select(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))]);
  };
  const press = (key) => {
    const row = selected();
    const button = row && row.querySelector(`[data-key="${key}"]`);
    if (!button) return false;
    if (button.matches("summary")) {
      // What has to be chosen first: the first choice gets the keyboard, Escape gives it back to the row.
      button.parentElement.open = true;
      const first = button.parentElement.querySelector("form button, form select, form input:not([type=hidden])");
      if (first) first.focus();
      return true;
    }
    // The row leaves the list: the next one takes its place.
    const all = rows();
    const next = all[all.indexOf(row) + 1] || all[all.indexOf(row) - 1];
    if (!button.hasAttribute("data-stays") && row.querySelectorAll(`[data-key="${key}"]`).length === 1 && next) select(next);
    button.click();
    return true;
  };
  const go = { t: "/", p: "/portfolio/", a: "/alerts/", b: "/board/" };
  let armed = 0;
  const help = () => { const dialog = document.getElementById("cs-keys"); if (dialog && !dialog.open) dialog.showModal(); };
  const find = () => window.dispatchEvent(new CustomEvent("opencommand"));

  // The palette is drawn with the next frame; on a busy machine that is later than the moment at which it asks for the keyboard.
  const words = document.getElementById("search-input-command");
  if (words) new ResizeObserver(() => { if (words.offsetWidth) words.focus(); }).observe(words);

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("[data-row] details[open]");
    if (menu) { menu.open = false; select(menu.closest("[data-row]")); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.matches("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (armed > Date.now() && go[key]) { armed = 0; location.href = go[key]; return; }
    if (key === "g") armed = Date.now() + 1200;
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "Enter" && selected() && event.target === selected()) location.href = selected().dataset.href;
    else if (["e", "s", "a", "u", "n", "p"].includes(key)) { if (!press(key)) return; }
    else if (event.key === "?") help();
    else return;
    event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const row = event.target.closest(".cs-selected");
    if (!row || !event.target.closest("details")) return;
    event.target.closest("details").open = false;
    if (event.target.closest("details").hasAttribute("data-stays")) { select(row); return; }
    const all = rows();
    select(all[all.indexOf(row) + 1] || all[all.indexOf(row) - 1] || row);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) return help();
    if (event.target.closest("[data-find]")) return find();
    const row = event.target.closest("tr[data-row]");
    if (row && !event.target.closest("a, button, form, input") && !String(getSelection())) location.href = row.dataset.href;
    return undefined;
  });
})();
