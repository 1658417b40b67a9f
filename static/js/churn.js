// The churn desk: the hours' slider moves the sentence, the list and the mark of the gain curve; what cannot be undone at once asks first.
(() => {
  "use strict";
  document.addEventListener("submit", (event) => {
    const words = event.target.dataset && event.target.dataset.ask;
    if (words && !window.confirm(words)) event.preventDefault();
  });
  const form = document.querySelector("[data-capacity]");
  const kept = document.getElementById("capacity-moves");
  if (!form || !kept) return;
  const moves = JSON.parse(kept.textContent);
  const box = document.getElementById("capacity");
  const mark = document.querySelector("[data-mark]");
  const signs = { USD: "$", EUR: "€", GBP: "£", JPY: "¥" };
  const money = (amount) => {
    const short = amount >= 999500 ? `${(amount / 1e6).toFixed(1)}M` : amount >= 1000 ? `${(amount / 1e3).toFixed(1)}k` : amount.toFixed(0);
    return signs[moves.currency] ? signs[moves.currency] + short : `${short} ${moves.currency}`;
  };
  const gained = (share) => {
    let before = moves.gain[0];
    for (const point of moves.gain) {
      if (point[0] >= share) return before[1] + (point[0] > before[0] ? ((point[1] - before[1]) * (share - before[0])) / (point[0] - before[0]) : 0);
      before = point;
    }
    return before[1];
  };
  const tell = () => {
    const hours = Number(form.elements.hours.value), minutes = Number(form.elements.minutes.value);
    const count = Math.min(Math.floor((hours * 60) / minutes), moves.points.length - 1);
    const share = moves.points[count];
    form.querySelector("output").textContent = String(hours);
    box.querySelector("[data-sentence]").textContent =
      `At ${hours} h a week you reach ${(100 * share).toFixed(0)} % ${moves.what}: ${count} account${count === 1 ? "" : "s"}, ${money(share * moves.atRisk)} of ${money(moves.atRisk)}.`;
    box.querySelector(".cs-c-meter i").style.width = `${100 * share}%`;
    for (const row of box.querySelectorAll("[data-place]")) row.classList.toggle("cs-c-beyond", Number(row.dataset.place) > count);
    if (moves.gain.length < 2 || !moves.accounts) return;
    const called = count / moves.accounts;
    box.querySelector("[data-recall]").textContent =
      `That is ${(100 * called).toFixed(0)} % of the book. In the proof, so much of the list held ${(100 * gained(called)).toFixed(0)} % of those who left.`;
    if (!mark) return;
    mark.removeAttribute("hidden");
    mark.setAttribute("x1", 100 * Math.min(1, called));
    mark.setAttribute("x2", 100 * Math.min(1, called));
  };
  form.addEventListener("input", tell);
  form.addEventListener("submit", (event) => event.preventDefault());
  tell();
})();
