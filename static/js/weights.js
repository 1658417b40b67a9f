// The health model's form: sums beside the weights while they are typed, a question before what cannot be undone, and a way to the field that is wrong.
(() => {
  "use strict";
  const form = document.querySelector("[data-weights]");
  if (!form) return;
  const tell = () => {
    for (const line of form.querySelectorAll("[data-total]")) {
      const inputs = [...form.querySelectorAll("[data-weight]")].filter((input) => input.dataset.weight === line.dataset.total);
      const gone = (input) => {
        const box = input.closest(".cs-h-measure, .cs-h-dimension");
        const mark = box && box.querySelector("input[name$='.remove']");
        return mark && mark.checked && mark.name === input.name.replace(/weight$/, "remove");
      };
      const sum = inputs.filter((input) => !gone(input)).reduce((total, input) => total + (Number(input.value) || 0), 0);
      line.querySelector("b").textContent = String(sum);
      line.classList.toggle("cs-h-off", sum !== 100);
    }
  };
  form.addEventListener("input", tell);
  form.addEventListener("change", tell);
  // A click into a weight must not fold its measure.
  form.addEventListener("click", (event) => { if (event.target.closest("summary .cs-h-num")) event.preventDefault(); if (event.target.matches("summary input")) event.target.focus(); });
  document.addEventListener("submit", (event) => {
    const words = event.target.dataset && event.target.dataset.ask;
    if (words && !window.confirm(words)) event.preventDefault();
  });
  const wrong = document.querySelector("[data-problem]");
  if (wrong) {
    const input = document.getElementsByName(wrong.dataset.problem)[0];
    const place = input || document.getElementById(wrong.dataset.problem) || document.getElementById(wrong.dataset.problem.replace(/\.measures$/, ""));
    if (place) {
      if (input) input.setAttribute("aria-invalid", "true");
      for (let box = place.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
      place.scrollIntoView({ block: "center" });
      if (input) input.focus({ preventScroll: true });
    }
  }
  tell();
})();
