// Files that are dropped or pasted go up like those that are chosen; what is too much for the way is told at once.
import { keep } from "./drafts.js";
import { formOf } from "./field.js";

export function weigh(form) {
  const [way, hint] = [form.querySelector("[name=way]:checked"), form.querySelector("[data-heavy]")];
  const sizes = [...form.querySelectorAll("li[data-size]")].map((item) => Number(item.dataset.size));
  const { files: limit, name } = way?.dataset ?? {};
  hint.hidden = !way || !sizes.length || limit === "" || sizes.reduce((sum, size) => sum + size, 0) <= limit;
  hint.textContent = (limit === undefined ? hint.dataset.none : hint.dataset.over)
    .replace("{name}", name).replace("{limit}", limit >> 20);
}

function changed(form) {
  weigh(form);
  keep(form);
}

function take(event, form, { files }) {
  const input = files.length && form?.querySelector("[type=file][hx-post]");
  if (!input) return;
  event.preventDefault();
  input.files = files;
  htmx.trigger(input, "change");
}

document.addEventListener("paste", (event) => {
  if (!event.clipboardData.types.includes("text/plain")) take(event, formOf(event.target), event.clipboardData);
});
document.addEventListener("dragover", (event) => {
  if (event.dataTransfer.types.includes("Files") && event.target.closest(".pane-thread")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const form = event.target.closest("form.composer") ??
    event.target.closest(".pane-thread")?.querySelector(".composers > .composer:not([hidden])");
  take(event, form, event.dataTransfer);
});
document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
  const bar = target.matches("[type=file]") && formOf(target).querySelector("progress");
  if (bar && detail.lengthComputable) bar.value = detail.loaded / detail.total;
});
document.addEventListener("htmx:afterRequest", ({ target }) => {
  if (!target.matches("form[data-draft] [type=file]")) return;
  target.value = "";
  changed(formOf(target));
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-remove]");
  const form = button && formOf(button);
  button?.closest("li").remove();
  if (form) changed(form);
});
