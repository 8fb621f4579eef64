// What is left to write on a channel with a limit, and what a text message will be billed as. The way that is chosen
// carries the limits; the words stand in the page.
import { segmentsOf } from "./segments.js";

const NEAR = 20; // characters left, from which on a screen reader is told

function measure(form) {
  const way = form.querySelector("[name=way]:checked");
  const limit = Number(way?.dataset.textLimit ?? 0);
  const text = form.querySelector("textarea").value.replaceAll("\r\n", "\n").trim();
  if (!text || (!limit && !("segments" in (way?.dataset ?? {})))) return null;
  const billed = "segments" in way.dataset ? segmentsOf(text) : null;
  return { left: limit ? limit - [...text].length : null, ...billed };
}

function say(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name].toLocaleString?.(document.documentElement.lang) ?? "");
}

const tooMany = (count, words) => say(count === 1 ? words.overByOne : words.over, { count });

function inWords({ left, segments, culprit }, words) {
  const said = [];
  if (left !== null) said.push(left < 0 ? tooMany(-left, words) : say(words.left, { count: left }));
  if (segments) said.push(say(segments === 1 ? words.segment : words.segments, { count: segments }));
  if (segments && culprit !== null) said.push(say(words.culprit, { character: culprit }));
  return said.join(" · ");
}

// Sending is refused by the field itself, so that keys and menus are refused with the same words.
function hold(form, counter, why) {
  const field = form.querySelector("textarea");
  field.setCustomValidity(why);
  if (why) field.ariaInvalid = "true";
  else field.removeAttribute("aria-invalid");
  const state = why ? "over" : "";
  if ((counter.dataset.state ?? "") === state) return;
  counter.dataset.state = state;
  for (const button of form.querySelectorAll("[data-send], [name=then]")) {
    button.disabled = Boolean(why);
    button.title = why;
  }
}

// What a screen reader hears changes at thresholds, not with each letter.
function announce(counter, threshold, said) {
  if (counter.dataset.threshold === threshold) return;
  if (counter.dataset.threshold) counter.nextElementSibling.textContent = said;
  counter.dataset.threshold = threshold;
}

function update(form) {
  const counter = form.querySelector("[data-counter]");
  if (!counter) return;
  const found = measure(form);
  const said = found ? inWords(found, counter.dataset) : "";
  counter.hidden = !found;
  counter.textContent = said;
  const isOver = found !== null && found.left !== null && found.left < 0;
  hold(form, counter, isOver ? tooMany(-found.left, counter.dataset) : "");
  const near = isOver ? "over" : (found?.left ?? NEAR) < NEAR ? "near" : "far";
  announce(counter, [near, Math.max(found?.segments ?? 1, 1), found?.culprit ? "short" : "long"].join(), said);
}

const all = () => document.querySelectorAll("form[data-draft]").forEach(update);
document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-draft]");
  if (form) update(form);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("form[data-draft] [name=way]")) update(target.form);
});
document.addEventListener("htmx:afterSettle", all);
all();
