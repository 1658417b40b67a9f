// Serve this file from your own origin (a browser takes no worker from elsewhere) and name its address in data-worker of inbox.js.
"use strict";
self.addEventListener("push", (event) => {
  let told = {};
  try { told = event.data.json(); } catch (error) { /* An empty push still has to be shown. */ }
  event.waitUntil(self.registration.showNotification(told.title || "You have a message", { body: told.body || "", tag: told.tag || "cs" }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const open = async () => {
    const [page] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    return page ? page.focus() : self.clients.openWindow(self.registration.scope);
  };
  event.waitUntil(open());
});
