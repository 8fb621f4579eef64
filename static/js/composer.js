// The composer.
import { all, claim, hear, lately, on, one, onLink, used, withControl } from "./dom.js";
import { keep, restore, weigh } from "./drafts.js";
import { areaOf, fieldOf, formOf, insert, setRich, wayOf } from "./field.js";

const EMOJI = 16;

function showForm(name) {
  for (const form of all(".composers > form")) form.hidden = form.id !== name;
  fieldOf(one(`#${name}`)).focus();
}

function carry(form) {
  setRich(form, "html" in wayOf(form));
  weigh(form);
}

on("change", "[data-draft] input[name=way]", ({ form, dataset, parentNode }) => {
  for (const part of all("[data-way]", form)) part.textContent = dataset[part.dataset.way];
  for (const each of all("[data-signature]", form)) each.hidden = each.dataset.signature !== dataset.mails;
  one("[data-ways] summary .channel", form).replaceWith(one(".channel", parentNode).cloneNode(true));
  one("[data-ways]", form).open = false;
  one("#reply-by").dataset.chosen = "";
  carry(form);
  fieldOf(form).focus();
  if (areaOf(form).value) keep(form);
});

// An answer that nobody has begun goes the way that is best now: the customer may have gone on elsewhere.
function followCustomer() {
  const by = one("#reply-by");
  if (!by) return;
  const consents = all("#thread-lines [data-event^=opted]").length;
  const state = one("#presence [data-state]")?.dataset.state;
  const now = [one("#thread-lines")?.dataset.channel, consents, state].join();
  const { standing = now, chosen } = by.dataset;
  if (chosen !== undefined || (standing !== now && areaOf(formOf(by)).value)) return;
  by.dataset.standing = now;
  if (standing !== now) htmx.trigger(by, "ways");
}

on("input", "[data-draft] :is(textarea, [contenteditable], [name=cc], [name=bcc])", (node) => keep(formOf(node)));
onLink("[data-compose]", ({ dataset }) => showForm(dataset.compose));
on("click", ".banner [data-action=latest]", (button) => {
  one("[name=seen][type=hidden]").value = button.value;
  button.closest(".banner").remove();
});
on("click", "[data-action=all]", ({ form }) => {
  const boxes = all("[type=checkbox][name=cc]", form);
  const missing = boxes.filter((box) => !box.checked);
  for (const box of missing.length ? missing : boxes) box.click();
});
on("click", "[data-insert]", ({ form, dataset: { insert: text } }) => {
  used("recent-emoji", text, EMOJI);
  insert(form, { text });
});
hear("htmx:afterSettle", ({ target }) => {
  if (!target.matches(".emoji")) return;
  target.prepend(...lately("recent-emoji").flatMap((text) => all(`[data-insert="${text}"]`, target)));
});
on("keydown", "[data-draft]", (form, event) => {
  if (event.repeat || !withControl(event)) return;
  if (event.key === "Enter") form.requestSubmit(one("[data-send]", form));
  else if (event.key === "k" && event.target.isContentEditable) {
    for (const part of all("[data-format], [data-format] .picker", form)) part.open = true;
  } else return;
  claim(event);
}, true);
on("htmx:beforeSwap", "#reply-by", (by, { detail }) => {
  if (areaOf(formOf(by)).value) detail.shouldSwap = false;
});

// What came since an answer was begun has not been read with it.
on("htmx:oobBeforeSwap", "[name=seen]", ({ form }, { detail }) => {
  if (form && areaOf(form).value) detail.shouldSwap = false;
});

function begin() {
  const way = one("#reply-by [name=way]:checked");
  if (way) carry(way.form);
  for (const form of all("[data-draft]:not([data-restored])")) {
    form.dataset.restored = "";
    restore(form);
  }
  followCustomer();
}

hear("htmx:afterSettle", begin);
begin();
if (one("#note:not([hidden])") && location.search.includes("compose=note")) showForm("note");
