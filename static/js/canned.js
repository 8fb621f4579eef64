// A / at the start of a word, or the button, lists the canned replies; the server fills the one taken for this
// conversation. What it does not know stays in the text in double braces and is told.
import { areaOf, fieldOf, formOf, insert } from "./field.js";
import { show, suggest } from "./listbox.js";

const hintOf = (form) => form.querySelector("[data-missing]");

const canned = {
  typed: /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u,
  menuOf: (form) => form.querySelector("[data-from]"),
  // `find` has a line for the shortcut, for the name, and for each of the text.
  fit({ find }, words) {
    const at = `\n${find}`.indexOf(`\n${words}`);
    return at ? Number(find.includes(words)) + (at > 0) : 3;
  },
  async take(form, { at }, over) {
    const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" };
    const answer = await fetch(at, { method: "POST", headers }).catch(() => ({}));
    if (answer.ok) put(form, await answer.json(), over());
  },
};
suggest(canned);

function put(form, { text, html, missing }, over) {
  insert(form, { text, html, over });
  hintOf(form).hidden = !missing.length;
  hintOf(form).lastElementChild.textContent = missing.join(", ");
  const area = areaOf(form);
  const at = area.value.indexOf("{{", area.selectionEnd - text.length);
  if (missing.length && !area.hidden) area.setSelectionRange(at, area.value.indexOf("}}", at) + 2);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-canned]");
  if (!button || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  fieldOf(formOf(button)).focus();
  show(canned, formOf(button));
});
