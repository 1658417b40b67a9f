// Says what was just done, with the way back, on the page that follows it.
(() => {
  "use strict";
  const told = document.querySelector("[data-toast]");
  if (!told || !window.csToast) return;
  const back = told.dataset.toastUndo;
  const values = told.dataset.toastValues ? JSON.parse(told.dataset.toastValues) : {};
  window.csToast(told.dataset.toast, back ? { undo: () => htmx.ajax("POST", back, { values, swap: "none", source: document.body }) } : {});
  const here = new URL(location.href);
  for (const name of ["saved", "archived"]) here.searchParams.delete(name);
  history.replaceState(null, "", here);
})();
