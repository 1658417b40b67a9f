// One session that several people have open: notes saved as they are typed, who is here, the clock, and how sure they are. HTTP is the truth; hints only say when to look.
(() => {
  "use strict";
  const room = document.getElementById("session");
  const area = document.getElementById("s-notes");
  if (!room || !area) return;
  const saved = document.getElementById("s-saved");
  const box = document.getElementById("s-conflict");
  const post = (url, values) => fetch(url, { method: "POST", body: new URLSearchParams(values), headers: { "X-CSRFToken": window.csToken(), "HX-Request": "true" }, credentials: "same-origin" });
  const PAUSE = 1000;
  const AGAIN = 5000;
  const BEAT = 10000;
  let base = area.value; // what the server had when this text was begun
  let version = 0; // of the newest answer: one that was overtaken on the way says nothing
  let refused = null; // a text that the server will not have: only another one is sent
  let timer = 0, saving = false, owed = false, others = "";

  // Notes
  const say = (words) => { saved.textContent = words; };
  const put = (text) => {
    const [start, end, before] = [area.selectionStart, area.selectionEnd, area.value];
    area.value = text;
    if (document.activeElement !== area) return;
    // What was written before the caret moves it along; what was written behind it does not.
    const moved = text.startsWith(before.slice(0, start)) ? 0 : text.length - before.length;
    area.setSelectionRange(Math.max(0, start + moved), Math.max(0, end + moved));
  };
  const ask = (theirs, yours) => {
    box.querySelector("[data-theirs]").textContent = theirs;
    box.querySelector("[data-yours]").textContent = yours;
    others = theirs;
    box.hidden = false;
    say("not saved: somebody else wrote meanwhile");
  };
  const later = (words) => { say(words); timer = setTimeout(save, AGAIN); };
  const refuse = (text, words) => { refused = text; say(words); };
  const save = async () => {
    clearTimeout(timer);
    timer = 0;
    if (saving || area.readOnly || area.value === base || area.value === refused || !box.hidden) return;
    saving = true;
    const text = area.value;
    say("saving …");
    try {
      const answer = await post(room.dataset.write, { notes: text, seen: base });
      if (answer.status === 401) later("not saved: you are signed out. Sign in in another tab, then it is saved here");
      else if (answer.status === 403) refuse(text, "not saved: your role does not include this");
      else {
        const told = await answer.json();
        if (answer.ok) {
          [base, version] = [told.notes, told.version];
          say("saved");
        } else if (told.fields.notes) ask(told.fields.notes.theirs, area.value);
        else refuse(text, told.words);
      }
    } catch {
      later("not saved: the server did not answer; it is tried again");
    }
    saving = false;
    if (owed) look();
    if (area.value !== base && area.value !== refused && box.hidden && !timer) timer = setTimeout(save, PAUSE);
  };
  area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, PAUSE); say("not saved yet"); });
  area.addEventListener("blur", save);
  const look = async () => {
    owed = saving || !box.hidden;
    if (owed) return;
    const answer = await fetch(room.dataset.notes, { credentials: "same-origin" }).catch(() => null);
    if (!answer || answer.status >= 500) return void setTimeout(look, AGAIN);
    if (!answer.ok) return;
    const told = await answer.json();
    if (told.version < version) return;
    version = told.version;
    // What is being typed stays; when it is saved the difference comes to light.
    if (area.value === base && told.notes !== base) {
      base = told.notes;
      put(told.notes);
      say("somebody else wrote here just now");
    }
    if (!told.writable) area.readOnly = true;
    for (const form of room.querySelectorAll("[data-goal-form]")) form.hidden = !told.agreeable;
    for (const form of room.querySelectorAll("[data-promise-form]")) form.hidden = !told.writable;
    const sure = document.getElementById("s-confidence");
    if (sure && document.activeElement !== sure && told.confidence !== null) {
      sure.value = told.confidence;
      sure.disabled = !told.writable;
      document.getElementById("s-confidence-shown").textContent = `${told.confidence} of 10`;
    }
  };
  box.addEventListener("click", (event) => {
    const how = event.target.dataset.keep;
    if (!how) return;
    const theirs = others;
    const yours = box.querySelector("[data-yours]").textContent;
    base = theirs;
    area.value = how === "theirs" ? theirs : how === "yours" ? yours : `${theirs}\n${yours}`;
    box.hidden = true;
    area.focus();
    if (how === "theirs") say("theirs was kept");
    else save();
    if (owed) look();
  });
  window.addEventListener("beforeunload", (event) => { if (area.value !== base && !area.readOnly) event.preventDefault(); });

  // How sure they are
  document.addEventListener("input", (event) => {
    if (event.target.id !== "s-confidence") return;
    document.getElementById("s-confidence-shown").textContent = `${event.target.value} of 10`;
    const hint = room.querySelector(".cs-s-hint");
    if (hint) hint.hidden = Number(event.target.value) >= 7;
  });
  document.addEventListener("change", async (event) => {
    if (event.target.id !== "s-confidence") return;
    const answer = await post(room.dataset.write, { confidence: event.target.value }).catch(() => null);
    if (!answer || !answer.ok) window.csToast("How sure they are was not saved. Try again.", { tone: "refused" });
  });

  // Which field a goal needs
  const fit = () => {
    for (const choice of room.querySelectorAll("[data-measure]")) {
      const form = choice.form;
      for (const label of form.querySelectorAll("[data-for]")) label.hidden = label.dataset.for !== choice.value;
      for (const label of form.querySelectorAll("[data-not]")) label.hidden = label.dataset.not === choice.value;
    }
  };
  document.addEventListener("change", (event) => { if (event.target.matches("[data-measure]")) fit(); });

  // A form whose words were taken is ready for the next.
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (!event.detail.successful || !form.matches || !room.contains(form)) return;
    if (form.matches("[data-promise-form]")) form.reset();
    const folded = form.closest("[data-goal-form]");
    if (!folded) return;
    folded.open = false;
    folded.querySelector("summary").textContent = "Change it";
  });

  // The clock
  const tick = () => {
    const clock = room.querySelector("[data-begun]");
    if (!clock) return;
    const seconds = Math.max(0, Math.floor((window.csNow() - Date.parse(clock.dataset.begun)) / 1000));
    const planned = Number(clock.dataset.minutes);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const small = document.createElement("small");
    small.textContent = ` of ${planned} min`;
    clock.append(small);
    clock.classList.toggle("cs-s-over", seconds > planned * 60);
  };
  setInterval(tick, 1000);

  // Who is here
  let people = [];
  const show = () => {
    const list = room.querySelector(".cs-s-people");
    if (!list) return;
    list.replaceChildren(...people.map((one) => { const item = document.createElement("li"); item.textContent = one.you ? "You" : one.name; return item; }));
  };
  const here = async () => {
    if (document.hidden) return;
    const answer = await post(room.dataset.here, {}).catch(() => null);
    if (!answer || !answer.ok) return;
    people = (await answer.json()).people;
    show();
  };
  setInterval(here, BEAT);
  window.addEventListener("pagehide", () => {
    const form = new FormData();
    form.append("csrfmiddlewaretoken", window.csToken());
    form.append("gone", "yes");
    navigator.sendBeacon(room.dataset.here, form);
  });

  const mine = (frame) => !frame.subjects || frame.subjects.includes(room.dataset.subject);
  document.addEventListener("cs:hint", (event) => {
    if (!mine(event.detail)) return;
    if (event.detail.kinds.some((kind) => kind.startsWith("coaching"))) look();
    if (event.detail.kinds.some((kind) => kind.startsWith("presence"))) here();
  });
  document.addEventListener("cs:resync", () => { look(); here(); });
  document.addEventListener("htmx:afterSwap", () => { fit(); tick(); show(); });
  fit();
  tick();
  here();
})();
