// The clipboard gets the address in data-copy, or else the text before the button.
import { on } from "./dom.js";

on("click", "[data-copy]", async (button) => {
  const { dataset, previousElementSibling: source } = button;
  try {
    await navigator.clipboard.writeText(dataset.copy ? new URL(dataset.copy, location) : source.textContent.trim());
    dataset.state = "ok";
  } catch {
    getSelection().selectAllChildren(source ?? button);
  }
});

// Whoever signs out leaves nothing that they wrote behind.
on("submit", "[data-forget]", () => {
  for (const key of Object.keys(localStorage)) if (/^(draft|recent|emoji)\b/.test(key)) delete localStorage[key];
});
