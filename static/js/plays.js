// Plays: what cannot be undone at once asks first; the builder shows other fields when a choice asks for them, keeps steps open and offers the way back.
(() => {
  "use strict";
  document.addEventListener("submit", (event) => {
    const words = event.target.dataset && event.target.dataset.ask;
    if (words && !window.confirm(words)) event.preventDefault();
  });
  const box = document.getElementById("build");
  if (!box) return;
  const form = () => box.querySelector("[data-build]");
  box.addEventListener("change", (event) => {
    if (event.target.matches("[data-turns]")) form().requestSubmit(form().querySelector("[data-refresh]"));
  });
  // What is at an end of the list stays focusable, so that the focus is not lost there.
  box.addEventListener("click", (event) => { if (event.target.closest("[aria-disabled=true]")) event.preventDefault(); }, true);
  document.addEventListener("htmx:configRequest", (event) => {
    if (!box.contains(event.detail.elt)) return;
    const open = [...box.querySelectorAll("details[open][data-open]")].map((one) => one.dataset.open);
    if (open.length) event.detail.parameters.open = open;
  });
  let typed = false;
  box.addEventListener("input", () => { typed = true; });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== box) return;
    typed = true;
    const told = box.querySelector("[data-told]");
    if (told && told.dataset.told) {
      const undo = box.querySelector("#undo");
      window.csToast(told.dataset.told, undo && told.dataset.told !== "Taken back." ? { undo: () => { const back = box.querySelector("#undo"); if (back) back.click(); } } : {});
    }
    const fresh = box.querySelector("[data-fresh]");
    const first = fresh && (fresh.querySelector(".cs-b-fields input, .cs-b-fields select") || fresh.querySelector("summary"));
    if (first) first.focus();
    else if (box.querySelector("[role=alert]")) box.querySelector("[role=alert]").scrollIntoView({ block: "center" });
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => { if (!event.defaultPrevented && event.detail.xhr.getResponseHeader("HX-Redirect")) typed = false; });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
})();
