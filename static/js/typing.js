// Lets the visitor of a chat, and colleagues, see that somebody writes.
import { all, hear, on, one, signed } from "./dom.js";
import { areaOf, wayOf } from "./field.js";

// In ms.
const EVERY = 3_000;
const REST = 4_000; // nobody types
const THINKS = 30_000; // nor, to colleagues, writes

let writing = null;
let timer;
let thinking;

const tell = (is) => navigator.sendBeacon(writing.address, signed({ is }));

function stop() {
  clearTimeout(timer);
  if (writing) tell(false);
  writing = null;
}

function write(form) {
  const address = one("#presence")?.dataset.typing;
  if (!address || !("atOnce" in wayOf(form))) return;
  if (writing?.address !== address) stop();
  if (!writing || Date.now() - writing.at > EVERY) {
    writing = { address, at: Date.now() };
    tell(true);
  }
  clearTimeout(timer);
  timer = setTimeout(stop, REST);
}

// What has been begun stays so through a pause.
function say(what, begun = what) {
  clearTimeout(thinking);
  const part = one("#beside");
  if (!part) return;
  const was = part.dataset.doing ?? "";
  part.dataset.doing = what;
  if (was !== what) document.dispatchEvent(new Event("doing"));
  const mark = one("#begun");
  if (mark.value === begun) return;
  mark.value = begun;
  htmx.trigger(part, "begun");
}

on("input", "#reply, #note", (form, { target }) => {
  if (!target.matches("textarea, [contenteditable]")) return;
  const what = areaOf(form).value && form.id;
  say(what);
  thinking = setTimeout(say, THINKS, "", what);
  if (what === "reply") write(form);
  else if (!what) stop();
});
on("submit", "#reply", stop);
hear("htmx:afterSettle", () => all("#reply, #note").some((form) => areaOf(form).value) || say(""));
addEventListener("pagehide", stop);
