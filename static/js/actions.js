// Buttons: one POST each, a toast that says how it went, with Undo where the answer names a way back.
(() => {
  "use strict";
  const KEEP = 10000;
  const toasts = document.getElementById("cs-toasts");
  const template = document.getElementById("cs-toast");

  const toast = (words, { tone = "", undo = "" } = {}) => {
    if (!toasts || !template) return;
    const box = template.content.firstElementChild.cloneNode(true);
    box.querySelector(".cs-toast-words").textContent = words;
    if (tone) box.classList.add(`cs-toast-${tone}`);
    const back = box.querySelector("[data-undo]");
    if (undo) {
      back.hidden = false;
      back.addEventListener("click", () => { box.remove(); if (typeof undo === "function") undo(); else htmx.ajax("POST", undo, { swap: "none", source: document.body }); });
    }
    box.querySelector(".cs-toast-close").addEventListener("click", () => box.remove());
    toasts.append(box);
    setTimeout(() => box.remove(), KEEP);
  };
  window.csToast = toast;

  // The cookie's is the newest: whoever signs in again in another tab gets one there, and the fields of this page keep the old.
  const token = () => {
    const field = document.querySelector("[name=csrfmiddlewaretoken]");
    return (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || (field ? field.value : "");
  };
  window.csToken = token;
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "get") return;
    event.detail.headers["X-CSRFToken"] = token();
    delete event.detail.parameters.csrfmiddlewaretoken;
  });

  // Whoever is signed out is led to sign in, but not away from words that were typed and not sent.
  const typed = () => [...document.querySelectorAll("textarea, form[method=post] input:not([type=hidden])")].some((field) => field.value !== field.defaultValue);
  let warned = -KEEP;
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status !== 401 || !typed()) return;
    event.preventDefault();
    if (performance.now() - warned < KEEP) return;
    warned = performance.now();
    toast("You are signed out, and nothing was sent. Sign in in another tab, then go on here: what you typed stays.", { tone: "refused" });
  });
  document.addEventListener("cs:done", (event) => {
    toast(event.detail.words, { undo: event.detail.undo });
    document.dispatchEvent(new CustomEvent("cs:acted"));
  });
  document.addEventListener("cs:refused", (event) => {
    toast(event.detail.words, { tone: "refused" });
    document.dispatchEvent(new CustomEvent("cs:acted"));
  });
  const failed = (event) => {
    const form = event.detail.elt;
    if (!form.matches || !form.matches("form.cs-act")) return;
    const status = event.detail.xhr && event.detail.xhr.status;
    if (status === 409) return;
    const words = status === 403 ? "Your role does not include this. Nothing was changed."
      : status === 404 ? "It is gone, or no longer in your book. Nothing was changed."
      : "The server did not answer, so it may not have been done. The page shows the truth once the mark says live; then try again.";
    toast(words, { tone: "refused" });
  };
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, failed);
})();
