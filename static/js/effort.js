// Effort: how long the member has a conversation in focus. A second counts while the tab is visible and focused, the
// thread is on screen, and a key, the mouse, the wheel or a finger moved within the last minute.
const IDLE = 60_000; // ms
const GLANCE = 3_000; // ms; who looks no longer only passes through
const STEP = 1_000; // ms between two looks at the clock
const SLEPT = 2_500; // ms; a longer step means that the machine slept, or that the clock jumped
const EVERY = 30_000; // ms between reports
const MOST = 10; // reports kept for a server that does not answer

let moved = performance.now();
let looked = moved;
let visit = null; // { address, seen, unsaid }: ms in all, and ms that no report has said
let waiting = []; // reports that the server has not taken; one that is sent again has the same id

function shown() {
  const mark = document.querySelector("#thread [data-effort]");
  return mark?.closest("#thread").checkVisibility() ? mark.dataset.effort : null;
}

function count() {
  const now = performance.now();
  const step = now - looked;
  looked = now;
  if (visit && step < SLEPT && now - moved < IDLE && !document.hidden && document.hasFocus()) {
    visit.seen += step;
    visit.unsaid += step;
  }
  const address = shown();
  if (address === (visit?.address ?? null)) return;
  report();
  visit = address && { address, seen: 0, unsaid: 0 };
  send();
}

function report() {
  const seconds = Math.round((visit?.unsaid ?? 0) / 1000);
  if (seconds < 1 || visit.seen < GLANCE) return;
  visit.unsaid -= seconds * 1000;
  const body = new FormData();
  body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  body.append("report", newId());
  body.append("seconds", seconds);
  waiting = [...waiting, { address: visit.address, body }].slice(-MOST);
}

// A UUID in hexadecimals; crypto.randomUUID is there on https alone.
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function send() {
  waiting.filter((each) => !each.underway).forEach(post);
}

async function post(each) {
  each.underway = true;
  try {
    const { status } = await fetch(each.address, {
      method: "POST", body: each.body, keepalive: true, redirect: "error", signal: AbortSignal.timeout(EVERY),
    });
    if (status < 500) waiting = waiting.filter((other) => other !== each);
  } catch {
    // No line: it is sent again with the next report.
  }
  each.underway = false;
}

function leave() {
  count();
  report();
  waiting = waiting.filter(({ address, body }) => !navigator.sendBeacon(address, body));
}

for (const name of ["keydown", "pointerdown", "wheel", "touchmove"]) {
  document.addEventListener(name, () => { moved = performance.now(); }, { capture: true, passive: true });
}
document.addEventListener("pointermove", ({ movementX, movementY }) => {
  if (movementX || movementY) moved = performance.now(); // not what scrolled away under a resting mouse
}, { capture: true, passive: true });
document.addEventListener("htmx:afterSettle", count);
document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
addEventListener("pagehide", leave);
setInterval(count, STEP);
setInterval(() => { report(); send(); }, EVERY);
count();
