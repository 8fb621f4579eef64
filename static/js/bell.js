// Notices: the title counts them, and the browser speaks of new ones where it may. Whichever tab comes first notes, under
// a lock, up to which it has spoken; the others find nothing new. Nothing is spoken of while the desk has the focus.
const { workspace } = document.body.dataset;
const key = `told:${workspace}`;
const news = () => document.querySelector("#bell [data-unread]");

function count() {
  const { unread } = news()?.dataset ?? {};
  if (unread !== undefined) document.title = (unread && `(${unread}) `) + document.title.replace(/^\(\d+\+?\) /, "");
}

function ring() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  tone.connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.12);
}

function speak() {
  const found = news();
  if (!found) return;
  const last = Number(localStorage.getItem(key) ?? Infinity);
  localStorage.setItem(key, Math.max(found.dataset.newest, last < Infinity ? last : 0));
  const fresh = [...found.children].filter(({ dataset }) => dataset.id > last).reverse();
  if (!fresh.length || document.hasFocus()) return;
  if ("sound" in found.dataset) ring();
  if (Notification.permission === "granted") fresh.forEach(show);
}

function show({ dataset: { id, title, body, href } }) {
  const shown = new Notification(title, { body, tag: key + id });
  shown.onclick = () => {
    focus();
    shown.close();
    location.assign(href);
  };
}

function permit() {
  for (const each of document.querySelectorAll("[data-permission]")) {
    each.hidden = each.dataset.permission !== globalThis.Notification?.permission;
  }
}

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  count();
  if (detail.target.id === "bell") navigator.locks?.request(key, speak);
});
document.addEventListener("click", ({ target }) => {
  if (target.closest("button[data-permission]")) Notification.requestPermission().then(permit);
});
permit();
