// The inbox of one of your users, inside your own product. No dependencies, no cookies; docs/messaging.md tells how to embed it.
//
//   <div id="inbox"></div>
//   <script src="https://success.example.com/static/customer/inbox.js" data-token="TOKEN" data-mount="#inbox" data-worker="/push-worker.js" defer></script>
//
// or, with your own looks: const inbox = CSInbox.start({ token }); inbox.addEventListener("change", () => draw(inbox.unread, inbox.messages));
(() => {
  "use strict";
  const script = document.currentScript;
  const HOME = script ? new URL(script.src).origin : location.origin;
  const WORDS = {
    open: "Messages", unread: "unread", none: "No messages yet.", failed: "Messages could not be loaded. We try again by ourselves.",
    notify: "Notify me in this browser", stop: "Stop notifying me here", denied: "Your browser blocks notifications from this page.", trouble: "That did not work. Try again later.",
  };
  const LOOKS = `
    :host { all: initial; display: inline-block; position: relative; font: 14px/1.45 system-ui, sans-serif; color-scheme: light dark; --line: #d6d3d1; --text: #1c1917; --soft: #57534e; --paper: #fff; --accent: #4f46e5; }
    @media (prefers-color-scheme: dark) { :host { --line: #44403c; --text: #f5f5f4; --soft: #a8a29e; --paper: #1c1917; --accent: #a5b4fc; } }
    button { font: inherit; cursor: pointer; color: var(--text); background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; }
    button:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    .count { display: inline-block; min-width: 18px; margin-left: 6px; padding: 0 5px; border-radius: 9px; background: #b91c1c; color: #fff; font-size: 12px; text-align: center; box-sizing: border-box; }
    .panel { position: absolute; z-index: 1000; right: 0; margin-top: 6px; width: min(360px, calc(100vw - 24px)); max-height: 70vh; overflow: auto; color: var(--text); background: var(--paper); border: 1px solid var(--line); border-radius: 10px; box-shadow: 0 8px 30px rgb(0 0 0 / .18); }
    .panel[hidden], .count[hidden], .push[hidden] { display: none; }
    .panel > p { margin: 0; padding: 14px; color: var(--soft); }
    details { border-bottom: 1px solid var(--line); }
    summary { display: flex; gap: 8px; padding: 12px 14px; cursor: pointer; list-style: none; overflow-wrap: anywhere; }
    summary::-webkit-details-marker { display: none; }
    summary span { flex: 1; } summary time { color: var(--soft); font-size: 12px; white-space: nowrap; }
    .new summary span { font-weight: 600; } .new summary::before { content: ""; flex: none; width: 8px; height: 8px; margin-top: 6px; border-radius: 50%; background: var(--accent); }
    .body { padding: 0 14px 14px; white-space: pre-line; overflow-wrap: anywhere; } .body a { color: var(--accent); }
    .push { padding: 10px 14px; } .push small { color: var(--soft); }
  `;

  const make = (tag, parts = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), parts);
    node.append(...children);
    return node;
  };
  // Text stays text; only addresses of the web become links.
  const linked = (text) => text.split(/(https?:\/\/[^\s<>"]+)/).map((bit, place) => (place % 2 ? make("a", { href: bit, textContent: bit, rel: "noopener", target: "_blank" }) : bit));
  const bytes = (word) => Uint8Array.from(atob(word.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

  class Inbox extends EventTarget {
    constructor({ token, url = HOME, worker = "", words = {} }) {
      super();
      Object.assign(this, { token, url: url.replace(/\/$/, ""), worker, words: { ...WORDS, ...words }, messages: [], unread: 0, failed: false, tries: 0, closed: false });
      document.addEventListener("visibilitychange", this.onVisible = () => { if (!document.hidden) this.refresh(); });
      this.refresh();
      this.listen();
      this.renew();
    }

    async call(path, method = "GET", body = null) {
      const headers = body ? { "Content-Type": "application/json" } : {};
      const answer = await fetch(`${this.url}/api/v1/inbox/${path}?token=${encodeURIComponent(this.token)}`, { method, headers, body: body && JSON.stringify(body), credentials: "omit" });
      if (!answer.ok) throw new Error(`${answer.status}`);
      return answer.status === 204 ? null : answer.json();
    }

    async refresh() {
      try {
        const told = await this.call("");
        Object.assign(this, { messages: told.messages, unread: told.unread, failed: false });
      } catch (error) { this.failed = true; }
      this.dispatchEvent(new Event("change"));
    }

    async read(id) {
      const message = this.messages.find((one) => one.id === id);
      if (!message || message.read_at) return;
      message.read_at = (await this.call(`${id}/read/`, "POST")).read_at;
      this.unread = Math.max(0, this.unread - 1);
      this.dispatchEvent(new Event("change"));
    }

    // The socket only says that something came. Whenever it opens again, what came meanwhile is fetched.
    listen() {
      if (this.closed) return;
      const socket = this.socket = new WebSocket(`${this.url.replace(/^http/, "ws")}/ws/inbox/?token=${encodeURIComponent(this.token)}`);
      socket.onopen = () => { if (this.tries) this.refresh(); this.tries = 0; };
      socket.onmessage = () => this.refresh();
      socket.onclose = (event) => {
        if (this.closed || event.code === 4403) return;
        this.tries += 1;
        this.timer = setTimeout(() => this.listen(), Math.min(60000, 1000 * 2 ** Math.min(this.tries, 6)) * (0.5 + Math.random() / 2));
      };
    }

    close() {
      this.closed = true;
      clearTimeout(this.timer);
      document.removeEventListener("visibilitychange", this.onVisible);
      this.socket.close();
    }

    get canPush() { return Boolean(this.worker) && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window; }

    async subscription() {
      const known = this.canPush && (await navigator.serviceWorker.getRegistration(this.worker));
      return known ? known.pushManager.getSubscription() : null;
    }

    // Ask for permission from a click only; browsers refuse it otherwise.
    async subscribe() {
      const { public_key: key } = await this.call("push/");
      if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
      await navigator.serviceWorker.register(this.worker);
      const ready = await navigator.serviceWorker.ready;
      const made = await ready.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
      try {
        await this.call("push/", "POST", made.toJSON());
      } catch (error) {
        // A browser that is subscribed where nobody knows of it would say that it hears, and hear nothing.
        await made.unsubscribe();
        throw error;
      }
      this.dispatchEvent(new Event("change"));
    }

    async unsubscribe() {
      const made = await this.subscription();
      if (!made) return;
      await this.call("push/", "DELETE", { endpoint: made.endpoint });
      await made.unsubscribe();
      this.dispatchEvent(new Event("change"));
    }

    // A browser changes its subscription now and then, and whoever signs in here now is whom it belongs to.
    async renew() {
      try {
        const made = await this.subscription();
        if (made) await this.call("push/", "POST", made.toJSON());
      } catch (error) { /* The next page tries again. */ }
    }
  }

  const show = (inbox, host) => {
    const { words } = inbox;
    const root = host.attachShadow({ mode: "open" });
    const looks = new CSSStyleSheet();
    looks.replaceSync(LOOKS);
    root.adoptedStyleSheets = [looks];
    const count = make("span", { className: "count", hidden: true });
    const button = make("button", { type: "button" }, words.open, count);
    const panel = make("div", { className: "panel", hidden: true });
    panel.setAttribute("role", "region");
    panel.setAttribute("aria-label", words.open);
    button.setAttribute("aria-expanded", "false");
    const status = make("p");
    status.setAttribute("role", "status");
    const list = make("div");
    const ask = make("button", { type: "button" });
    const note = make("small");
    const push = make("div", { className: "push", hidden: true }, ask, note);
    panel.append(status, list, push);
    root.append(button, panel);

    const toggle = (open) => {
      panel.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
      if (!open) return;
      // Below the button, on whichever side there is room.
      const box = host.getBoundingClientRect();
      const fits = box.right >= panel.offsetWidth + 12;
      panel.style.right = fits ? "0" : "auto";
      panel.style.left = fits ? "auto" : `${-Math.max(0, box.left + panel.offsetWidth + 12 - document.documentElement.clientWidth)}px`;
    };
    button.addEventListener("click", () => toggle(panel.hidden));
    root.addEventListener("keydown", (event) => { if (event.key === "Escape" && !panel.hidden) { toggle(false); button.focus(); } });
    document.addEventListener("click", (event) => { if (!panel.hidden && !event.composedPath().includes(host)) toggle(false); });
    // What the button says is true once the platform has answered.
    let asking = false;
    ask.addEventListener("click", async () => {
      if (asking) return;
      asking = true;
      note.textContent = "";
      try { await ((await inbox.subscription()) ? inbox.unsubscribe() : inbox.subscribe()); } catch (error) { note.textContent = ` ${error.message === "denied" ? words.denied : words.trouble}`; }
      asking = false;
      draw();
    });

    const rows = new Map();
    const row = (message) => {
      const known = rows.get(message.id);
      if (known) return known;
      const at = new Date(message.at);
      const box = make("details", {}, make("summary", {}, make("span", { textContent: message.subject }), make("time", { dateTime: message.at, textContent: at.toLocaleDateString() })), make("div", { className: "body" }, ...linked(message.body)));
      box.addEventListener("toggle", () => { if (box.open) inbox.read(message.id).catch(() => {}); });
      rows.set(message.id, box);
      return box;
    };
    const draw = async () => {
      count.textContent = inbox.unread > 99 ? "99+" : String(inbox.unread);
      count.hidden = !inbox.unread;
      button.setAttribute("aria-label", inbox.unread ? `${words.open}, ${inbox.unread} ${words.unread}` : words.open);
      status.textContent = inbox.failed ? words.failed : inbox.messages.length ? "" : words.none;
      status.hidden = !status.textContent;
      const wanted = inbox.messages.map((message) => { const box = row(message); box.className = message.read_at ? "" : "new"; return box; });
      // What is open stays where it is; only what differs is moved.
      wanted.forEach((box, place) => { if (list.children[place] !== box) list.insertBefore(box, list.children[place] || null); });
      while (list.children.length > wanted.length) list.lastChild.remove();
      push.hidden = !inbox.canPush;
      const hears = inbox.canPush && (await inbox.subscription());
      if (!asking) ask.textContent = hears ? words.stop : words.notify;
    };
    inbox.addEventListener("change", draw);
    draw();
  };

  window.CSInbox = {
    start({ mount = null, ...given }) {
      const inbox = new Inbox(given);
      const host = typeof mount === "string" ? document.querySelector(mount) : mount;
      if (host) show(inbox, host);
      return inbox;
    },
  };
  if (script && script.dataset.token) {
    const begin = () => { window.CSInbox.started = window.CSInbox.start({ token: script.dataset.token, mount: script.dataset.mount || null, worker: script.dataset.worker || "" }); };
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
    else begin();
  }
})();
