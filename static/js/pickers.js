// Pickers are details that open a menu: one at a time by their shared name. The field takes the focus,
// arrows move over what can be chosen, enter chooses (from the field, the first match), esc closes and gives the
// focus back.
const open = () => document.querySelector("details.picker[open]");
const shown = (picker) =>
  [...picker.querySelectorAll(".menu-item:not([aria-disabled])")].filter((item) => item.checkVisibility());
const fieldOf = (item) => (item?.matches("label") ? item.querySelector("input") : item);

function close(picker, giveBack = true) {
  picker.open = false;
  if (giveBack) picker.querySelector("summary").focus();
}

// By its name, not by what stands beside it.
function narrow(picker, words) {
  for (const item of picker.querySelectorAll(".menu-item:not([data-always])")) {
    const name = item.querySelector(":scope > span:not(.avatar, .channel, .muted, .sr-only)") ?? item;
    item.hidden = !name.textContent.toLowerCase().includes(words.trim().toLowerCase());
  }
}

function move(picker, step) {
  const items = shown(picker);
  const at = items.indexOf(document.activeElement.closest(".menu-item"));
  const item = items[(at + step + items.length) % items.length] ?? items[0];
  fieldOf(item)?.focus();
}

function choose(picker, radio) {
  if (radio.checked) close(picker);
  else radio.click();
}

document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.("details.picker[open]")) return;
  const fetched = target.querySelector(":scope > [data-plan]");
  if (fetched) htmx.trigger(fetched, "list");
  const field = target.querySelector("input[type=search]");
  if (field) {
    field.value = "";
    narrow(target, "");
  }
  const checked = target.querySelector(".menu-item input:checked");
  (field ?? checked ?? fieldOf(shown(target)[0]) ?? target.querySelector(".menu .input"))?.focus();
}, true);

document.addEventListener("input", ({ target }) => {
  if (target.matches(".picker input[type=search]")) narrow(target.closest(".picker"), target.value);
});

document.addEventListener("keydown", (event) => {
  const picker = event.target.closest?.("details.picker[open]");
  if (!picker) return;
  if (event.key === "Escape") close(picker);
  else if (event.key === "ArrowDown") move(picker, 1);
  else if (event.key === "ArrowUp") move(picker, -1);
  else if (event.key === "Enter" && event.target.matches("input[type=search]")) shown(picker)[0]?.click();
  else if (event.key === "Enter" && event.target.matches("input[type=radio]")) choose(picker, event.target);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

document.addEventListener("click", ({ target }) => {
  const picker = open();
  if (picker && !picker.contains(target)) close(picker, false);
});

document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const picker = target.closest?.("details.picker[open]");
  const goesOn = detail.requestConfig.verb === "get" && target.closest("[data-plan]"); // what it shows comes step by step
  if (picker && !goesOn && !("stays" in picker.dataset)) close(picker);
});
