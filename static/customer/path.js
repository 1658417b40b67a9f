// A customer's own path, kept fresh: the socket only says that something moved; the page fetches what it may show. Without scripts the page is the same, one reload older.
(() => {
  "use strict";
  const { token, lang, news, moved } = document.body.dataset;
  const box = document.getElementById("path");
  const status = document.getElementById("news");
  const prizes = document.getElementById("rewards");
  const here = (part) => `${location.pathname}?part=${part}${lang ? `&lang=${encodeURIComponent(lang)}` : ""}`;
  const reached = () => new Map([...box.querySelectorAll("[data-reached]")].map((one) => [one.dataset.reached, one]));
  let tries = 0, fetching = false, again = false;

  const refresh = async () => {
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      const [path, rewards] = await Promise.all(["path", "rewards"].map((part) => fetch(here(part), { credentials: "omit", cache: "no-store" })));
      if (path.ok) show(await path.text());
      if (rewards.ok) renew(await rewards.text());
    } catch (error) { /* The next hint, or coming back to the page, tries again. */ }
    fetching = false;
    if (again) { again = false; refresh(); }
  };
  // A button that is being pressed stays where it is.
  const renew = (html) => {
    if (prizes.contains(document.activeElement)) return;
    prizes.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  };
  // Of our own server, escaped there; parsed apart so that nothing runs.
  const show = (html) => {
    const before = reached();
    const fresh = new DOMParser().parseFromString(html, "text/html");
    if (fresh.body.innerHTML.trim() === box.dataset.shown) return;
    box.dataset.shown = fresh.body.innerHTML.trim();
    box.replaceChildren(...fresh.body.childNodes);
    const names = [];
    reached().forEach((row, key) => { if (!before.has(key)) { row.classList.add("fresh"); names.push(row.dataset.name); } });
    status.textContent = names.length ? names.map((name) => news.replace("{name}", name)).join(" ") : moved;
  };
  box.dataset.shown = new DOMParser().parseFromString(box.innerHTML, "text/html").body.innerHTML.trim();

  const listen = () => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/path/?token=${encodeURIComponent(token)}`);
    socket.onopen = () => { document.body.dataset.live = "yes"; if (tries) refresh(); tries = 0; };
    socket.onmessage = () => refresh();
    socket.onclose = (event) => {
      delete document.body.dataset.live;
      if (event.code === 4403) return;
      tries += 1;
      setTimeout(listen, Math.min(60000, 1000 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random() / 2));
    };
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  listen();
})();
