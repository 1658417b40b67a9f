// Filters apply when they are chosen.
(() => {
  "use strict";
  document.addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });
})();
