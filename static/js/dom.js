// What the other scripts share. Listeners stand on the document, so that they hear what is swapped in.
export const one = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];
export const isSeen = (node) => node.checkVisibility({ visibilityProperty: true });
export const seen = (selector, within) => all(selector, within).filter(isSeen);

export function make(name, facts, ...content) {
  const node = Object.assign(document.createElement(name), facts);
  node.append(...content);
  return node;
}

export function hear(names, heed, options) {
  for (const name of names.split(" ")) document.addEventListener(name, heed, options);
}

export function on(names, selector, heed, options) {
  hear(names, (event) => {
    const node = event.target.closest?.(selector);
    if (node) heed(node, event);
  }, options);
}

export const withControl = (event) => event.ctrlKey || event.metaKey;

export function onLink(selector, heed) {
  on("click", selector, (link, event) => {
    if (withControl(event) || event.shiftKey) return;
    event.preventDefault();
    heed(link);
  });
}

export function claim(event) {
  event.preventDefault();
  event.stopPropagation();
}

export function say(node, words) {
  node.textContent = words;
  node.hidden = !words;
}

export const { workspace, member } = document.body.dataset;
export const own = (name) => `${name}:${workspace}:${member}`;
export const topOf = (node) => node.getBoundingClientRect().top;

const { lang } = document.documentElement;
export const filled = (words, values) =>
  words.replace(/\{(\w+)\}/g, (_, name) => values[name]?.toLocaleString(lang) ?? "");

export const around = (list, at, by) => list[(at + by + list.length) % list.length];
export const arrow = ({ key }) => ({ ArrowDown: 1, ArrowUp: -1 })[key];

// The field keeps the focus, and names the option that would be taken.
export function mark(field, options, marked) {
  for (const option of options) option.ariaSelected = option === marked;
  field.setAttribute("aria-activedescendant", marked?.id ?? "");
  marked?.scrollIntoView({ block: "nearest" });
}

export function choose(event, options, take, keys = ["Enter"]) {
  const at = options.findIndex((option) => option.ariaSelected === "true");
  const by = arrow(event);
  if (by) mark(event.target, options, around(options, at, by));
  else if (keys.includes(event.key)) take(options[at]);
  else return;
  claim(event);
}

export const signed = (facts) =>
  new URLSearchParams({ csrfmiddlewaretoken: one("[name=csrfmiddlewaretoken]").value, ...facts });

export const lately = (key) => JSON.parse(localStorage[key] ?? "[]");
export function used(key, value, most) {
  localStorage[key] = JSON.stringify([...new Set([value, ...lately(key)])].slice(0, most));
}
