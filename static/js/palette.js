// One box that searches and does what the page can do. Its commands are the page's own, all that has a key or leads
// somewhere, so that each is there once, with its key, and none goes stale.
import { keysOf, make, nameOf, press } from "./keyboard.js";

const COMMANDS = "[data-key], [data-go], [data-action=theme], [data-action=keys], .nav-link, #profile .menu-item, " +
  "[id^=more-] button.menu-item, .page-actions .button, .pane-head a[title]";
const palette = document.getElementById("palette");
const box = palette.querySelector("input");
const [list, here, recent, found] = ["list", "commands", "recent", "found"]
  .map((id) => document.getElementById(`palette-${id}`));
const page = document.querySelector("[data-action=palette]"); // that of search
const store = `recent:${document.body.dataset.workspace}`;
const asked = () => JSON.parse(localStorage.getItem(store) ?? "[]");
const options = () =>
  [...list.querySelectorAll(":not([data-stale]) > [role=option]")].filter((line) => line.checkVisibility());

function commands() {
  const named = new Map();
  for (const node of document.querySelectorAll(COMMANDS)) {
    const { key, action } = node.dataset;
    const isOff = key ? key === "escape" || !node.checkVisibility() : action === "palette";
    if (!isOff && !named.has(nameOf(node))) named.set(nameOf(node), node);
  }
  return [...named].sort(([, one], [, other]) => ("key" in other.dataset) - ("key" in one.dataset));
}

const line = (id, name, icon, run, keys = []) => {
  const made = make("div", { id, run, className: "palette-item", role: "option" });
  made.append(icon?.cloneNode(true) ?? "", make("span", { textContent: name }), ...keys);
  return made;
};

function draw() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const fit = commands().filter(([name, { dataset }]) => words.length
    ? words.every((word) => name.toLowerCase().includes(word)) : dataset.key ?? dataset.go ?? dataset.action);
  here.replaceChildren(...fit.slice(0, words.length ? 8 : 50).map(([name, node], at) =>
    line(`command-${at}`, name, node.querySelector("svg"), () => press(node), keysOf(node))));
  recent.replaceChildren(...(words.length ? [] : asked()).map((question, at) =>
    line(`recent-${at}`, question, palette.querySelector("svg"), () => open(question))));
  for (const group of list.children) group.hidden = !group.querySelector("[role=option]");
}

function choose(at) {
  const all = options();
  all.forEach((each, place) => { each.ariaSelected = place === at; });
  box.setAttribute("aria-activedescendant", all[at]?.id ?? "");
  all[at]?.scrollIntoView({ block: "nearest" });
}

function run(chosen) {
  palette.close();
  if (chosen.run) return chosen.run();
  localStorage.setItem(store, JSON.stringify([...new Set([box.value.trim(), ...asked()])].slice(0, 5)));
  location.assign(chosen.href);
}

function open(question = box.value) {
  palette.showModal();
  box.value = question;
  box.select();
  box.dispatchEvent(new Event("input", { bubbles: true }));
  htmx.trigger("#palette-pages", "needed");
}

// What earlier words found stays to be seen until the answer is there, but is not what these words mean.
box.addEventListener("input", () => {
  found.dataset.stale = "";
  draw();
  choose(0);
});
box.addEventListener("keydown", (event) => {
  const all = options();
  const at = all.findIndex((each) => each.ariaSelected === "true");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) choose((at + by + all.length) % all.length);
  else if (event.key === "Enter") run(all[at] ?? { href: `${page.href}?q=${encodeURIComponent(box.value)}` });
  else return;
  event.preventDefault();
});
palette.addEventListener("htmx:afterSwap", ({ target }) => {
  const chosen = box.getAttribute("aria-activedescendant");
  if (target === found) delete found.dataset.stale;
  draw();
  choose(Math.max(options().findIndex(({ id }) => id === chosen), 0));
});
for (const name of ["keydown", "click"]) {
  document.addEventListener(name, (event) => {
    const { target, key, altKey, shiftKey } = event;
    const withControl = event.ctrlKey || event.metaKey;
    const isAsked = key ? key.toLowerCase() === "k" && withControl && !altKey && !shiftKey
      : target.closest("[data-action=palette]") && !withControl;
    const chosen = name === "click" && target.closest("#palette [role=option]");
    if (isAsked || chosen) event.preventDefault();
    if (chosen) run(chosen);
    else if (palette.open && (isAsked || (name === "click" && target === palette))) palette.close();
    else if (isAsked) open();
  });
}
