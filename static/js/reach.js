// Segments and campaigns: the slider and the day say the same, and moving either asks for that day once it rests.
(() => {
  "use strict";
  const form = document.querySelector("[data-asof]");
  if (!form) return;
  const day = form.querySelector("[name=on]"), slide = form.querySelector("[data-slide]");
  const first = new Date(form.dataset.first + "T00:00:00Z");
  let rest = 0;
  const ask = () => {
    clearTimeout(rest);
    rest = setTimeout(() => {
      form.requestSubmit();
      history.replaceState(null, "", `?view=members&on=${day.value}`);
    }, 300);
  };
  slide.addEventListener("input", () => { day.value = new Date(first.getTime() + slide.value * 864e5).toISOString().slice(0, 10); ask(); });
  day.addEventListener("change", () => { slide.value = Math.round((new Date(day.value + "T00:00:00Z") - first) / 864e5); ask(); });
})();
