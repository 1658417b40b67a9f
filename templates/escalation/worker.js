"use strict";
self.addEventListener("push", (event) => {
  let told = {};
  try { told = event.data.json(); } catch (error) { /* An empty push still has to be shown. */ }
  event.waitUntil(self.registration.showNotification(told.title || "An alert", { body: told.body || "", tag: told.tag || "cs", data: { url: told.url } }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data && event.notification.data.url;
  // Only pages of this house are opened, whoever wrote the push.
  const door = url && new URL(url, self.location.origin).origin === self.location.origin ? url : "/notices/";
  event.waitUntil(self.clients.openWindow(door));
});
