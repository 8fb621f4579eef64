// How long the member has a conversation in focus.
import { hear, one, seen, signed } from "./dom.js";

// In ms.
const IDLE = 60_000;
const GLANCE = 3_000; // who looks no longer only passes through
const STEP = 1_000;
const SLEPT = 2_500; // in a longer step the machine slept
const EVERY = 30_000;
const MOST = 10;

let moved = performance.now();
let looked = moved;
let visit = { seen: 0, unsaid: 0 };
let waiting = [];

function count() {
  const now = performance.now();
  const step = now - looked;
  looked = now;
  if (step < SLEPT && now - moved < IDLE && !document.hidden && document.hasFocus()) {
    visit.seen += step;
    visit.unsaid += step;
  }
  const [thread] = seen("#thread");
  const address = thread && one("[data-effort]", thread)?.dataset.effort;
  if (address === visit.address) return;
  report();
  visit = { address, seen: 0, unsaid: 0 };
}

function report() {
  const seconds = Math.round(visit.unsaid / 1000);
  if (visit.address && seconds && visit.seen >= GLANCE) {
    visit.unsaid -= seconds * 1000;
    const body = signed({ report: newId(), seconds });
    waiting = [...waiting, { address: visit.address, body }].slice(-MOST);
  }
  waiting.filter((each) => !each.underway).forEach(post);
}

// crypto.randomUUID is there on https alone.
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function post(each) {
  each.underway = true;
  const { status } = await fetch(each.address, {
    method: "POST", body: each.body, keepalive: true, redirect: "error", signal: AbortSignal.timeout(EVERY),
  }).catch(() => ({ status: 500 }));
  each.underway = false;
  if (status < 500) waiting = waiting.filter((other) => other !== each);
}

hear("keydown pointerdown pointermove wheel touchmove", ({ type, movementX, movementY }) => {
  // not what scrolls under a resting mouse
  if (type !== "pointermove" || movementX || movementY) moved = performance.now();
}, { capture: true, passive: true });
hear("htmx:afterSettle", count);
hear("visibilitychange", () => document.hidden && report());
addEventListener("pagehide", report);
setInterval(count, STEP);
setInterval(report, EVERY);
count();
