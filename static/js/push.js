// Push to this browser: asks it, and tells the server its subscription, or that it is gone.
(() => {
  "use strict";
  const box = document.querySelector("[data-push]");
  if (!box) return;
  const on = box.querySelector("[data-push-on]"), off = box.querySelector("[data-push-off]"), said = box.querySelector("[role=status]");
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
  const tell = async (body) => {
    const answer = await fetch(box.dataset.door, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token() }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error((await answer.json()).words);
  };
  const show = (is) => { on.hidden = is; off.hidden = !is; };
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    on.disabled = true;
    said.textContent = "This browser takes no push.";
    return;
  }
  const registered = () => navigator.serviceWorker.register(box.dataset.worker);
  const key = () => Uint8Array.from(atob(box.dataset.push.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  navigator.serviceWorker.getRegistration(box.dataset.worker).then(async (found) => show(Boolean(found && await found.pushManager.getSubscription())));
  on.addEventListener("click", async () => {
    try {
      await registered();
      const ready = await navigator.serviceWorker.ready;
      const made = await ready.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key() });
      await tell(made.toJSON());
      show(true);
      said.textContent = "This browser is told from now on.";
    } catch (error) {
      said.textContent = error.name === "NotAllowedError" ? "This browser was told not to show notices. Change that in its settings." : `It did not work: ${error.message}`;
    }
  });
  off.addEventListener("click", async () => {
    const ready = await navigator.serviceWorker.ready;
    const made = await ready.pushManager.getSubscription();
    if (made) {
      await tell({ endpoint: made.endpoint, gone: true });
      await made.unsubscribe();
    }
    show(false);
    said.textContent = "This browser is told no more.";
  });
})();
