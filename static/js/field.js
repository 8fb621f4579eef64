// What is written into: a textarea and, where the way carries more than text, an editor in its place, which keeps the
// textarea and the field `html` as they are to be sent (docs/composer.md).
const FORMATS = "b,strong,i,em,u,s,a,ul,ol,blockquote,pre,code";
const KEPT = new Set(`div,li,${FORMATS}`.split(","));
let caret;

export const formOf = (node) => node.closest?.("form[data-draft]");
export const areaOf = (form) => form.querySelector("textarea");
const editorOf = (form) => form.querySelector("[contenteditable]");
const isRich = (form) => editorOf(form)?.hidden === false;
export const fieldOf = (form) => (isRich(form) ? editorOf(form) : areaOf(form));

function escaped(text) {
  const node = document.createElement("i");
  node.textContent = text;
  return node.innerHTML.replaceAll('"', "&quot;");
}

const lines = (text) => text.split("\n").map((line) => `<div>${escaped(line) || "<br>"}</div>`).join("");

// Anybody's HTML, with no more around its words than we send.
const clean = (html) => inside(new DOMParser().parseFromString(html, "text/html").body);
const inside = (node) => [...node.childNodes].map(cleaned).join("");

function cleaned(node) {
  const name = node.localName === "p" ? "div" : node.localName;
  if (!name || /^(script|style|title)$/.test(name)) return node.nodeType === Node.TEXT_NODE ? escaped(node.data) : "";
  if (name === "br") return "<br>";
  const isKept = KEPT.has(name) && node.style.fontWeight !== "normal";
  if (!isKept || (name === "a" && !/^(https?|mailto|tel):/.test(node.href))) return inside(node);
  return `<${name}${name === "a" ? ` href="${escaped(node.href)}"` : ""}>${inside(node)}</${name}>`;
}

export function write(form, { text, html }) {
  areaOf(form).value = text;
  if (!isRich(form)) return;
  editorOf(form).innerHTML = html ? clean(html) : text && lines(text);
  sync(form);
}

function sync(form) {
  const editor = editorOf(form);
  if (!editor.textContent && !editor.querySelector("li, div + div")) editor.replaceChildren();
  // A blank line is said twice. What is not shown has no lines at all.
  const text = editor.innerText.replaceAll("\u00a0", " ").replace(/\n(\n\n)+/g, (run) => run.slice(run.length / 2));
  if (editor.checkVisibility()) areaOf(form).value = text;
  editor.said = areaOf(form).value;
  form.elements.html.value = editor.innerHTML;
}

export function setRich(form, is) {
  const [area, editor] = [areaOf(form), editorOf(form)];
  if (!editor || is !== editor.hidden) return;
  editor.hidden = form.elements.html.disabled = form.querySelector("[data-format]").hidden = !is;
  area.hidden = is;
  const label = document.getElementById("reply-label");
  label.htmlFor = is ? "" : area.id;
  editor.ariaLabel = is ? label.textContent : null;
  if (is && editor.said !== area.value) write(form, { text: area.value, html: form.elements.html.value });
  form.querySelector("[data-lost]").hidden = is || !editor.querySelector(FORMATS);
}

function atCaret(editor) {
  const selection = getSelection();
  editor.focus();
  if (!editor.contains(caret?.startContainer)) selection.setPosition(editor, editor.childNodes.length);
  else selection.setBaseAndExtent(caret.startContainer, caret.startOffset, caret.endContainer, caret.endOffset);
  return selection;
}

// The words before the caret, on its line.
export function before(form) {
  const field = fieldOf(form);
  if (field === areaOf(form)) return field.value.slice(0, field.selectionStart);
  const { anchorNode, anchorOffset } = getSelection();
  return anchorNode?.data?.slice(0, anchorOffset) ?? "";
}

// Puts text, or HTML where the way carries it, in place of the selection and of `over` characters before it.
export function insert(form, { text, html, over = 0 }) {
  const field = fieldOf(form);
  if (field === areaOf(form)) {
    field.focus();
    field.setRangeText(text, field.selectionStart - over, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const selection = atCaret(field);
  for (let left = over; left; left -= 1) selection.modify("extend", "backward", "character");
  document.execCommand("insertHTML", false, html ? clean(html) : escaped(text).replaceAll("\n", "<br>"));
}

function link(form, typed) {
  const address = /^\w+:/.test(typed) ? typed : `${typed.includes("@") ? "mailto:" : "https://"}${typed}`;
  if (!atCaret(editorOf(form)).isCollapsed) document.execCommand("createLink", false, address);
  else insert(form, { html: `<a href="${escaped(address)}">${escaped(typed)}</a>` });
}

function format(form, command, value) {
  atCaret(editorOf(form));
  const isAgain = value && document.queryCommandValue(command) === value;
  document.execCommand(command, false, isAgain ? "div" : value);
}

document.execCommand("defaultParagraphSeparator", false, "div");
document.addEventListener("input", ({ target }) => target.isContentEditable && sync(formOf(target)), true);
document.addEventListener("selectionchange", () => {
  const { focusNode, rangeCount } = getSelection();
  if (rangeCount && focusNode.parentElement?.isContentEditable) caret = getSelection().getRangeAt(0).cloneRange();
});
document.addEventListener("paste", (event) => {
  const html = event.target.isContentEditable && event.clipboardData.getData("text/html");
  if (!html) return;
  event.preventDefault();
  document.execCommand("insertHTML", false, clean(html));
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-do]");
  if (!button) return;
  const picker = button.closest("details.picker");
  if (picker) picker.open = false;
  if (picker) link(formOf(button), picker.querySelector("input").value.trim());
  else format(formOf(button), ...button.dataset.do.split(" "));
});
