// Toasts leave by themselves, but not while they are hovered or focused; those with Undo stay as long as it works.
// Also says when something a person did could not reach the server: what they typed is still there.
const STAYS = 6_000;
const UNDO_STAYS = 10_000;
const MOST = 3;
const toasts = document.getElementById("toasts");

function leave(toast) {
  if (toast.matches(":hover, :focus-within")) setTimeout(leave, 1_000, toast);
  else toast.remove();
}

function start(toast) {
  if (toast.dataset.started) return;
  toast.dataset.started = "";
  setTimeout(leave, "timed" in toast.dataset ? UNDO_STAYS : STAYS, toast);
}

function say(trouble) {
  const { content } = document.querySelector(`template[data-trouble="${trouble}"]`);
  for (const old of toasts.querySelectorAll("[data-trouble]")) old.remove();
  toasts.append(content.cloneNode(true));
}

// What a person asked for, not what the page fetches by itself: that is tried again without a word.
const isAct = ({ detail }) => !detail.elt.matches("[data-live], [data-quiet]:not([type=file])");

function begin() {
  const all = [...toasts.querySelectorAll(".toast")];
  for (const old of all.slice(0, -MOST)) old.remove();
  all.slice(-MOST).forEach(start);
}

new MutationObserver(begin).observe(toasts, { childList: true });
begin();
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (toasts.contains(detail.elt)) detail.elt.closest(".toast")?.remove();
});
document.addEventListener("htmx:sendError", (event) => {
  if (isAct(event) && !event.target.matches("[data-draft]:has([name=writer])")) say("offline"); // the composer says it itself
});
document.addEventListener("htmx:timeout", (event) => isAct(event) && say("offline"));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) say("signed-out");
  else if (isAct(event)) say({ 403: "refused", 404: "gone" }[event.detail.xhr.status] ?? "broken");
});
