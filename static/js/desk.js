// Which pane shows on a narrow screen, which row is current, and where a thread opens.
import { all, hear, on, one, onLink, seen, workspace } from "./dom.js";

const desk = one(".desk");
const scroller = () => one(".pane-thread .pane-body");
const read = () => one("[name=seen][type=hidden]")?.value;
let lastRead = read();
let lastTop = 0;

function markCurrent() {
  for (const link of all(".convo-link", desk)) link.ariaCurrent = link.pathname === location.pathname || null;
}

// At the first moment that was not read, else at the end.
function openThread() {
  const thread = scroller();
  if (!thread || location.hash.startsWith("#entry-")) return;
  const first = one("#new-line", thread) ?? one("#entries [data-unread]", thread);
  thread.scrollTo(0, first ? first.offsetTop - thread.offsetTop - 48 : thread.scrollHeight);
}

function show(view) {
  desk.dataset.view = view;
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  if (view === "contact") one("#contact .pane-body")?.focus();
}

onLink("[data-action=contact]", () => show(desk.dataset.view === "contact" ? "thread" : "contact"));
onLink("[data-action=list]", () => {
  show("list");
  history.pushState(null, "", one(".pane-list", desk).dataset.address);
  markCurrent();
});
hear("keydown", ({ key, defaultPrevented, target }) => {
  if (key !== "Escape" || defaultPrevented || target.matches("input, textarea, select, [contenteditable]")) return;
  if (desk.dataset.view === "contact") show("thread");
  else one(".convo-link[aria-current]", desk)?.focus();
});

hear("resolved", () => {
  const rows = seen(".convo:not([data-gone]) .convo-link, .convo-link[aria-current]", desk);
  const at = rows.findIndex((row) => row.ariaCurrent);
  const next = rows[at + 1] ?? rows[at - 1];
  next?.focus();
  next?.click();
});

hear("htmx:pushedIntoHistory htmx:afterSettle", markCurrent);
hear("htmx:afterSettle", ({ detail }) => {
  if (detail.target?.id === "entries" && read() !== lastRead && !document.hidden) htmx.trigger("#seen-mark", "read");
  lastRead = read();
});
hear("htmx:afterSwap", ({ target, detail }) => {
  if (detail.target?.id !== "thread" && target.id !== "thread") return;
  show("thread");
  openThread();
});

hear("scroll", ({ target }) => {
  if (target !== scroller()) return;
  const { scrollTop, scrollHeight, clientHeight } = target;
  if (scrollTop < Math.min(lastTop, clientHeight)) one("#earlier a:not(.htmx-request)")?.click();
  lastTop = scrollTop;
  one("[data-action=latest]", target).hidden = scrollHeight - scrollTop - clientHeight < clientHeight;
}, { capture: true, passive: true });
on("click", "[data-action=latest]", () => {
  scroller().scrollTo(0, scroller().scrollHeight);
  htmx.trigger("#entries", "live");
});

// What is not here has moved, or stands further up.
const [, entry] = location.hash.match(/^#entry-(\d+)$/) ?? [];
if (entry && !one(location.hash) && !location.search.includes("entry=")) {
  location.replace(`/w/${workspace}/entries/${entry}/`);
}

addEventListener("popstate", () => location.reload());
openThread();
