// What if: dials say where they stand while they are turned, and the buttons beside them turn them.
(() => {
  "use strict";
  const tell = (dial) => {
    const shown = document.querySelector(`output[for="${dial.id}"]`);
    if (shown) shown.textContent = dial.value;
    if (dial.hasAttribute("aria-valuetext")) dial.setAttribute("aria-valuetext", `${dial.value} %`);
  };
  document.addEventListener("input", (event) => { if (event.target.matches("[data-dial]")) tell(event.target); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-calm]");
    if (!button) return;
    event.preventDefault();
    const dial = button.form.elements[button.value];
    dial.value = button.dataset.calm;
    dial.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("reset", (event) => {
    const form = event.target;
    if (!form.matches(".cs-w-dials")) return;
    // Before the browser resets: what the form came with may have been turned already.
    event.preventDefault();
    for (const dial of form.querySelectorAll("[data-dial]")) { dial.value = dial.dataset.dial; tell(dial); }
    for (const tick of form.querySelectorAll("[type=checkbox]")) tick.checked = false;
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
