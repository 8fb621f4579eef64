// The composer.
import { keep, restore } from "./drafts.js";
import { areaOf, fieldOf, formOf, insert, setRich } from "./field.js";
import { weigh } from "./files.js";

const RECENT = 16; // emoji
const visible = (form) => form && !form.hidden;

function showForm(name) {
  for (const form of document.querySelectorAll(".composers > form")) form.hidden = form.id !== name;
  fieldOf(document.getElementById(name)).focus();
}

function sayWay(radio) {
  const form = formOf(radio);
  form.querySelector("[data-way]").textContent = radio.dataset.name;
  form.querySelector("[data-way-to]").textContent = radio.dataset.to;
  const hint = form.querySelector("[data-way-hint]");
  hint.textContent = radio.dataset.hint;
  hint.hidden = !radio.dataset.hint;
  form.querySelector("details[data-mails]").hidden = !("mails" in radio.dataset);
  form.querySelector("[data-ways] summary .channel").replaceWith(
    radio.closest("label").querySelector(".channel").cloneNode(true),
  );
  for (const one of form.querySelectorAll("[data-signature]")) {
    one.hidden = !("mails" in radio.dataset) || one.dataset.signature !== radio.dataset.brand;
  }
  sayFiles(radio);
  radio.closest("details").open = false;
  fieldOf(form).focus();
}

// What opens and closes ways: where the customer wrote last, whether they want messages, whether they are here.
function standing() {
  const consents = document.querySelectorAll("#thread-lines [data-event^=opted]").length;
  const presence = document.querySelector("#presence [data-state]")?.dataset.state;
  return [document.getElementById("thread-lines")?.dataset.channel, consents, presence].join(" ");
}

// An answer that nobody has begun goes the way that is best now: where the customer went on by another channel, it
// follows them there.
function followCustomer() {
  const by = document.getElementById("reply-by");
  if (!by) return;
  const now = standing();
  by.dataset.standing ??= now;
  if (by.dataset.standing === now || "chosen" in by.dataset || areaOf(formOf(by)).value) return;
  by.dataset.standing = now;
  htmx.trigger(by, "ways");
}

// What the way carries. Files that were chosen before stay chosen: the server says so when the way carries none.
function sayFiles(radio) {
  const form = formOf(radio);
  setRich(form, "html" in radio.dataset);
  weigh(form);
  form.querySelector("[type=file]").closest("label").hidden = !("files" in radio.dataset);
}

function copyAll(form) {
  const boxes = [...form.querySelectorAll("[type=checkbox][name=cc]")];
  const is = !boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = is;
  keep(form);
}

function readFirst() {
  document.getElementById("trouble-reply").replaceChildren();
  const scroller = document.querySelector(".pane-thread .pane-body");
  scroller.scrollTo({ top: scroller.scrollHeight });
  htmx.trigger("#entries", "live");
}

// Emoji: those that were used last come first.
const recent = () => (localStorage.getItem("emoji") ?? "").split(" ").filter(Boolean);

function put(button, text) {
  localStorage.setItem("emoji", [text, ...recent().filter((other) => other !== text)].slice(0, RECENT).join(" "));
  button.closest("details").open = false;
  insert(formOf(button), { text });
}

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!target.matches(".emoji")) return;
  target.prepend(...recent().map((text) => target.querySelector(`[data-insert="${text}"]`)).filter(Boolean));
});
document.addEventListener("input", ({ target }) => {
  const form = formOf(target);
  if (form && (target === fieldOf(form) || target.matches("[name=cc], [name=bcc]"))) keep(form);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("form[data-draft] [name=way][type=radio]")) {
    target.closest("#reply-by")?.setAttribute("data-chosen", "");
    sayWay(target);
    if (areaOf(target.form).value) keep(target.form);
  }
});
document.addEventListener("click", (event) => {
  const { target } = event;
  const toggle = target.closest("[data-compose]");
  if (toggle && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    showForm(toggle.dataset.compose);
  }
  if (target.closest("[data-action=read]")) readFirst();
  if (target.closest("[data-action=all]")) copyAll(formOf(target));
  const emoji = target.closest("[data-insert]");
  if (emoji) put(emoji, emoji.dataset.insert);
  if (event.detail > 1 && target.closest("[data-send]")) event.preventDefault(); // the second of a double click
});
document.addEventListener("keydown", (event) => {
  const form = formOf(event.target);
  if (!form || event.repeat || !(event.ctrlKey || event.metaKey)) return;
  if (event.key === "Enter") form.requestSubmit(form.querySelector("[data-send]"));
  else if (event.key === "k" && event.target.isContentEditable) {
    for (const part of form.querySelectorAll("[data-format], [data-format] .picker")) part.open = true;
    event.stopPropagation();
  } else return;
  event.preventDefault();
}, true);
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "reply-by" && areaOf(formOf(detail.target)).value) detail.shouldSwap = false;
});
function begin() {
  const way = document.querySelector("#reply-by [name=way]:checked");
  if (way) sayFiles(way);
  for (const form of document.querySelectorAll("form[data-draft]:not([data-restored])")) {
    form.dataset.restored = "yes";
    restore(form);
  }
  followCustomer();
}

document.addEventListener("htmx:afterSettle", begin);
begin();
if (visible(document.getElementById("note")) && location.search.includes("compose=note")) showForm("note");
