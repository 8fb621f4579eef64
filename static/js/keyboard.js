// Single keys. The page says what a key does: data-key on what it presses or focuses, data-go after G,
// data-step on the rows that J and K walk. Single keys rest while a field has the focus.
const SEQUENCE = 1_500;
let going = 0;

const isMac = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform);
const isField = (node) => node.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const visible = (selector) => [...document.querySelectorAll(selector)].find((node) => node.checkVisibility());

function press(node) {
  if (!node) return false;
  if (isField(node)) node.focus();
  else node.click();
  return true;
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-step]")].filter((row) => row.checkVisibility());
  const at = rows.indexOf(document.activeElement);
  const from = at >= 0 ? at : rows.findIndex((row) => row.ariaCurrent);
  const row = rows[from < 0 ? 0 : Math.min(Math.max(from + by, 0), rows.length - 1)];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
  return Boolean(row);
}

function showKeys() {
  const sheet = document.getElementById("keys");
  if (sheet.open) sheet.close();
  else sheet.showModal();
  return true;
}

function undo() {
  return press([...document.querySelectorAll(".toast [type=submit]")].at(-1));
}

function act(event) {
  const key = event.key.toLowerCase();
  if (going && Date.now() - going < SEQUENCE) {
    going = 0;
    return press(document.querySelector(`[data-go="${CSS.escape(key)}"]`));
  }
  if (key === "g") going = Date.now();
  else if (key === "j") return step(1);
  else if (key === "k") return step(-1);
  else if (key === "z") return undo();
  else if (key === "?") return showKeys();
  else return press(visible(`[data-key="${CSS.escape(event.shiftKey && key.length === 1 ? `⇧${key}` : key)}"]`));
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && isField(event.target)) return event.target.blur();
  if (isField(event.target) || (document.querySelector("dialog[open]") && event.key !== "?")) return;
  if (document.querySelector(":popover-open") && event.key === "Escape") return;
  if (act(event)) event.preventDefault();
});
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-action='keys']")) showKeys();
});
if (isMac) for (const key of document.querySelectorAll("[data-mod]")) key.textContent = "⌘";
