// Searches, and does whatever on the page has a key or leads somewhere.
import { all, choose, hear, lately, make, mark, on, one, onLink, own, seen, used, withControl } from "./dom.js";
import { keysOf, nameOf, press } from "./keyboard.js";

const COMMANDS = "[data-go], [data-action=theme], [data-action=keys], .nav-link, #profile .menu-item, " +
  "[id^=more-] .menu-item, .page-actions .button, .pane-head a[title]";
const palette = one("#palette");
const box = one("input", palette);
const found = one("#palette-found");
const store = own("recent");
const options = () => seen(":not([data-stale]) > [role=option]", palette);

function commands() {
  const named = new Map();
  for (const node of [...all("[data-key]"), ...all(COMMANDS)]) {
    const { key, action } = node.dataset;
    const isOff = key ? key === "escape" || !node.checkVisibility() : action === "palette";
    if (!isOff && !named.has(nameOf(node))) named.set(nameOf(node), node);
  }
  return [...named];
}

function fill(id, lines) {
  one(`#palette-${id}`).replaceChildren(...lines.map(({ name, run, icon, keys = [] }, at) =>
    make("div", { id: `${id}-${at}`, run, className: "palette-item", role: "option" },
      icon?.cloneNode(true) ?? "", make("span", { textContent: name }), ...keys)));
}

function draw() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ([name, { dataset }]) => (words.length
    ? words.every((word) => name.toLowerCase().includes(word)) : dataset.key ?? dataset.go ?? dataset.action);
  fill("commands", commands().filter(fits).slice(0, words.length ? 8 : 50).map(([name, node]) =>
    ({ name, run: () => press(node), icon: one("svg", node), keys: keysOf(node) })));
  fill("recent", (words.length ? [] : lately(store)).map((name) =>
    ({ name, run: () => open(name), icon: one("svg", palette) })));
  for (const group of all("[role=group]", palette)) group.hidden = !one("[role=option]", group);
}

function take(option) {
  palette.close();
  if (option?.run) return option.run();
  used(store, box.value.trim(), 5);
  location.assign(option?.href ?? `${one("[data-action=palette]").href}?q=${encodeURIComponent(box.value)}`);
}

function open(question = box.value) {
  palette.showModal();
  box.value = question;
  box.select();
  box.dispatchEvent(new Event("input", { bubbles: true }));
  htmx.trigger("#palette-pages", "needed");
}

const toggle = () => (palette.open ? palette.close() : open());

// What earlier words found stays, but is not what these mean.
on("input", "#palette-q", () => {
  found.dataset.stale = "";
  draw();
  mark(box, options(), options()[0]);
});
on("keydown", "#palette-q", (_, event) => choose(event, options(), take));
on("htmx:afterSwap", "#palette", (_, { target }) => {
  const marked = box.getAttribute("aria-activedescendant");
  if (target === found) delete found.dataset.stale;
  draw();
  mark(box, options(), options().find(({ id }) => id === marked) ?? options()[0]);
});
hear("keydown", (event) => {
  if (event.key?.toLowerCase() !== "k" || !withControl(event) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  toggle();
});
onLink("[data-action=palette]", toggle);
on("click", "#palette [role=option]", (option, event) => {
  event.preventDefault();
  take(option);
});
