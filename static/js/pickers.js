// Details that open a menu: arrows move, enter chooses (from the field, the first), esc closes.
import { all, around, arrow, claim, hear, on, one, seen } from "./dom.js";

const OPEN = "details.picker[open]";
const shown = (picker) => seen(".menu-item:not([aria-disabled])", picker);
const fieldOf = (item) => item?.control ?? item;

function close(picker, givesBack = true) {
  picker.open = false;
  if (givesBack) one("summary", picker).focus();
}

function narrow(picker, words) {
  for (const item of all(".menu-item:not([data-always])", picker)) {
    const name = one(":scope > span:not(.avatar, .channel, .muted, .sr-only)", item) ?? item;
    item.hidden = !name.textContent.toLowerCase().includes(words.trim().toLowerCase());
  }
}

function move(picker, by) {
  const items = shown(picker);
  const at = items.indexOf(document.activeElement.closest(".menu-item"));
  fieldOf(around(items, at, by))?.focus();
}

hear("toggle", ({ target: picker }) => {
  if (!picker.matches(OPEN)) return;
  htmx.trigger(picker, "opened");
  const field = one("input[type=search]", picker);
  if (field) field.value = "";
  narrow(picker, "");
  const checked = one(".menu-item input:checked", picker);
  (field ?? checked ?? fieldOf(shown(picker)[0]) ?? one(".menu .input", picker))?.focus();
}, true);
on("input", ".picker input[type=search]", (field) => narrow(field.closest(".picker"), field.value));
on("keydown", OPEN, (picker, event) => {
  const { key, target } = event;
  const by = arrow(event);
  if (key === "Escape") close(picker);
  else if (by) move(picker, by);
  else if (key === "Enter" && target.type === "search") shown(picker)[0]?.click();
  else if (key === "Enter" && target.type === "radio" && target.checked) close(picker);
  else if (key === "Enter" && target.type === "radio") target.click();
  else return;
  claim(event);
});
hear("click", ({ target }) => {
  if (target.matches(".palette, .viewer")) target.close();
  const isDone = target.closest(".picker [type=button], [name=send] [type=submit]");
  for (const picker of all(OPEN)) if (isDone || !picker.contains(target)) close(picker, false);
});
on("htmx:afterRequest", OPEN, (picker, { target, detail }) => {
  const goesOn = detail.requestConfig.verb === "get" && target.closest("[data-plan]");
  const { activeElement, body } = document;
  if (!goesOn && !("stays" in picker.dataset)) close(picker, activeElement === body || picker.contains(activeElement));
});
