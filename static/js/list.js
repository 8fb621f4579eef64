// Nothing moves under the pointer or the keys: while they are in the list, known rows keep their order, new ones above
// wait behind a button, and what has left stays under the pointer. So does always what is open or has the focus.
const rows = document.getElementById("rows");
const news = document.getElementById("rows-new");
const over = matchMedia("(hover: hover)").matches ? ":hover" : ":not(*)";
const all = (root) => [...root.querySelectorAll(".convo")];
const top = (node) => node.getBoundingClientRect().top;
const isBusy = () => rows.scrollTop > 0 || rows.matches(over) || rows.querySelector(":focus-visible");
let asked = false; // for what waits

function gone(row) {
  if (!rows.matches(over) && !row.querySelector("[aria-current], :focus")) return [];
  const left = row.cloneNode(true);
  left.dataset.gone = "";
  return [left];
}

// Rows, with those of another order among them, each below the one that it comes after there.
function weave(found, order) {
  order.forEach((row, at) => {
    if (!found.includes(row)) found.splice(found.indexOf(order[at - 1]) + 1, 0, row);
  });
  return found;
}

// How many known rows an answer leaves out because new ones above took their places at its end, or because it is
// never longer than a page of many: they are still in the list.
function pushedOff(known, fresh, last) {
  const isNew = ({ id }) => !known.some((row) => row.id === id);
  return fresh.slice(0, fresh.findIndex(({ id }) => id === last?.id)).filter(isNew).length +
    Math.max(known.length - fresh.length, 0);
}

function arrange(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  const known = all(rows);
  const fresh = all(made.content);
  const older = made.content.querySelector("#rows-older");
  const end = known.findLastIndex((row) => fresh.some(({ id }) => id === row.id));
  const off = older ? end + pushedOff(known, fresh, known[end]) : end;
  const stays = known.flatMap((row, at) =>
    fresh.find(({ id }) => id === row.id) ?? (at > end && at <= off ? [row.cloneNode(true)] : gone(row)));
  if (off > end) {
    older.replaceWith(document.getElementById("rows-older")?.cloneNode(true) ?? "");
    made.content.querySelector("#rows-size").setAttribute("value", document.getElementById("rows-size").value);
  }
  const calm = isBusy() && !asked;
  const found = calm ? weave([...stays], fresh) : weave([...fresh], stays);
  const anchor = known.find((row) => row.matches(`${over}, :focus-within`)) ??
    known.find((row) => top(row) >= top(rows));
  const place = calm ? found.findIndex(({ id }) => id === anchor?.id) : 0;
  found.forEach((row, at) => { row.hidden = calm && (document.getElementById(row.id)?.hidden ?? at < place); });
  made.content.querySelector("#rows-list")?.prepend(...found);
  const held = found.filter((row) => row.hidden).length;
  news.hidden = !held;
  news.firstElementChild.textContent = held;
  asked = false;
  return made.innerHTML;
}

// What comes of one's own act is no surprise.
document.addEventListener("htmx:afterRequest", ({ detail: { elt, requestConfig, successful } }) => {
  if (successful && requestConfig.verb !== "get" && !elt.matches("[data-quiet]")) asked = true;
});

function release() {
  if (!isBusy() && (!news.hidden || rows.querySelector("[data-gone]"))) htmx.trigger(rows, "live");
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target === rows && detail.shouldSwap) detail.serverResponse = arrange(detail.serverResponse);
});
for (const event of ["pointerleave", "focusout", "scroll"]) rows.addEventListener(event, () => setTimeout(release, 300));
news.addEventListener("click", () => {
  asked = true;
  rows.scrollTo({ top: 0 });
  rows.focus();
  htmx.trigger(rows, "live");
});
