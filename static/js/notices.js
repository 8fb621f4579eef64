// The title counts unread notices. Of new ones, the tab that is first to get the lock speaks.
import { all, hear, on, one, own } from "./dom.js";

const key = own("told");
const news = () => one("#bell [data-unread]");

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
  const last = Number(localStorage[key] ?? newest);
  localStorage[key] = Math.max(last, newest);
  const fresh = [...children].filter(({ dataset: { id } }) => id > last).reverse();
  if (!fresh.length || document.hasFocus()) return;
  if (sound !== undefined) ring();
  if (Notification.permission === "granted") fresh.forEach(show);
}

function permit() {
  const { permission } = globalThis.Notification ?? {};
  for (const part of all("[data-permission]")) part.hidden = part.dataset.permission !== permission;
}

hear("htmx:afterSettle", ({ detail }) => {
  const unread = news()?.dataset.unread;
  if (unread !== undefined) document.title = (unread && `(${unread}) `) + document.title.replace(/^\(\d+\+?\) /, "");
  if (detail.target.id === "bell") navigator.locks?.request(key, speak);
});
on("click", "button[data-permission]", () => Notification.requestPermission().then(permit));
permit();

// Toasts leave by themselves (toast.css), and say what could not reach the server.
function tell(trouble) {
  for (const old of all(".toast[data-trouble]")) old.remove();
  one("#toasts").append(one(`template[data-trouble="${trouble}"]`).content.cloneNode(true));
}

// What the page fetches by itself is tried again silently.
const isAct = ({ target }) => !target.matches("[data-live], [data-quiet]:not([type=file])");

on("animationend", ".toast", (toast, { animationName }) => animationName === "leave" && toast.remove());
on("htmx:afterRequest", ".toast", (toast) => toast.remove());
hear("htmx:sendError", (event) => isAct(event) && !event.target.matches("[data-draft]") && tell("offline"));
hear("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const { status } = xhr;
  const token = xhr.getResponseHeader("x-csrftoken");
  if (token) { // somebody has signed in again in another window
    for (const field of all("[name=csrfmiddlewaretoken]")) field.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
  }
  if (status === 401) tell("signed-out");
  else if (token) tell("again");
  else if (isAct(event)) tell({ 403: "refused", 404: "gone" }[status] ?? "broken");
});
