// Parts fetch themselves on the event "live", when a topic in data-live changed or may have while nobody listened.
import { all, hear, one, seen, workspace } from "./dom.js";

const GATHER = 20; // ms in which pushes become one fetch
const APART = 300; // ms between two fetches of one part
const EACH = 40; // ms between the fetches of two browsers, or twice what one took
const AGAIN = 1_000;
const LONGEST = 20_000;
const ALIVE = 5_000; // ms between signs of life: who falls silent has left

let topics = new Set();
let socket;
let failures = 0;
let attended = "";

const parts = () => all("[data-live]");
const topicsOf = (part) => part.dataset.live.split(" ");

const stateOf = (part) => (part.state ??= { fetched: 0, took: 0, failures: 0 });

// In how many ms all who hear it have had their turn: a crowd goes as slowly as the server answers.
const turns = (part, among) => Math.min((among - 1) * Math.max(EACH, 2 * stateOf(part).took), LONGEST);

const isAway = (part) => document.hidden && !("always" in part.dataset);

// Pages out of sight keep until they are looked at.
const isPutOff = (part) => part.toggleAttribute("data-stale",
  part.matches(".thread-page") && !part.checkVisibility({ contentVisibilityAuto: true }));

// At some time within `spread`.
function refresh(part, spread = 0) {
  const state = stateOf(part);
  if (isAway(part) || (state.timer && spread) || isPutOff(part)) return;
  const soonest = state.fetched + Math.max(APART, spread);
  const due = Math.max(soonest, Date.now() + Math.max(GATHER, Math.random() * spread));
  if (state.timer && state.due <= due) return;
  clearTimeout(state.timer);
  Object.assign(state, { due, timer: setTimeout(fetchAgain, due - Date.now(), part) });
}

function fetchAgain(part) {
  const state = stateOf(part);
  state.timer = null;
  if (!part.isConnected || isAway(part)) return;
  state.fetched = Date.now();
  htmx.trigger(part, "live");
}

const hearing = (named) => parts().filter((part) => topicsOf(part).some((topic) => named.includes(topic)));
const refreshAll = () => parts().forEach((part) => refresh(part));

// What is read comes first.
function catchUp(named, among) {
  const isRead = (part) => part.dataset.live.includes("conversation:");
  const missed = hearing(named).sort((left, right) => isRead(right) - isRead(left));
  missed.forEach((part, place) => refresh(part, turns(part, among) * (place + 1)));
}

// An overloaded server, or none, is asked again, ever later. 401 and 404 are answers.
function settle(part, successful, { status }) {
  const state = stateOf(part);
  if (state.fetched) state.took = Math.max(Date.now() - state.fetched, state.took / 2);
  if (successful) state.failures = 0;
  else if (!status || status === 429 || status >= 500) {
    state.failures += 1;
    refresh(part, Math.min(AGAIN * 2 ** state.failures, LONGEST));
  }
}

const isOpen = () => socket?.readyState === WebSocket.OPEN;
const send = (facts) => isOpen() && socket.send(JSON.stringify(facts));
const showOffline = (is) => { one("#offline").hidden = !is; };

function subscribe() {
  if (!isOpen()) return;
  const wanted = new Set(parts().flatMap(topicsOf));
  const [gone, fresh] = [[...topics.difference(wanted)], [...wanted.difference(topics)]];
  topics = wanted;
  if (gone.length || fresh.length) send({ unsubscribe: gone, subscribe: fresh });
}

function attend() {
  const [part] = document.hidden ? [] : seen("[data-attend]");
  const { attend: place = "", doing = "" } = part?.dataset ?? {};
  if (place || attended) send({ attend: place, doing });
  attended = place;
}

function connect() {
  socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/w/${workspace}/`);
  socket.addEventListener("open", () => {
    topics = new Set();
    if (failures) document.dispatchEvent(new Event("line:back"));
    failures = 0;
    showOffline(false);
    subscribe();
    attend();
  });
  socket.addEventListener("message", ({ data }) => {
    const { topic, subscribed, among } = JSON.parse(data);
    if (subscribed) catchUp(subscribed, among);
    else hearing([topic]).forEach((part) => refresh(part, turns(part, among)));
  });
  socket.addEventListener("close", () => {
    failures += 1;
    showOffline(true);
    setTimeout(connect, Math.min(2 ** failures * 250, LONGEST) * (0.75 + Math.random() / 2));
  });
}

hear("htmx:afterSettle", subscribe);
hear("htmx:afterSettle doing visibilitychange", attend);
setInterval(attend, ALIVE);
hear("htmx:afterRequest", ({ detail: { elt, requestConfig, successful, xhr } }) => {
  if (requestConfig.verb !== "get") return successful && !elt.matches("#seen-mark, [data-quiet]") && refreshAll();
  if (elt.matches("[data-live]")) settle(elt, successful, xhr);
});
hear("contentvisibilityautostatechange", ({ target, skipped }) => {
  if (!skipped && "stale" in target.dataset) refresh(target);
}, true);
hear("visibilitychange", () => document.hidden || refreshAll());
addEventListener("offline", () => showOffline(true));
addEventListener("online", () => {
  showOffline(!isOpen());
  refreshAll();
  document.dispatchEvent(new Event("line:back"));
});
if (workspace) connect();
