// Lists that what is written opens and narrows.
import { all, choose, claim, hear, mark, on, one, onLink, signed, withControl } from "./dom.js";
import { areaOf, before, fieldOf, formOf, insert } from "./field.js";

const MOST = 8;
let open;

const mentions = {
  typed: /(?:^|\s)@([\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]*)?)$/u,
  list: "#mention-list",
  fit: ({ name }, words) => Number(` ${name.toLowerCase()}`.includes(` ${words}`)),
  take: (form, { name }, over) => insert(form, { text: `@${name} `, over: over() }),
};

const canned = {
  typed: /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u,
  list: "[id^=canned-][hx-get]",
  // `find`: lines of the shortcut, the name and the text
  fit({ find }, words) {
    const at = `\n${find}`.indexOf(`\n${words}`);
    return at ? Number(find.includes(words)) + (at > 0) : 3;
  },
  async take(form, { at }, over) {
    const asked = { method: "POST", body: signed(), headers: { "HX-Request": "true" } };
    const answer = await fetch(at, asked).catch(() => ({}));
    if (answer.ok) put(form, await answer.json(), over());
  },
};

function put(form, { text, html, missing }, over) {
  insert(form, { text, html, over });
  const [hint, area] = [one("[data-missing]", form), areaOf(form)];
  hint.hidden = !missing.length;
  hint.lastElementChild.textContent = missing.join(", ");
  const at = area.value.indexOf("{{", area.selectionEnd - text.length);
  if (missing.length && !area.hidden) area.setSelectionRange(at, area.value.indexOf("}}", at) + 2);
}

const optionsOf = (menu) => all("[role=option]", menu);
const typedIn = (kind, form) => kind.typed.exec(before(form));

function hide() {
  if (!open) return;
  open.menu.hidden = true;
  fieldOf(open.form).removeAttribute("aria-activedescendant");
  open = null;
}

// The best first; all without `words`.
function show(kind, form, words) {
  const menu = one(kind.list, form);
  if (!menu.children.length) return htmx.trigger(menu, "needed");
  const options = optionsOf(menu);
  for (const option of options) option.fit = kind.fit(option.dataset, words?.toLowerCase() ?? "");
  options.sort((left, right) => right.fit - left.fit).forEach((option, at) => {
    option.hidden = !option.fit || at >= MOST;
    option.parentNode.append(option);
  });
  menu.hidden = words !== undefined && !options[0]?.fit;
  if (menu.hidden) return;
  open = { kind, form, menu };
  fieldOf(form).setAttribute("aria-controls", menu.id);
  if (options[0]) mark(fieldOf(form), options, options[0]);
}

function look(form) {
  hide();
  const kind = [canned, mentions].find((each) => one(each.list, form) && typedIn(each, form));
  if (kind) show(kind, form, typedIn(kind, form)[1]);
  return kind;
}

function take(option) {
  const { kind, form } = open;
  hide();
  kind.take(form, option.dataset, () => typedIn(kind, form)?.[0].trimStart().length);
}

on("input", "[data-draft]", (form, { target }) => target === fieldOf(form) && look(form));
hear("htmx:afterSwap", ({ target }) => {
  if (target.matches(canned.list) && !look(formOf(target))) show(canned, formOf(target));
});
hear("keydown", (event) => {
  if (!open || event.target !== fieldOf(open.form)) return;
  const options = optionsOf(open.menu).filter((option) => !option.hidden);
  if (event.key === "Escape") {
    hide();
    claim(event);
  } else if (options.length && !withControl(event)) choose(event, options, take, ["Enter", "Tab"]);
}, true);
hear("mousedown", (event) => {
  if (!open?.menu.contains(event.target)) return hide();
  const option = event.target.closest("[role=option]");
  if (!option) return;
  event.preventDefault();
  take(option);
});
onLink("[data-canned]", (button) => {
  fieldOf(formOf(button)).focus();
  show(canned, formOf(button));
});
