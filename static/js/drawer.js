// Links with data-drawer open in the page's drawer; a modified click, or a browser without scripts, opens them as pages.
(() => {
  "use strict";
  const drawer = document.getElementById("cs-drawer");
  if (!drawer) return;
  const body = drawer.querySelector(".cs-drawer-body");
  const wait = document.getElementById("cs-drawer-wait");
  const failed = document.getElementById("cs-error");

  const open = async (link) => {
    body.replaceChildren(wait.content.cloneNode(true));
    if (!drawer.open) drawer.showModal();
    try {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (answer.status === 401) return void location.assign(answer.headers.get("HX-Redirect") || location.href);
      if (!answer.ok) throw new Error(answer.status);
      body.innerHTML = await answer.text();
      // Buttons and live parts inside work as on a page.
      if (window.htmx) htmx.process(body);
      body.scrollTop = 0;
    } catch {
      const box = failed.content.firstElementChild.cloneNode(true);
      box.querySelector("[data-retry]").addEventListener("click", () => open(link));
      body.replaceChildren(box);
    }
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-drawer]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });
  // Nothing of it stays behind for keys or live parts to find.
  drawer.addEventListener("close", () => body.replaceChildren());
  drawer.addEventListener("click", (event) => {
    if (event.target === drawer || event.target.closest("[data-drawer-close]")) drawer.close();
  });
})();
