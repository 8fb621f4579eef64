// How fragments come in: what a person opened stays open, what they look at stays where it is,
// and an answer that asks for correction (409, 422) is shown like any other.
// The `morph` swap of htmx. (The extension that idiomorph brings takes every out-of-band swap for a whole element,
// and needs eval.)
htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap(style, target, fragment) {
    if (!style.startsWith("morph")) return false;
    const morphStyle = style === "morph:innerHTML" ? "innerHTML" : "outerHTML";
    return Idiomorph.morph(target, fragment.children, { morphStyle });
  },
});

const KEPT = { details: ["open"], iframe: ["height"], a: ["aria-current"], p: ["hidden"] };
const NEAR = 80; // px from the end of a thread that count as being at its end

// What is being changed in its place stays until it is saved or, by esc, discarded.
const isEdited = (node) => node.querySelector?.(":scope > .line-form");
document.addEventListener("keydown", (event) => {
  const discard = event.key === "Escape" && event.target.closest?.(".line-form")?.querySelector("[data-cancel]");
  if (!discard) return;
  event.stopPropagation();
  event.preventDefault();
  discard.click();
}, true);
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !KEPT[node.localName]?.includes(name);
// What fetches itself stays as it is within what is fetched around it.
Idiomorph.defaults.callbacks.beforeNodeMorphed = (node) => !isEdited(node) && !node.matches?.("[data-own]");

// Pages of a thread that are out of sight are passed over whole: to ask for one of their rows would lay them out.
function firstInView(scroller) {
  const top = scroller.getBoundingClientRect().top;
  const below = (nodes) => [...nodes].find((node) => node.getBoundingClientRect().bottom > top);
  const page = below(scroller.querySelectorAll(".thread-page, #entries")) ?? scroller;
  return below(page.querySelectorAll("[data-row]"));
}

// Returns what puts the reader back to where they were once the fragment has changed.
function hold(scroller) {
  const { scrollTop, scrollHeight, clientHeight } = scroller;
  if ("stick" in scroller.dataset && scrollHeight - scrollTop - clientHeight < NEAR) {
    return () => scroller.scrollTo({ top: scroller.scrollHeight });
  }
  const row = scroller.querySelector("[data-row]:hover") ||
    (scrollTop > 0 || "stick" in scroller.dataset ? firstInView(scroller) : null);
  if (!row) return () => {};
  const before = row.getBoundingClientRect().top;
  return () => {
    const after = row.isConnected ? row : document.getElementById(row.id);
    if (after) scroller.scrollTop += after.getBoundingClientRect().top - before;
  };
}

let putBack = [];
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if ([409, 422].includes(detail.xhr.status)) Object.assign(detail, { shouldSwap: true, isError: false });
  putBack = [...document.querySelectorAll(".pane-body, main[data-scroll]")]
    .filter((scroller) => scroller.contains(detail.target))
    .map(hold);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const back of putBack.splice(0)) back();
});

// What takes long says so, and keeps what is there: quieter after a moment, with a bar after a while.
const SOON = 200; // ms
const LONG = 2_000;
const bar = document.getElementById("slow");
const slow = new Map(); // requests that a person waits for, with their timers

document.addEventListener("htmx:beforeRequest", ({ detail: { elt, target, xhr } }) => {
  if (elt.matches("[data-live], [data-quiet]")) return;
  slow.set(xhr, [
    setTimeout(() => { target.ariaBusy = "true"; }, SOON),
    setTimeout(() => { bar.hidden = false; }, LONG),
    target,
  ]);
});
document.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  const [soon, long, target] = slow.get(xhr) ?? [];
  clearTimeout(soon);
  clearTimeout(long);
  target?.removeAttribute("aria-busy");
  slow.delete(xhr);
  if (!slow.size) bar.hidden = true;
});
