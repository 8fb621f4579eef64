// The title counts unread notices, and the browser speaks of new ones while it has not the focus. The tab that comes
// first notes, under a lock, up to which it has spoken; the others find nothing new.
const key = `told:${document.body.dataset.workspace}`;
const news = () => document.querySelector("#bell [data-unread]");

function ring() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  tone.connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.12);
}

function show({ dataset: { id, title, body, href } }) {
  const shown = new Notification(title, { body, tag: key + id });
  shown.onclick = () => {
    focus();
    shown.close();
    location.assign(href);
  };
}

function speak() {
  const { children, dataset: { newest, sound } } = news();
  const last = localStorage.getItem(key) ?? Infinity;
  localStorage.setItem(key, last > +newest && last < Infinity ? last : newest);
  const fresh = [...children].filter(({ dataset }) => +dataset.id > last).reverse();
  if (!fresh.length || document.hasFocus()) return;
  if (sound !== undefined) ring();
  if (Notification.permission === "granted") fresh.forEach(show);
}

function permit() {
  for (const each of document.querySelectorAll("[data-permission]")) {
    each.hidden = each.dataset.permission !== globalThis.Notification?.permission;
  }
}

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const unread = news()?.dataset.unread;
  if (unread !== undefined) document.title = (unread && `(${unread}) `) + document.title.replace(/^\(\d+\+?\) /, "");
  if (detail.target.id === "bell") navigator.locks?.request(key, speak);
});
document.addEventListener("click", ({ target }) => {
  if (target.closest("button[data-permission]")) Notification.requestPermission().then(permit);
});
permit();
