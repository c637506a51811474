// Shows what arrives while no page is open, and leads to it. The same tag twice is one notification.
self.addEventListener('push', event => {
  if (!event.data) return
  const { title, text, path, tag } = event.data.json()
  event.waitUntil(self.registration.showNotification(title, { body: text, tag, icon: '/icon-192.png', data: { path } }))
})

self.addEventListener('notificationclick', event => {
  event.notification.close()
  const url = new URL(event.notification.data.path, self.location.origin)
  if (url.origin === self.location.origin) event.waitUntil(self.clients.openWindow(url.href))
})
