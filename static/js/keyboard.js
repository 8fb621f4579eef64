// Keys. The page says what a key does: data-key on what it presses or focuses, data-go after G, data-step on the rows
// that J and K walk. Single keys rest while a field has the focus, and where the member turned them off. F6 goes from
// pane to pane. The focus is never lost: when what has it is swapped away, its neighbour takes it.
const SEQUENCE = 1_500;
const PANES = ".rail, .sidebar, .pane, main:not(.desk)";
const CAN_FOCUS = "a[href], button:not(:disabled), input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
let going = 0;
let held;

const isMac = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform);
const isField = (node) =>
  node.isContentEditable || node.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");
const isVisible = (node) => node.checkVisibility();
const visible = (selector) => [...document.querySelectorAll(selector)].find(isVisible);
const steps = () => [...document.querySelectorAll("[data-step]")].filter(isVisible);

export const make = (name, facts) => Object.assign(document.createElement(name), facts);

export function press(node) {
  if (!node) return false;
  if (isField(node) || node.matches("[role=region]")) node.focus();
  else node.click();
  return true;
}

// What people call it, and the keys that do it.
const ownText = (node) => [...node.childNodes].map((each) => (each.nodeType === 3 ? each.data : "")).join(" ").trim();
export const nameOf = (node) => (node.title.replace(/, \S{1,2}$/, "") || node.ariaLabel || ownText(node) ||
  (node.querySelector(".truncate") ?? node).textContent).trim();
export const keysOf = ({ dataset: { key, go } }) =>
  (go ? ["g", go] : key?.match(/./gu) ?? []).map((one) => make("kbd", { textContent: one.toUpperCase() }));

function step(by) {
  const rows = steps();
  const at = rows.indexOf(document.activeElement);
  const from = at >= 0 ? at : rows.findIndex((row) => row.ariaCurrent);
  const row = rows[from < 0 ? 0 : Math.min(Math.max(from + by, 0), rows.length - 1)];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
  return Boolean(row);
}

function walk(by) {
  const panes = [...document.querySelectorAll(PANES)].filter(isVisible);
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const pane = panes[(at + by + panes.length) % panes.length];
  (pane?.querySelector("[aria-current]:not([aria-current=false])") ?? pane?.querySelector(CAN_FOCUS) ?? pane)?.focus();
  return Boolean(pane);
}

// The sheet knows the usual keys; what else this page has is added to it.
function showKeys() {
  const sheet = document.getElementById("keys");
  const list = sheet.querySelector(".keys");
  for (const row of list.querySelectorAll("[data-here]")) row.remove();
  const known = [...list.querySelectorAll("dd")].map(({ textContent }) => textContent);
  for (const node of [...document.querySelectorAll("[data-key]:not([data-key=escape])")].filter(isVisible)) {
    const keys = make("dd");
    keys.append(...keysOf(node));
    if (known.includes(keys.textContent)) continue;
    known.push(keys.textContent);
    const row = make("div");
    row.dataset.here = "";
    row.append(make("dt", { textContent: nameOf(node) }), keys);
    list.append(row);
  }
  if (sheet.open) sheet.close();
  else sheet.showModal();
  return true;
}

function undo() {
  const ways = ".toast [type=submit], #bulk-progress form [type=submit]:not([formaction])";
  return press([...document.querySelectorAll(ways)].at(-1));
}

function go(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
}

function act(event) {
  const key = event.key.toLowerCase();
  if (going && Date.now() - going < SEQUENCE) {
    going = 0;
    return go(key);
  }
  if (key === "g") going = Date.now();
  else if (key === "j") return step(1);
  else if (key === "k") return step(-1);
  else if (key === "z") return undo();
  else if (key === "?") return showKeys();
  else {
    const name = CSS.escape(event.shiftKey && /^[a-z]$/.test(key) ? `⇧${key}` : key);
    return press(visible(`[data-key="${name}"]`) ?? (key === "/" && document.querySelector("[data-action=palette]")));
  }
  return false;
}

// Where the focus is, in case that is swapped away, or cannot have it while it is sent. What could have it and has not
// was left.
function note() {
  const node = document.activeElement;
  if (node === document.body) {
    if (held?.node.isConnected && !held.node.disabled) held = null;
    return;
  }
  const within = [];
  for (let parent = node.parentElement; parent; parent = parent.parentElement) within.push(parent);
  held = { node, within, key: node.dataset.key, row: steps().indexOf(node.closest("[data-step]")) };
}

function takeUp() {
  if (!held || held.node.isConnected || document.activeElement !== document.body) return;
  const { node, within, key, row } = held;
  const near = within.find((parent) => parent.isConnected && parent.querySelector(CAN_FOCUS));
  const found = (node.id && document.getElementById(node.id)) || (key && visible(`[data-key="${CSS.escape(key)}"]`)) ||
    (row >= 0 && (steps()[row] ?? steps().at(-1))) || [...near.querySelectorAll(CAN_FOCUS)].find(isVisible);
  (found || document.getElementById("main"))?.focus({ preventScroll: true });
  held = null;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "F6") return walk(event.shiftKey ? -1 : 1) && event.preventDefault();
  if (event.key === "Escape" && isField(event.target)) return event.target.blur();
  if (isField(event.target) || (document.querySelector("dialog[open]") && event.key !== "?")) return;
  if (document.querySelector(":popover-open") && event.key === "Escape") return;
  if (event.key.length === 1 && document.body.dataset.shortcuts === "off") return;
  if (act(event)) event.preventDefault();
});
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-action='keys']")) showKeys();
});
for (const event of ["htmx:beforeRequest", "htmx:beforeSwap"]) document.addEventListener(event, note);
document.addEventListener("htmx:afterSettle", takeUp);
if (isMac) for (const key of document.querySelectorAll("[data-mod]")) key.textContent = "⌘";
