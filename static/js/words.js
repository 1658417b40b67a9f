// The page of a template: the line of a trouble is shown in the words.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line]");
    const words = document.getElementById("t-body");
    if (!button || !words) return;
    const lines = words.value.split("\n");
    const place = Number(button.dataset.line) - 1;
    const start = lines.slice(0, place).reduce((sum, line) => sum + line.length + 1, 0);
    words.focus();
    words.setSelectionRange(start, start + (lines[place] || "").length);
    words.scrollTop = Math.max(0, (place - 3) * parseFloat(getComputedStyle(words).lineHeight));
  });
})();
