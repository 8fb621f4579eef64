// What is begun is kept in this browser until the form's saver has brought it to the server. Its files go up at once.
import { all, filled, hear, on, one, own, say } from "./dom.js";
import { areaOf, formOf, wayOf, write } from "./field.js";

const AGAIN = 10_000; // ms until it is saved again
const RESEND = 4_000; // ms

const saverOf = (form) => one("[data-saver]", form);
const kept = (form) => localStorage[keyOf(form)];
const unsaved = () => all("[data-draft]:has([data-saver])").filter(kept);

function keyOf(form) {
  const { number = "" } = form.closest("[data-number]")?.dataset ?? {};
  return own(`draft:${number}:${form.dataset.draft}`);
}

export function keep(form) {
  weigh(form);
  const { html, revision } = form.elements;
  const content = { text: areaOf(form).value, html: html?.disabled ? "" : html?.value, revision: revision?.value };
  localStorage[keyOf(form)] = JSON.stringify(content);
  if (saverOf(form)) htmx.trigger(saverOf(form), "keep");
}

export function restore(form) {
  if (!kept(form)) return;
  const content = JSON.parse(kept(form));
  if (content.revision) form.elements.revision.value = content.revision;
  if (content.text !== areaOf(form).value) write(form, content);
  if (document.readyState === "complete") keep(form);
  else addEventListener("load", () => keep(form)); // before, nobody hears the saver
}

on("htmx:beforeRequest", "[data-saver]", (saver) => { saver.sent = kept(formOf(saver)); });
on("htmx:afterRequest", "[data-draft], [data-saver]", (sender, { target, detail: { successful } }) => {
  if (target !== sender) return;
  const form = formOf(sender);
  one("[data-here]", form)?.toggleAttribute("hidden", successful);
  if (!successful) setTimeout(() => form.isConnected && keep(form), AGAIN);
  else if (sender.sent === kept(form)) delete localStorage[keyOf(form)];
});
// Before the empty composer comes, which would take it up again.
hear("htmx:beforeOnLoad", ({ target, detail: { xhr } }) => {
  if (target.matches("[data-draft]") && xhr.status < 300) delete localStorage[keyOf(target)];
});

// The server writes what has the same `writer` once.
function sendAgain(form) {
  const { submitter } = form;
  if (!form.isConnected || !("unsent" in form.dataset)) return;
  delete form.dataset.unsent;
  form.requestSubmit(submitter?.isConnected ? submitter : one("[data-send]", form));
}

hear("htmx:sendError", ({ target: form, detail }) => {
  if (!form.matches("[data-draft]")) return;
  form.submitter = detail.requestConfig.triggeringEvent?.submitter;
  form.dataset.unsent = "";
  one("[role=alert]", form).replaceChildren(one("#unsent").content.cloneNode(true));
  setTimeout(sendAgain, RESEND, form);
});
hear("line:back", () => {
  for (const input of all("[data-draft] [type=file][hx-post]")) if (input.value) htmx.trigger(input, "change");
  all("[data-unsent]").forEach(sendAgain);
  unsaved().forEach(keep);
});
addEventListener("pagehide", () => {
  for (const form of unsaved()) {
    const body = new FormData(form);
    body.delete("uploads");
    navigator.sendBeacon(saverOf(form).getAttribute("hx-post"), body);
  }
});
// Another window may have gone on.
hear("visibilitychange", () => {
  const look = one(".composer:not([hidden]) [data-look]");
  if (!document.hidden && look && !unsaved().length) htmx.trigger(look, "look");
});

export function weigh(form) {
  const { files: limit, name } = wayOf(form);
  const hint = one("[data-heavy]", form);
  const weight = all("li[data-size]", form).reduce((sum, { dataset }) => sum + Number(dataset.size), 0);
  const isTooMuch = name !== undefined && weight > (limit === "" ? Infinity : limit ?? 0);
  const words = limit === undefined ? hint.dataset.none : hint.dataset.over;
  say(hint, isTooMuch ? filled(words, { name, limit: limit >> 20 }) : "");
}

function take(event, form) {
  const { files } = event.clipboardData ?? event.dataTransfer;
  const input = files.length && form && one("[type=file][hx-post]", form);
  if (!input) return;
  event.preventDefault();
  input.files = files;
  htmx.trigger(input, "change");
}

on("paste", "[data-draft]", (form, event) => {
  if (!event.clipboardData.types.includes("text/plain")) take(event, form);
});
on("dragover", ".pane-thread", (_, event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
on("drop", "form.composer, .pane-thread", (place, event) =>
  take(event, place.matches("form") ? place : one(".composers > .composer:not([hidden])", place)));
on("htmx:xhr:progress", "[data-draft] [type=file]", (input, { detail: { lengthComputable, loaded, total } }) => {
  if (lengthComputable) one("progress", input.form).value = loaded / total;
});
// What could not go up stays chosen: it goes with the answer, or by itself once the line is back.
on("htmx:afterRequest", "[data-draft] [type=file]", (input, { detail: { successful, xhr } }) => {
  if (successful || xhr.status) input.value = "";
  keep(input.form);
});
on("click", "[data-remove]", (button) => {
  const { form } = button;
  button.closest("li").remove();
  keep(form);
});
