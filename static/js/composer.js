// What people write. Every keystroke is kept in this browser until the server has taken the text, so neither an
// error, nor the end of a session, nor a lost line loses it.
import { areaOf, fieldOf, formOf, setRich, write } from "./field.js";

const { workspace } = document.body.dataset;
const visible = (form) => form && !form.hidden;

function keyOf(form) {
  const number = form.closest("[data-number]")?.dataset.number ?? "";
  return `draft:${workspace}:${number}:${form.dataset.draft}`;
}

function keep(form) {
  const text = areaOf(form).value;
  if (text) localStorage.setItem(keyOf(form), text);
  else localStorage.removeItem(keyOf(form));
  const sign = form.querySelector("[data-kept]");
  if (sign) sign.hidden = !text;
}

function restore(form) {
  const kept = localStorage.getItem(keyOf(form)) ?? "";
  const field = areaOf(form);
  if (kept && !field.value.includes(kept)) write(form, { text: [field.value, kept].filter(Boolean).join("\n\n") });
  keep(form);
}

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
  setRich(formOf(radio), "html" in radio.dataset);
  const input = formOf(radio).querySelector("[type=file]");
  input.closest("label").hidden = !("files" in radio.dataset) && !input.files.length;
}

function listFiles(input) {
  const list = formOf(input)?.querySelector("ul[data-files]");
  list?.replaceChildren(...[...input.files].map((file) => {
    const item = document.createElement("li");
    item.className = "chip";
    item.textContent = `${file.name}, ${Math.ceil(file.size / 1024)} KB`;
    return item;
  }));
}

function readFirst() {
  document.getElementById("trouble-reply").replaceChildren();
  const scroller = document.querySelector(".pane-thread .pane-body");
  scroller.scrollTo({ top: scroller.scrollHeight });
  htmx.trigger("#entries", "live");
}

document.addEventListener("input", ({ target }) => {
  const form = formOf(target);
  if (form && target === fieldOf(form)) keep(form);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("form[data-draft] [name=way][type=radio]")) {
    target.closest("#reply-by")?.setAttribute("data-chosen", "");
    sayWay(target);
  }
  if (target.matches("form[data-draft] [type=file]")) listFiles(target);
});
document.addEventListener("click", (event) => {
  const { target } = event;
  const toggle = target.closest("[data-compose]");
  if (toggle && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    showForm(toggle.dataset.compose);
  }
  if (target.closest("[data-action=read]")) readFirst();
});
document.addEventListener("keydown", (event) => {
  const form = formOf(event.target);
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-send]"));
});
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  const form = formOf(detail.elt);
  if (form === detail.elt && detail.xhr.status >= 200 && detail.xhr.status < 300) localStorage.removeItem(keyOf(form));
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "reply-by" && areaOf(formOf(detail.target)).value) detail.shouldSwap = false;
});
document.addEventListener("htmx:afterSettle", () => {
  const way = document.querySelector("#reply-by [name=way]:checked");
  if (way) sayFiles(way);
  followCustomer();
  document.querySelectorAll("form[data-draft]").forEach((form) => {
    if (!form.dataset.restored) restore(form);
    form.dataset.restored = "yes";
  });
});
for (const form of document.querySelectorAll("form[data-draft]")) {
  const way = form.querySelector("[name=way]:checked");
  if (way) sayFiles(way);
  restore(form);
  form.dataset.restored = "yes";
}
followCustomer();
if (visible(document.getElementById("note")) && location.search.includes("compose=note")) showForm("note");
