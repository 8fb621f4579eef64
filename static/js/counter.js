// What is left to write, and what a text message is billed as.
import { all, filled, hear, on, one, say } from "./dom.js";
import { areaOf, wayOf } from "./field.js";

// Billed by 3GPP TS 23.038, section 6.2.1; TS 23.040, 9.2.3.24.
const BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION = "\f^{}\\[~]|€";
const GSM = { single: 160, several: 153, places: (character) => (EXTENSION.includes(character) ? 2 : 1) };
const UCS2 = { single: 70, several: 67, places: (character) => character.length };
const NEAR = 20; // characters left, of which a screen reader is told

export function segmentsOf(text) {
  const characters = [...text.replaceAll("\r\n", "\n")];
  const culprit = characters.find((character) => !(BASIC + EXTENSION).includes(character)) ?? null;
  const { single, several, places } = culprit === null ? GSM : UCS2;
  const taken = characters.map(places);
  const room = taken.reduce((sum, each) => sum + each, 0) > single ? several : single;
  let [segments, used] = [Number(taken.length > 0), 0];
  for (const each of taken) { // no character is cut in two
    if (used + each > room) [segments, used] = [segments + 1, 0];
    used += each;
  }
  return { segments, culprit };
}

// The field itself refuses, so that keys and menus do not send it either.
function hold(form, counter, why) {
  areaOf(form).setCustomValidity(why);
  areaOf(form).ariaInvalid = why ? "true" : null;
  const state = why && "over";
  if (counter.dataset.state === state) return;
  counter.dataset.state = state;
  for (const button of all("[data-send], [name=then]", form)) Object.assign(button, { disabled: !!why, title: why });
}

function announce({ dataset, nextElementSibling: heard }, threshold, said) {
  if (dataset.threshold && dataset.threshold !== threshold) heard.textContent = said;
  dataset.threshold = threshold;
}

function update(form) {
  const counter = one("[data-counter]", form);
  if (!counter) return;
  const { dataset: words } = counter;
  const counted = (count, single, many) => filled(count === 1 ? single : many, { count });
  const way = wayOf(form);
  const text = areaOf(form).value.trim();
  const left = text && way.textLimit ? way.textLimit - [...text].length : null;
  const { segments = 0, culprit } = "segments" in way ? segmentsOf(text) : {};
  const over = left < 0 ? counted(-left, words.overByOne, words.over) : "";
  const said = [
    over || (left === null ? "" : filled(words.left, { count: left })),
    segments && counted(segments, words.segment, words.segments),
    culprit && filled(words.culprit, { character: culprit }),
  ].filter(Boolean).join(" · ");
  say(counter, said);
  hold(form, counter, over);
  const near = over ? "over" : (left ?? NEAR) < NEAR ? "near" : "far";
  announce(counter, [near, segments || 1, culprit ? "short" : "long"].join(), said);
}

const updateAll = () => all("[data-draft]").forEach(update);
on("input change", "[data-draft]", update);
hear("htmx:afterSettle", updateAll);
updateAll();
