// One box that searches and does what the page can do. Its commands are the page's own, all that has a key or is a link
// of rail and sidebar, so that each is there once, with its key, and none goes stale.
import { keysOf, make, nameOf, press } from "./keyboard.js";

const COMMANDS = "[data-key], [data-go], [data-action=theme], [data-action=keys], .nav-link, #profile .menu-item, " +
  "[id^=more-] button.menu-item, .page-actions .button, .pane-head a[title]";
const palette = document.getElementById("palette");
const box = palette.querySelector("input");
const [list, here, recent] = ["list", "commands", "recent"].map((id) => document.getElementById(`palette-${id}`));
const store = `recent:${document.body.dataset.workspace}`;
const asked = () => JSON.parse(localStorage.getItem(store) ?? "[]");
const options = () => [...list.querySelectorAll("[role=option]")].filter((line) => line.checkVisibility());

function commands() {
  const found = new Map();
  for (const node of document.querySelectorAll(COMMANDS)) {
    const { key, action } = node.dataset;
    const name = nameOf(node);
    const isOff = key ? key === "escape" || !node.checkVisibility() : action === "palette";
    if (name && !isOff && !found.has(name)) found.set(name, node);
  }
  return [...found].sort(([, one], [, other]) => Boolean(other.dataset.key) - Boolean(one.dataset.key));
}

function line(id, name, icon, run, keys = []) {
  const kbds = keys.map((textContent) => make("kbd", { textContent }));
  const made = make("div", { id, run, className: "palette-item", role: "option" });
  made.append(icon?.cloneNode(true) ?? "", make("span", { textContent: name }), ...kbds);
  return made;
}

function draw() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const fit = commands().filter(([name]) => words.every((word) => name.toLowerCase().includes(word)));
  const some = words.length ? fit.slice(0, 8) : fit.filter(([, { dataset }]) => dataset.key ?? dataset.go ?? dataset.action);
  here.replaceChildren(...some.map(([name, node], at) =>
    line(`command-${at}`, name, node.querySelector("svg"), () => press(node), keysOf(node))));
  recent.replaceChildren(...(words.length ? [] : asked()).map((question, at) =>
    line(`recent-${at}`, question, palette.querySelector("svg"), () => ask(question))));
  for (const group of list.children) group.hidden = !group.querySelector("[role=option]");
  choose(0);
}

function choose(at) {
  const all = options();
  all.forEach((each, place) => { each.ariaSelected = place === at; });
  box.setAttribute("aria-activedescendant", all[at]?.id ?? "");
  all[at]?.scrollIntoView({ block: "nearest" });
}

function ask(question) {
  open();
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function run(chosen) {
  palette.close();
  if (chosen.run) return chosen.run();
  localStorage.setItem(store, JSON.stringify([...new Set([box.value.trim(), ...asked()])].slice(0, 5)));
  location.assign(chosen.href);
}

function open() {
  palette.showModal();
  box.select();
  draw();
  htmx.trigger("#palette-pages", "needed");
}

box.addEventListener("input", draw);
box.addEventListener("keydown", (event) => {
  const all = options();
  const at = all.findIndex((each) => each.ariaSelected === "true");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) choose((at + by + all.length) % all.length);
  else if (event.key === "Enter") all[at] && run(all[at]);
  else return;
  event.preventDefault();
});
palette.addEventListener("htmx:afterSwap", draw);
palette.addEventListener("click", (event) => {
  const chosen = event.target.closest("[role=option]");
  if (event.target === palette) palette.close();
  if (chosen) run(chosen, event.preventDefault());
});
function ring(event) {
  event.preventDefault();
  if (palette.open) palette.close();
  else open();
}
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) ring(event);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-action=palette]") && !event.ctrlKey && !event.metaKey) ring(event);
});
