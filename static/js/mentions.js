// The list of colleagues while a note is written: what follows an @ narrows it, arrows move, enter takes.
const MOST = 6;
const TYPED = /(?:^|\s)@([\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]*)?)$/u;

const list = () => document.getElementById("mention-list");
const options = () => [...list().querySelectorAll("[role=option]")];
const shown = () => options().filter((option) => !option.hidden);

function select(option) {
  for (const other of options()) other.ariaSelected = String(other === option);
  const field = document.getElementById("note-text");
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

function hide() {
  if (list()) list().hidden = true;
  select(null);
}

function narrow(field) {
  const typed = TYPED.exec(field.value.slice(0, field.selectionStart))?.[1];
  if (typed === undefined) return hide();
  const words = typed.toLowerCase();
  let room = MOST;
  for (const option of options()) {
    const name = option.dataset.name.toLowerCase();
    const fits = name.startsWith(words) || name.split(" ").some((part) => part.startsWith(words));
    option.hidden = !fits || room === 0;
    if (!option.hidden) room -= 1;
  }
  list().hidden = room === MOST;
  return select(shown()[0] ?? null);
}

function take(option) {
  const field = document.getElementById("note-text");
  const end = field.selectionStart;
  const start = field.value.slice(0, end).lastIndexOf("@");
  field.setRangeText(`@${option.dataset.name} `, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  hide();
  field.focus();
}

document.addEventListener("input", ({ target }) => {
  if (target.id === "note-text") narrow(target);
});
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "note-text" || list().hidden) return;
  const found = shown();
  const at = found.findIndex((option) => option.ariaSelected === "true");
  if (event.key === "ArrowDown") select(found[(at + 1) % found.length]);
  else if (event.key === "ArrowUp") select(found[(at - 1 + found.length) % found.length]);
  else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") take(found[at]);
  else if (event.key === "Escape") hide();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest("#mention-list [role=option]");
  if (option) {
    event.preventDefault();
    take(option);
  } else if (list() && !list().hidden) hide();
});
