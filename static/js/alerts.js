// The inbox of alerts: filters apply at once, X or a tick chooses rows, and what is chosen stays so when the list is fetched anew.
(() => {
  "use strict";
  const bar = document.getElementById("bulk");
  const picked = new Set();
  const boxes = () => [...document.querySelectorAll("[data-pick]")];

  const show = () => {
    if (!bar) return;
    bar.hidden = !picked.size;
    bar.querySelector("[data-picked]").textContent = picked.size ? `${picked.size} chosen` : "";
  };
  const restore = () => {
    const there = new Set(boxes().map((box) => box.value));
    picked.forEach((key) => { if (!there.has(key)) picked.delete(key); });
    boxes().forEach((box) => { box.checked = picked.has(box.value); });
    show();
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick]")) {
      if (event.target.checked) picked.add(event.target.value); else picked.delete(event.target.value);
      show();
    }
    if (event.target.closest("[data-filters]")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-pick-none]")) return;
    picked.clear();
    restore();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "x") return;
    if (event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
    const box = document.querySelector(".cs-selected [data-pick]");
    if (box) { box.click(); event.preventDefault(); }
  });
  // One form with several deeds: the button pressed says which address it goes to, before the form itself is sent anywhere.
  document.addEventListener("submit", (event) => {
    const way = event.submitter && event.submitter.formAction;
    const form = event.target;
    if (!event.submitter || !event.submitter.hasAttribute("formaction") || !form.matches("form.cs-act")) return;
    event.preventDefault();
    event.stopPropagation();
    const body = new URLSearchParams(new FormData(form));
    const values = {};
    for (const key of new Set(body.keys())) { const all = body.getAll(key); values[key] = all.length > 1 ? all : all[0]; }
    htmx.ajax("POST", way, { source: form, swap: "none", values });
    if (form === bar) { picked.clear(); boxes().forEach((box) => { box.checked = false; }); show(); }
  }, true);
  document.addEventListener("htmx:afterSwap", restore);
  restore();
})();
