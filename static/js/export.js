// A link that takes out what a list shows carries the filters of that list as they are at the click.
document.querySelectorAll("[data-export]").forEach((link) => {
  const where = link.href.split("?")[0];
  link.addEventListener("click", () => {
    const asked = new URLSearchParams(new FormData(document.getElementById(link.dataset.export)));
    asked.delete("csrfmiddlewaretoken");
    link.href = `${where}?${asked}`;
  });
});
