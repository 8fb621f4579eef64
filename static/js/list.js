// While the pointer or the keys are in the list, rows keep their order, new ones above wait, and what has left stays.
import { all, hear, make, on, one, topOf } from "./dom.js";

const rows = one("#rows");
const news = one("#rows-new");
const over = matchMedia("(hover: hover)").matches ? ":hover" : ":not(*)";
const isBusy = () => rows.scrollTop > 0 || rows.matches(over) || one(":focus-visible", rows);
let asked = false;

function gone(row) {
  if (!rows.matches(over) && !one("[aria-current], :focus", row)) return [];
  const left = row.cloneNode(true);
  left.dataset.gone = "";
  return left;
}

// With the rows of another order, each below the one that it follows there.
function weave(known, order) {
  const found = [...known];
  order.forEach((row, at) => {
    if (!found.includes(row)) found.splice(found.indexOf(order[at - 1]) + 1, 0, row);
  });
  return found;
}

// How many an answer leaves out for new ones above, or because it is never longer than a page of many.
function pushedOff(known, fresh, last) {
  const isNew = ({ id }) => !known.some((row) => row.id === id);
  return fresh.slice(0, fresh.findIndex(({ id }) => id === last?.id)).filter(isNew).length +
    Math.max(known.length - fresh.length, 0);
}

function arrange(html) {
  const made = make("template", { innerHTML: html });
  const { content } = made;
  const [known, fresh] = [all(".convo", rows), all(".convo", content)];
  const freshOf = (row) => fresh.find(({ id }) => id === row.id);
  const older = one("#rows-older", content);
  const end = known.findLastIndex(freshOf);
  const off = older ? end + pushedOff(known, fresh, known[end]) : end;
  const stays = known.flatMap((row, at) =>
    freshOf(row) ?? (at > end && at <= off ? row.cloneNode(true) : gone(row)));
  if (off > end) {
    older.replaceWith(one("#rows-older")?.cloneNode(true) ?? "");
    one("#rows-size", content).setAttribute("value", one("#rows-size").value);
  }
  const calm = isBusy() && !asked;
  const found = calm ? weave(stays, fresh) : weave(fresh, stays);
  const anchor = known.find((row) => row.matches(`${over}, :focus-within`)) ??
    known.find((row) => topOf(row) >= topOf(rows));
  const place = calm ? found.findIndex(({ id }) => id === anchor?.id) : 0;
  found.forEach((row, at) => { row.hidden = calm && (document.getElementById(row.id)?.hidden ?? at < place); });
  one("#rows-list", content)?.prepend(...found);
  const held = found.filter((row) => row.hidden).length;
  news.hidden = !held;
  news.firstElementChild.textContent = held;
  asked = false;
  return made.innerHTML;
}

// One's own act is no surprise.
hear("htmx:afterRequest", ({ target, detail: { requestConfig, successful } }) => {
  if (successful && requestConfig.verb !== "get" && !target.matches("[data-quiet]")) asked = true;
});

function release() {
  if (!isBusy() && (!news.hidden || one("[data-gone]", rows))) htmx.trigger(rows, "live");
}

hear("htmx:beforeSwap", ({ detail }) => {
  if (detail.target === rows && detail.shouldSwap) detail.serverResponse = arrange(detail.serverResponse);
});
const releaseSoon = () => setTimeout(release, 300);
for (const event of ["pointerleave", "focusout", "scroll"]) rows.addEventListener(event, releaseSoon);
on("click", "#rows-new", () => {
  asked = true;
  rows.scrollTo(0, 0);
  rows.focus();
  htmx.trigger(rows, "live");
});

// Several rows at once, or one by a swipe: both press the buttons of the form above.
const AIM = 12; // px that make a swipe
const FAR = 88;
const form = one("#bulk");
const hint = one(".swipe");
const every = one("[data-select]", form);
const { all: beyond, only } = form.elements;
const boxes = () => all(".convo:not([hidden], [data-gone]) [name=number]", rows);
const boxOf = (node) => node?.closest(".convo")?.querySelector("[name=number]");
let chosen = [];
let edge = topOf(rows);
let last;
let swipe = {};

function show() {
  chosen = boxes().filter((box) => box.checked);
  if (!chosen.length) beyond.checked = false;
  every.checked = chosen.length === boxes().length;
  every.indeterminate = !every.checked;
  const count = beyond.checked ? beyond.dataset.count : chosen.length;
  for (const node of all("[data-selected]", form)) node.textContent = count;
  rows.scrollTop += topOf(rows) - edge; // the bar is higher than the head
  edge = topOf(rows);
}

function check(is) {
  for (const box of boxes()) box.checked = is(box);
  show();
}

function pick(box, isRange) {
  const shown = boxes();
  const [from, to] = [shown.indexOf(last), shown.indexOf(box)].sort((low, high) => low - high);
  if (isRange && from >= 0) for (const each of shown.slice(from, to + 1)) each.checked = box.checked;
  last = box;
  show();
}

function act(box, button) {
  only.value = box?.value ?? "";
  button.click();
}

on("click", "#list-keys button", ({ name }) => {
  const box = boxOf(document.activeElement) ?? boxOf(one("[aria-current]", rows));
  if (name === "unread") return act(chosen.length ? null : box, one("[data-unread-act]", form));
  if (!box) return;
  box.checked = name === "range" || !box.checked;
  pick(box, name === "range");
});
on("click", "#rows [name=number]", (box, { shiftKey }) => pick(box, shiftKey));
on("change", "#bulk", (_, { target }) => (target === every ? check(() => every.checked) : show()));
on("reset", "#bulk", () => setTimeout(check, 0, () => false));
hear("htmx:afterRequest", ({ target }) => {
  if (target !== form) return;
  for (const picker of all("[open]", form)) picker.open = false;
  for (const row of all("[data-swipe]", rows)) delete row.dataset.swipe;
  only.value = "";
});
hear("htmx:afterSwap", ({ detail }) => {
  const values = chosen.map((box) => box.value);
  if (detail.target === rows) check((box) => values.includes(box.value));
});

on("pointerdown", "#rows .convo", (row, { pointerType, clientX }) => {
  if (pointerType === "touch") swipe = { row, from: clientX };
});
hear("pointermove", ({ clientX }) => {
  const { row, from, button } = swipe;
  const by = clientX - from;
  if (!row || (!button && Math.abs(by) < AIM)) return;
  const kind = by > 0 === (document.dir !== "rtl") ? "resolve" : "snooze";
  swipe.button = one(`[data-swipe=${kind}]`, form);
  if (!swipe.button) return;
  Object.assign(row.dataset, { swipe: kind, far: Math.abs(by) > FAR });
  row.style.setProperty("--by", `${by}px`);
  if (!row.contains(hint)) row.append(hint);
});
hear("pointerup pointercancel", ({ type }) => {
  const { row, button } = swipe;
  swipe = {};
  if (type === "pointerup" && row?.dataset.far === "true") act(boxOf(row), button);
  else delete row?.dataset.swipe;
});
