// Copy buttons: data-copy names the element whose text goes to the clipboard; without a name, data-address is the
// address that does, else it is the text before the button.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const { copy, address } = button.dataset;
  const source = document.getElementById(copy) ?? button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(address ? new URL(address, location).href : source.textContent.trim());
    button.dataset.state = "ok";
  } catch {
    getSelection().selectAllChildren(source ?? button); // no right to the clipboard: one key is left to press
  }
  const picker = button.closest("details.picker");
  if (picker) picker.open = false;
});
