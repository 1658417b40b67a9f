// Plays: what cannot be undone at once asks first.
(() => {
  "use strict";
  document.addEventListener("submit", (event) => {
    const words = event.target.dataset && event.target.dataset.ask;
    if (words && !window.confirm(words)) event.preventDefault();
  });
})();
