// What a person opened stays open, what they look at stays where it is, and refusals are shown.
import { all, claim, hear, on, one, topOf } from "./dom.js";

// Idiomorph's own extension needs eval, and takes every out-of-band swap for a whole element.
htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap(style, target, fragment) {
    const [name, morphStyle = "outerHTML"] = style.split(":");
    return name === "morph" && Idiomorph.morph(target, fragment.children, { morphStyle });
  },
});

const KEPT = { details: "open", iframe: "height", a: "aria-current" };
const NEAR = 80; // px

// What is being edited, or fetches itself, stays.
Object.assign(Idiomorph.defaults.callbacks, {
  beforeAttributeUpdated: (name, node) => name !== "aria-busy" && name !== KEPT[node.localName],
  beforeNodeMorphed: (node) => !node.matches?.("[data-own], :has(> .line-form)"),
});
on("keydown", ".line-form:has([data-cancel])", (form, event) => {
  if (event.key !== "Escape") return;
  claim(event);
  one("[data-cancel]", form).click();
}, true);

// A question to a row out of sight would lay its page out.
function firstInView(scroller) {
  const below = (nodes) => nodes.find((node) => node.getBoundingClientRect().bottom > topOf(scroller));
  return below(all("[data-row]", below(all(".thread-page, #entries", scroller)) ?? scroller));
}

function hold(scroller) {
  const { scrollTop, scrollHeight, clientHeight } = scroller;
  const sticks = "stick" in scroller.dataset;
  const isAtEnd = sticks && scrollHeight - scrollTop - clientHeight < NEAR;
  if (isAtEnd) return () => scroller.scrollTo(0, scroller.scrollHeight);
  const row = one("[data-row]:hover", scroller) ?? (scrollTop > 0 || sticks ? firstInView(scroller) : null);
  if (!row) return () => {};
  const before = topOf(row);
  return () => {
    const after = row.isConnected ? row : document.getElementById(row.id);
    if (after) scroller.scrollTop += topOf(after) - before;
  };
}

let putBack = [];
hear("htmx:beforeSwap", ({ detail }) => {
  if ([409, 422].includes(detail.xhr.status)) Object.assign(detail, { shouldSwap: true, isError: false });
  putBack = all(".pane-body, main[data-scroll]").filter((scroller) => scroller.contains(detail.target)).map(hold);
});
hear("htmx:afterSwap", () => putBack.splice(0).forEach((back) => back()));

// Seen after a moment, and with a bar after a while (states.css).
hear("htmx:beforeRequest htmx:afterRequest", ({ type, detail: { elt, requestConfig: { target } } }) => {
  if (!elt.matches("[data-live], [data-quiet]")) target.ariaBusy = type === "htmx:beforeRequest" ? "true" : null;
});
