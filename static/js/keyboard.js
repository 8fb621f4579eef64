// data-key presses or focuses, data-go goes after G, J and K walk over data-step. The focus is never lost.
import { all, around, hear, isSeen, make, on, one, seen, withControl } from "./dom.js";

const SEQUENCE = 1_500;
const CAN_FOCUS = "a[href], button:not(:disabled), input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
let going = 0;
let held;
let ahead = ""; // keys that are meant for the conversation that is on its way

const isField = (node) =>
  node.isContentEditable || node.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");
const isThere = (node) => node.isConnected && isSeen(node);
const steps = () => seen("[data-step]");
const ofKey = (key) => seen(`[data-key="${CSS.escape(key)}"]`)[0];

export function press(node) {
  if (node && (isField(node) || node.matches("[role=region]"))) node.focus();
  else node?.click();
  if (node?.isContentEditable) getSelection().modify("move", "forward", "documentboundary");
  else if (node?.selectionStart === 0) node.selectionStart = node.value.length;
  return node;
}

const ownText = (node) => [...node.childNodes].map(({ data = "" }) => data).join(" ").trim();
export const nameOf = (node) => (node.title.replace(/, \S{1,2}$/, "") || node.ariaLabel || ownText(node) ||
  (one(".truncate", node) ?? node).textContent).trim();
export const keysOf = ({ dataset: { key = "", go: aim } }) =>
  [...(aim ? `g${aim}` : key)].map((each) => make("kbd", { textContent: each.toUpperCase() }));

function step(by) {
  const rows = steps();
  const from = rows.find((row) => row === document.activeElement) ?? rows.find((row) => row.ariaCurrent);
  const row = rows[from ? rows.indexOf(from) + by : 0] ?? from;
  row?.focus();
  return row;
}

function walk(by) {
  const panes = seen(".rail, .sidebar, .pane, main:not(.desk)");
  const pane = around(panes, panes.findIndex((each) => each.contains(document.activeElement)), by);
  const ways = ["[aria-current]:not([aria-current=false])", ".pane-body[tabindex]", CAN_FOCUS];
  (ways.flatMap((way) => seen(way, pane))[0] ?? pane).focus();
  return pane;
}

function toggle(dialog) {
  if (dialog.open) dialog.close();
  else dialog.showModal();
  return dialog;
}

function act({ key, shiftKey }) {
  const name = key.toLowerCase();
  if (going && Date.now() - going < SEQUENCE) {
    going = 0;
    const link = one(`[data-go="${CSS.escape(name)}"]`);
    if (link) location.assign(link.href);
    return link;
  }
  switch (name) {
    case "g": going = Date.now(); return false;
    case "j": return step(1);
    case "k": return step(-1);
    case "z": return press(all(".toast [type=submit], #bulk-progress [type=submit]:not([formaction])").at(-1));
    case "?": return toggle(one("#keys"));
    case "/": return press(ofKey(name) ?? one("[data-action=palette]"));
    default: return press(ofKey(shiftKey && /^[a-z]$/.test(name) ? `⇧${name}` : name));
  }
}

// In case what has the focus is swapped away or disabled. What could have it and has not was left.
function note() {
  const node = document.activeElement;
  if (node !== document.body) {
    const place = new Range(); // stays in what is left around
    place.selectNode(node);
    held = { node, place, row: steps().indexOf(node.closest("[data-step]")) };
  } else if (held && isThere(held.node) && !held.node.disabled) held = null;
}

function takeUp() {
  if (!held || isThere(held.node) || ![document.body, held.node].includes(document.activeElement)) return;
  const { node: { dataset: { key } }, place, row } = held;
  const near = place.startContainer.closest(`:has(${CAN_FOCUS})`);
  const found = (key && ofKey(key)) || (row >= 0 && (steps()[row] ?? steps().at(-1))) || seen(CAN_FOCUS, near)[0];
  (found ?? one("#main")).focus({ preventScroll: true });
  held = null;
}

hear("keydown", (event) => {
  const { key, target, shiftKey } = event;
  if (event.isComposing || withControl(event) || event.altKey || event.defaultPrevented) return;
  if (key === "F6") return walk(shiftKey ? -1 : 1) && event.preventDefault();
  if (key === "ArrowDown" && target.type === "search") return step(1) && event.preventDefault();
  if (isField(target) && key === "Escape") {
    target.blur();
    one(".pane-body", target.closest(".pane") ?? document)?.focus();
  }
  if (isField(target)) return;
  if ((one("dialog[open]") && key !== "?") || (one(":popover-open") && key === "Escape")) return;
  const isLetter = key.length === 1;
  if (isLetter && (document.body.dataset.shortcuts === "off" || target.closest("details.picker[open]"))) return;
  if (isLetter && !/[gjk]/.test(key) && one(".convo-link.htmx-request")) ahead += key;
  else if (!act(event)) return;
  event.preventDefault();
});
hear("htmx:afterSettle", ({ detail }) => {
  if (!ahead || detail.target?.id !== "thread") return;
  const [key, ...typed] = ahead;
  ahead = "";
  act({ key, shiftKey: key !== key.toLowerCase() });
  if (isField(document.activeElement)) document.execCommand("insertText", false, typed.join(""));
});
on("click", "[data-action=keys]", () => toggle(one("#keys")));
hear("htmx:beforeRequest htmx:beforeSwap", note);
hear("htmx:afterSettle", takeUp);
if (/^(mac|ip)/i.test(navigator.platform)) for (const key of all("[data-mod]")) key.textContent = "⌘";
