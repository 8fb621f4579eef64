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

function arrange(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  const known = all(rows);
  const fresh = all(made.content);
  const stays = known.flatMap((row) => fresh.find(({ id }) => id === row.id) ?? gone(row));
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
