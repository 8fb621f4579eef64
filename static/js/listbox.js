// A list beside what is written: what stands before the caret opens and narrows it, arrows move, enter or tab takes,
// esc closes. The field keeps the focus and names the option that would be taken.
import { before, fieldOf, formOf } from "./field.js";

const MOST = 8;
const kinds = [];
let open; // { kind, form, menu }

const optionsOf = (menu) => [...menu.querySelectorAll("[role=option]")];
const typedIn = (kind, form) => kind.typed.exec(before(form));

function select(option) {
  for (const other of optionsOf(open.menu)) other.ariaSelected = String(other === option);
  option.scrollIntoView({ block: "nearest" });
  fieldOf(open.form).setAttribute("aria-controls", open.menu.id);
  fieldOf(open.form).setAttribute("aria-activedescendant", option.id);
}

function hide() {
  if (!open) return;
  open.menu.hidden = true;
  fieldOf(open.form).removeAttribute("aria-activedescendant");
  open = undefined;
}

// A kind says where its list is (`menuOf` a form), what opens it (`typed`, whose first group narrows), how well an
// option fits (`fit`, 0 for not at all), and what happens when it is taken (`take`).
export const suggest = (kind) => kinds.push(kind);

function fill(menu, then) {
  if (menu.isAsked) return;
  menu.isAsked = true;
  const settle = () => {
    menu.isAsked = false;
    if (menu.children.length) then();
  };
  htmx.ajax("GET", menu.dataset.from, { source: menu, target: menu }).then(settle, settle);
}

// Shows what fits, the best first; all without `words`. A list is fetched when it is first wanted.
export function show(kind, form, words) {
  const menu = kind.menuOf(form);
  if (!menu.children.length) {
    fill(menu, () => (words === undefined ? show(kind, form) : look(form)));
    return;
  }
  const options = optionsOf(menu);
  for (const option of options) option.fit = kind.fit(option.dataset, words?.toLowerCase() ?? "");
  options.sort((one, other) => other.fit - one.fit).forEach((option, at) => {
    option.hidden = !option.fit || at >= MOST;
    option.parentNode.append(option);
  });
  menu.hidden = words !== undefined && !options[0]?.fit;
  if (menu.hidden) return;
  open = { kind, form, menu };
  if (options[0]) select(options[0]);
}

function look(form) {
  hide();
  const kind = kinds.find((each) => each.menuOf(form) && typedIn(each, form));
  if (kind) show(kind, form, typedIn(kind, form)[1]);
}

function take(option) {
  const { kind, form } = open;
  hide();
  kind.take(form, option.dataset, () => typedIn(kind, form)?.[0].trimStart().length);
}

document.addEventListener("input", ({ target }) => {
  const form = formOf(target);
  if (form && target === fieldOf(form)) look(form);
});
document.addEventListener("keydown", (event) => {
  if (!open || event.target !== fieldOf(open.form)) return;
  const found = optionsOf(open.menu).filter((option) => !option.hidden);
  const at = found.findIndex((option) => option.ariaSelected === "true");
  if (event.key === "Escape") hide();
  else if (at < 0 || event.ctrlKey || event.metaKey) return;
  else if (event.key === "ArrowDown") select(found[(at + 1) % found.length]);
  else if (event.key === "ArrowUp") select(found.at(at - 1));
  else if (event.key === "Enter" || event.key === "Tab") take(found[at]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener("mousedown", (event) => {
  if (!open?.menu.contains(event.target)) return hide();
  const option = event.target.closest("[role=option]");
  if (!option) return;
  event.preventDefault();
  take(option);
});
