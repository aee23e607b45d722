// Keeps the look and one page for times without a network; never a private page, never a picture. Shows pushes.
const KEPT = "pickeez-1";
const HOME = new URL(self.registration.scope);
const STATIC = "/static/";
const OFFLINE = new URL("offline/", HOME).pathname;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(KEPT);
      const page = await fetch(OFFLINE, { credentials: "omit" }); // as nobody in particular sees it
      const links = [...(await page.clone().text()).matchAll(/(?:href|src)="(\/[^"#?]*\.(?:css|svg|png))/g)];
      await cache.put(OFFLINE, page);
      await cache.addAll([...new Set(links.map((link) => link[1]))]); // none twice, or nothing is kept
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (new URL(request.url).pathname.startsWith(STATIC)) {
    event.respondWith(asset(request));
  }
});

// From the network if there is one; what is kept is only what belongs to the look.
async function asset(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("push", (event) => {
  let message = { body: "", data: {} };
  try {
    message = event.data.json();
  } catch {
    // A push without content: the service only says that there is something.
  }
  const data = message.data || {};
  event.waitUntil(
    self.registration.showNotification("Pickeez", {
      body: message.body,
      tag: `${data.type || ""} ${data.album_id || ""}`,
      icon: HOME.origin + STATIC + "gallery/icon-192.png",
      data: { to: target(data) },
    }),
  );
});

function target(data) {
  if (data.link) {
    const link = new URL(data.link, HOME);
    if (link.origin === HOME.origin) return link.href;
  }
  if (!data.album_id) return HOME.href;
  const page = data.type === "best_pictures" ? "me/" : "";
  return new URL(`albums/${encodeURIComponent(data.album_id)}/${page}`, HOME).href;
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data.to));
});
