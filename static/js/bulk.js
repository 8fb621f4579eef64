// Several rows at once, and one by a swipe: both press the buttons of the form above the list.
const AIM = 12; // px to the side that make a swipe
const FAR = 88; // and that let it act
const form = document.getElementById("bulk");
const rows = document.getElementById("rows");
const hint = document.querySelector(".swipe");
const every = form.querySelector("[data-select]");
const { all, only } = form.elements;
const boxes = () => [...rows.querySelectorAll(".convo:not([hidden]) [name=number]")];
const boxOf = (node) => node?.closest(".convo")?.querySelector("[name=number]");
const top = () => rows.getBoundingClientRect().top;
const on = (node, events, heed, how) => events.split(" ").forEach((event) => node.addEventListener(event, heed, how));
let chosen = [];
let edge = top();
let last;
let swipe;

function show() {
  chosen = boxes().filter((box) => box.checked);
  if (!chosen.length) all.checked = false;
  every.checked = chosen.length === boxes().length;
  every.indeterminate = !every.checked;
  for (const node of form.querySelectorAll("[data-selected]")) {
    node.textContent = all.checked ? all.dataset.count : chosen.length;
  }
  rows.scrollTop += top() - edge; // the bar is higher than the head
  edge = top();
}

function check(is) {
  for (const box of boxes()) box.checked = is(box);
  show();
}

function pick(box, isRange) {
  const shown = boxes();
  const [from, to] = [last, box].map((one) => shown.indexOf(one)).sort((one, other) => one - other);
  if (isRange && from >= 0) for (const each of shown.slice(from, to + 1)) each.checked = box.checked;
  last = box;
  show();
}

function act(box, button) {
  only.value = box?.value ?? "";
  button.click();
}

// What keys press. The row in question has the focus, or else is open.
on(document.getElementById("list-keys"), "click", ({ target: { name } }) => {
  const box = boxOf(document.activeElement) ?? boxOf(rows.querySelector("[aria-current]"));
  if (name === "unread") return act(chosen.length ? null : box, form.querySelector("[data-unread-act]"));
  if (!box) return;
  box.checked = name === "range" || !box.checked;
  pick(box, name === "range");
});
on(form, "change", ({ target }) => (target === every ? check(() => every.checked) : show()));
on(form, "reset", () => setTimeout(check, 0, () => false));
on(form, "toggle", ({ target }) => target.open && htmx.trigger(target, "choose"), true);
on(document, "htmx:afterRequest", ({ detail }) => {
  if (detail.elt !== form) return;
  for (const picker of form.querySelectorAll("[open]")) picker.open = false;
  for (const row of rows.querySelectorAll("[data-swipe]")) delete row.dataset.swipe;
  if (!only.value && detail.successful) check(() => false);
  only.value = "";
});
on(document, "htmx:afterSwap", ({ detail }) => {
  const values = chosen.map((box) => box.value);
  if (detail.target === rows) check((box) => values.includes(box.value));
});

on(rows, "pointerdown", ({ pointerType, clientX, target }) => {
  const row = pointerType === "touch" && target.closest(".convo");
  swipe = row && { row, from: clientX };
});
on(rows, "pointermove", ({ clientX }) => {
  const by = swipe && clientX - swipe.from;
  if (!by || (!swipe.button && Math.abs(by) < AIM)) return;
  const { row } = swipe;
  const kind = by > 0 === (document.dir !== "rtl") ? "resolve" : "snooze";
  swipe.button = form.querySelector(`[data-swipe=${kind}]`);
  if (!swipe.button) return;
  Object.assign(row.dataset, { swipe: kind, far: Math.abs(by) > FAR });
  row.style.setProperty("--by", `${by}px`);
  if (!row.contains(hint)) row.append(hint);
});
on(rows, "pointerup pointercancel", ({ type }) => {
  if (!swipe?.button) return;
  const { row, button } = swipe;
  if (type === "pointerup" && row.dataset.far === "true") act(boxOf(row), button);
  else delete row.dataset.swipe;
  swipe = null;
});
on(rows, "click", ({ target, shiftKey }) => target.name === "number" && pick(target, shiftKey));
