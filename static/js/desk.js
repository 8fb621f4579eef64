// The desk: which pane shows on a narrow screen, which row is current, and where a thread opens.
const desk = document.querySelector(".desk");
const scroller = () => document.querySelector(".pane-thread .pane-body");
const read = () => document.querySelector("[name=seen][type=hidden]")?.value;
let lastRead = read();

function markCurrent() {
  for (const link of desk.querySelectorAll(".convo-link")) {
    if (link.pathname === location.pathname) link.ariaCurrent = "true";
    else link.removeAttribute("aria-current");
  }
}

// A thread opens at the first moment that was not read, else at its end.
function openThread() {
  const thread = scroller();
  if (!thread || location.hash.startsWith("#entry-")) return;
  const first = document.getElementById("new-line") ?? thread.querySelector("#entries [data-unread]");
  const top = first ? first.offsetTop - thread.offsetTop - 48 : thread.scrollHeight;
  thread.scrollTo({ top: Math.min(top, thread.scrollHeight) });
}

function show(view) {
  desk.dataset.view = view;
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  if (view === "contact") document.querySelector("#contact .pane-body")?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-action=list], [data-action=contact], [data-action=thread]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const view = link.dataset.action;
  show(view === "contact" && desk.dataset.view === "contact" ? "thread" : view);
  if (view === "list") {
    history.pushState(null, "", desk.querySelector(".pane-list").dataset.address);
    markCurrent();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.target.matches("input, textarea, select, [contenteditable]")) return;
  if (desk.dataset.view === "contact") show("thread");
  else desk.querySelector(".convo-link[aria-current]")?.focus();
});

// To the next in the list, once a conversation is resolved; from the last one, back to the one before.
document.addEventListener("resolved", () => {
  const rows = [...desk.querySelectorAll(".convo-link")];
  const at = rows.findIndex((row) => row.ariaCurrent);
  (rows[at + 1] ?? rows[at - 1])?.click();
});

document.addEventListener("htmx:pushedIntoHistory", markCurrent);
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  markCurrent();
  if (detail.target?.id === "entries" && read() !== lastRead && !document.hidden) {
    htmx.trigger("#seen-mark", "read");
  }
  lastRead = read();
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id !== "thread" && detail.elt?.id !== "thread") return;
  show("thread");
  openThread();
});
// Reading on upwards brings what is earlier; from further up, one step leads back to the end.
let above = 0;
document.addEventListener("scroll", ({ target }) => {
  if (target !== scroller()) return;
  const { scrollTop, scrollHeight, clientHeight } = target;
  const link = document.querySelector("#earlier a:not(.htmx-request)");
  if (link && scrollTop < Math.min(above, clientHeight)) htmx.trigger(link, "click");
  above = scrollTop;
  target.querySelector("[data-action=latest]").hidden = scrollHeight - scrollTop - clientHeight < clientHeight;
}, { capture: true, passive: true });
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-action=latest]")) scroller().scrollTo({ top: scroller().scrollHeight });
});

// What an address names and is not here has moved, or stands further up.
function find() {
  const [, id] = location.hash.match(/^#entry-(\d+)$/) ?? [];
  if (!id || document.getElementById(`entry-${id}`) || new URLSearchParams(location.search).has("entry")) return;
  location.replace(`/w/${document.body.dataset.workspace}/entries/${id}/`);
}

addEventListener("popstate", () => location.reload());
openThread();
find();
