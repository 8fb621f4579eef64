// Lets the visitor of a chat see that somebody writes an answer: said every 3 s for as long as keys are struck, and
// only while the answer goes by chat. Lets colleagues see it too, and asks whose work it is that somebody begins.
const EVERY = 3_000; // ms
const REST = 4_000; // ms without a key after which nobody types any more
const THINKS = 30_000; // ms without a key after which, to colleagues, nobody writes any more

let writing = null; // { address, token, at }: to whom it was said, and when
let timer;
let thinking;

function isForChat(form) {
  const way = form.querySelector("[name=way]:checked") ?? form.querySelector("[name=way]");
  return !!way?.closest("label")?.querySelector("[data-channel=chat]");
}

function tell({ address, token }, is) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", token);
  body.append("is", is);
  fetch(address, { method: "POST", body, keepalive: true }).catch(() => {}); // nobody misses a lost one
}

function stop() {
  clearTimeout(timer);
  if (writing) tell(writing, false);
  writing = null;
}

function write(form) {
  const address = document.getElementById("presence")?.dataset.typing;
  if (!address || !isForChat(form)) return;
  if (writing && writing.address !== address) stop();
  if (!writing || Date.now() - writing.at > EVERY) {
    writing = { address, token: form.querySelector("[name=csrfmiddlewaretoken]").value, at: Date.now() };
    tell(writing, true);
  }
  clearTimeout(timer);
  timer = setTimeout(stop, REST);
}

const textOf = (form) => form.querySelector("textarea").value;

// What colleagues see the member write: "reply", "note" or nothing. What has been begun stays so through a pause.
function say(what, begun = what) {
  clearTimeout(thinking);
  const part = document.getElementById("beside");
  if (!part) return;
  const was = part.dataset.doing ?? "";
  part.dataset.doing = what;
  if (was !== what) document.dispatchEvent(new Event("doing"));
  const mark = document.getElementById("begun");
  if (mark.value === begun) return;
  mark.value = begun;
  htmx.trigger(part, "begun");
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("#reply, #note");
  if (!form || !target.matches("textarea, [contenteditable]")) return;
  const what = textOf(form) && form.id;
  say(what);
  thinking = setTimeout(say, THINKS, "", what);
  if (what === "reply") write(form);
  else if (!what) stop();
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.id === "reply") stop();
});
document.addEventListener("htmx:afterSettle", () => {
  if (![...document.querySelectorAll("#reply, #note")].some(textOf)) say("");
});
addEventListener("pagehide", stop);
