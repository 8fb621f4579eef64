// A textarea or, where the way carries more, an editor that keeps it and `html` as they are sent (docs/composer.md).
import { all, hear, make, on, one } from "./dom.js";

const FORMATS = "b,strong,i,em,u,s,a,ul,ol,blockquote,pre,code";
let caret;

export const formOf = (node) => node.closest?.("[data-draft]");
export const areaOf = (form) => one("textarea", form);
export const wayOf = (form) => one("[name=way]:checked", form)?.dataset ?? {};
const editorOf = (form) => one("[contenteditable]", form);
const isRich = (form) => editorOf(form)?.hidden === false;
export const fieldOf = (form) => (isRich(form) ? editorOf(form) : areaOf(form));

const command = (name, value) => document.execCommand(name, false, value);
const escaped = (text) => make("i", { textContent: text }).innerHTML;
const lines = (text) => text.split("\n").map((line) => `<div>${escaped(line) || "<br>"}</div>`).join("");

// Anybody's HTML, as we send it.
function clean(html) {
  const { body } = new DOMParser().parseFromString(html.replace(/<!--.*?-->/gs, ""), "text/html");
  for (const node of all("script, style, title", body)) node.remove();
  for (const node of all("*", body).reverse()) {
    const { childNodes, href } = node;
    const name = node.localName === "p" ? "div" : node.localName;
    const isKept = node.matches(`p,div,br,li,${FORMATS}`) && node.style.fontWeight !== "normal" &&
      (name !== "a" || /^(https?|mailto|tel):/.test(href));
    node.replaceWith(...(isKept ? [make(name, href && { href }, ...childNodes)] : childNodes));
  }
  return body.innerHTML;
}

export function write(form, { text, html }) {
  areaOf(form).value = text;
  if (!isRich(form)) return;
  editorOf(form).innerHTML = html ? clean(html) : text && lines(text);
  sync(form);
}

function sync(form) {
  const [area, editor] = [areaOf(form), editorOf(form)];
  if (!editor.textContent && !one("li, div + div", editor)) editor.replaceChildren();
  // A blank line is said twice. What is not shown has no lines at all.
  const text = editor.innerText.replaceAll("\u00a0", " ").replace(/\n(\n\n)+/g, (run) => run.slice(run.length / 2));
  if (editor.checkVisibility()) area.value = text;
  editor.said = area.value;
  form.elements.html.value = editor.innerHTML;
}

export function setRich(form, is) {
  const [area, editor, { html }] = [areaOf(form), editorOf(form), form.elements];
  if (!editor || is !== editor.hidden) return;
  editor.hidden = html.disabled = one("[data-format]", form).hidden = !is;
  area.hidden = is;
  const label = one("#reply-label");
  label.htmlFor = is ? "" : area.id;
  editor.ariaLabel = is ? label.textContent : null;
  if (is && editor.said !== area.value) write(form, { text: area.value, html: html.value });
  one("[data-lost]", form).hidden = is || !one(FORMATS, editor);
}

function atCaret(editor) {
  const selection = getSelection();
  editor.focus();
  if (!editor.contains(caret?.startContainer)) selection.setPosition(editor, editor.childNodes.length);
  else selection.setBaseAndExtent(caret.startContainer, caret.startOffset, caret.endContainer, caret.endOffset);
  return selection;
}

// What stands before the caret, on its line.
export function before(form) {
  const { value, selectionStart } = areaOf(form);
  if (!isRich(form)) return value.slice(0, selectionStart);
  const { anchorNode, anchorOffset } = getSelection();
  return anchorNode?.data?.slice(0, anchorOffset) ?? "";
}

// In place of the selection and of `over` characters before it.
export function insert(form, { text, html, over = 0 }) {
  const field = fieldOf(form);
  if (isRich(form)) {
    const selection = atCaret(field);
    for (let left = over; left; left -= 1) selection.modify("extend", "backward", "character");
    command("insertHTML", html ? clean(html) : escaped(text).replaceAll("\n", "<br>"));
  } else {
    field.focus();
    field.setRangeText(text, field.selectionStart - over, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

command("defaultParagraphSeparator", "div");
on("input", "[contenteditable]", (editor) => sync(formOf(editor)), true);
hear("selectionchange", () => {
  const { focusNode, rangeCount } = getSelection();
  if (rangeCount && focusNode.parentElement?.isContentEditable) caret = getSelection().getRangeAt(0).cloneRange();
});
on("paste", "[contenteditable]", (_, event) => {
  const html = event.clipboardData.getData("text/html");
  if (!html) return;
  event.preventDefault();
  command("insertHTML", clean(html));
});
on("click", "[data-do]", (button) => {
  const form = formOf(button);
  const [name, value] = button.dataset.do.split(" ");
  const { isCollapsed } = atCaret(editorOf(form));
  if (name !== "createLink") return command(name, value && document.queryCommandValue(name) === value ? "div" : value);
  const typed = one("#link").value.trim();
  const href = /^\w+:/.test(typed) ? typed : `${typed.includes("@") ? "mailto:" : "https://"}${typed}`;
  if (isCollapsed) insert(form, { html: make("a", { href, textContent: typed }).outerHTML });
  else command(name, href);
});
for (const form of all("[data-draft=canned]")) setRich(form, true);
