// What is begun is kept in this browser with every key, until the form's saver has brought it to the server. Savings,
// files and the sending wait for each other (hx-sync).
import { areaOf, formOf, write } from "./field.js";

const AGAIN = 10_000; // ms until a server that did not answer is asked again to keep a draft
const RESEND = 4_000; // ms until what could not be sent is sent again
const { workspace } = document.body.dataset;

const saverOf = (form) => form.querySelector("[data-saver]");
const keyOf = (form) =>
  `draft:${workspace}:${form.closest("[data-number]")?.dataset.number ?? ""}:${form.dataset.draft}`;
const kept = (form) => localStorage.getItem(keyOf(form));
const unsaved = () => [...document.querySelectorAll("form[data-draft]:has([data-saver])")].filter(kept);

// After anything in the form has changed.
export function keep(form) {
  const { html, revision } = form.elements;
  const content = { text: areaOf(form).value, html: html?.disabled ? "" : html?.value, revision: revision?.value };
  localStorage.setItem(keyOf(form), JSON.stringify(content));
  if (saverOf(form)) htmx.trigger(saverOf(form), "keep");
}

export function restore(form) {
  const raw = kept(form);
  if (!raw) return;
  const content = raw.startsWith("{") ? JSON.parse(raw) : { text: raw };
  if (content.revision) form.elements.revision.value = content.revision;
  if (content.text !== areaOf(form).value) write(form, content);
  if (document.readyState === "complete") keep(form);
  else addEventListener("load", () => keep(form)); // before, nobody hears the saver
}

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target.matches("[data-saver]")) target.sent = kept(formOf(target));
});
document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const form = formOf(target);
  if (!form || !(target === form || target === saverOf(form))) return;
  form.querySelector("[data-here]")?.toggleAttribute("hidden", detail.successful);
  if (!detail.successful) setTimeout(() => form.isConnected && keep(form), AGAIN);
  else if (target.sent === kept(form)) localStorage.removeItem(keyOf(form));
});
// Before what was sent gives its place to an empty composer, which would take it up again.
document.addEventListener("htmx:beforeOnLoad", ({ detail: { elt, xhr } }) => {
  if (elt.matches("form[data-draft]") && xhr.status < 300) localStorage.removeItem(keyOf(elt));
});
// What could not be sent for want of a line, or of an answer, is sent again by the composers whose `writer` tells the
// server to write it once.
function sendAgain(form) {
  const { submitter } = form;
  if (!form.isConnected || !("unsent" in form.dataset)) return;
  delete form.dataset.unsent;
  form.requestSubmit(submitter?.isConnected ? submitter : form.querySelector("[data-send]"));
}

const sendAllAgain = () => document.querySelectorAll("form[data-unsent]").forEach(sendAgain);
document.addEventListener("htmx:sendError", ({ target: form, detail }) => {
  if (!form.matches("form[data-draft]:has([name=writer])")) return;
  form.submitter = detail.requestConfig.triggeringEvent?.submitter;
  form.dataset.unsent = "";
  form.querySelector("[role=alert]").replaceChildren(document.getElementById("unsent").content.cloneNode(true));
  setTimeout(sendAgain, RESEND, form);
});
addEventListener("online", sendAllAgain);
document.addEventListener("line:back", sendAllAgain);
addEventListener("pagehide", () => {
  for (const form of unsaved()) {
    const body = new FormData(form);
    body.delete("uploads");
    navigator.sendBeacon(saverOf(form).getAttribute("hx-post"), body);
  }
});
addEventListener("online", () => unsaved().forEach(keep));
// Another window may have gone on with it.
document.addEventListener("visibilitychange", () => {
  const look = document.querySelector(".composer:not([hidden]) [data-look]");
  if (!document.hidden && look && !unsaved().length) htmx.trigger(look, "look");
});
