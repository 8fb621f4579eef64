// Keeps what is on screen true. Elements name their topics in data-live and fetch themselves on the event "live";
// the socket says only that a topic changed. Whatever may have changed before a subscription stood, at first or
// after a lost connection, is fetched again once it stands.
const GATHER = 20; // ms in which several pushes become one fetch
const APART = 300; // ms between two fetches of one part, however many pushes come
const EACH = 40; // ms between the fetches of those who hear the same, and twice what a fetch took where that is more
const AFTER_FAILURE = 1_000; // ms; doubled each time
const LONGEST_WAIT = 20_000;
const OFFLINE_AFTER = 2_000;
const ALIVE = 5_000; // ms between two signs of life

const { workspace } = document.body.dataset;
const banner = document.getElementById("offline");
const waiting = new Map(); // parts to fetch, with their timers and when those are due
const fetched = new WeakMap(); // parts, with when they were fetched last
const took = new WeakMap(); // parts, with how many ms that took, of late
const failed = new WeakMap(); // parts that could not be fetched, with how often
let topics = new Set();
let socket;
let failures = 0;
let attended = "";

const parts = () => [...document.querySelectorAll("[data-live]")];
const topicsOf = (part) => part.dataset.live.split(" ");

// In how many ms all have had their turn who fetch because of the same. They go as slowly as the server answers, so
// that whoever has a conversation open, and whoever writes to it, does not wait behind a crowd.
const turns = (part, among) =>
  Math.min((among - 1) * Math.max(EACH, 2 * (took.get(part) ?? 0)), LONGEST_WAIT);

// Whether nobody would see it; what is told wherever one looks is fetched always.
const isAway = (part) => document.hidden && !("always" in part.dataset);

// A page of a long thread that is out of sight keeps until it is looked at.
function isPutOff(part) {
  const is = part.matches(".thread-page") && !part.checkVisibility({ contentVisibilityAuto: true });
  part.toggleAttribute("data-stale", is);
  return is;
}

// Fetches a part again, at some time within `spread`. Hidden, nothing is fetched, but everything once shown again.
function refresh(part, spread = 0) {
  const planned = waiting.get(part);
  if (isAway(part) || (planned && spread) || isPutOff(part)) return;
  const soonest = (fetched.get(part) ?? 0) + Math.max(APART, spread);
  const due = Math.max(soonest, Date.now() + Math.max(GATHER, Math.random() * spread));
  if (planned?.due <= due) return;
  clearTimeout(planned?.timer);
  waiting.set(part, { due, timer: setTimeout(fetchAgain, due - Date.now(), part) });
}

function fetchAgain(part) {
  waiting.delete(part);
  if (!part.isConnected || isAway(part)) return;
  fetched.set(part, Date.now());
  htmx.trigger(part, "live");
}

const hearing = (named) => parts().filter((part) => topicsOf(part).some((topic) => named.includes(topic)));
const refreshAll = () => parts().forEach((part) => refresh(part));

// Many connect at once when a server was away: what is read comes first, and each further part takes longer.
function catchUp(named, among) {
  const isRead = (part) => topicsOf(part).some((topic) => topic.startsWith("conversation:"));
  const missed = hearing(named).sort((one, other) => isRead(other) - isRead(one));
  missed.forEach((part, place) => refresh(part, turns(part, among) * (place + 1)));
}

// An overloaded server, or none, changes nothing on screen: ask again, ever later. 401 and 404 are answers.
function settle(part, { successful, xhr }) {
  took.set(part, Math.max(Date.now() - fetched.get(part), (took.get(part) ?? 0) / 2));
  if (successful) failed.delete(part);
  else if (xhr.status === 0 || xhr.status === 429 || xhr.status >= 500) {
    failed.set(part, (failed.get(part) ?? 0) + 1);
    refresh(part, Math.min(AFTER_FAILURE * 2 ** failed.get(part), LONGEST_WAIT));
  }
}

function subscribe() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const wanted = new Set(parts().flatMap(topicsOf));
  const gone = [...topics].filter((topic) => !wanted.has(topic));
  const fresh = [...wanted].filter((topic) => !topics.has(topic));
  topics = wanted;
  if (gone.length || fresh.length) socket.send(JSON.stringify({ unsubscribe: gone, subscribe: fresh }));
}

// Says what is on screen and what is done there, again and again: who falls silent is taken to have left.
function attend() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const part = [...document.querySelectorAll("[data-attend]")].find((each) => each.offsetParent && !document.hidden);
  const { attend = "", doing = "" } = part?.dataset ?? {};
  if (attend || attended) socket.send(JSON.stringify({ attend, doing }));
  attended = attend;
}

function showOffline(is) {
  clearTimeout(showOffline.timer);
  if (is) showOffline.timer = setTimeout(() => { banner.hidden = false; }, OFFLINE_AFTER);
  else banner.hidden = true;
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/ws/w/${workspace}/`);
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
    const wait = Math.min(2 ** failures * 250, LONGEST_WAIT);
    setTimeout(connect, wait * (0.75 + Math.random() / 2));
  });
}

document.addEventListener("htmx:afterSettle", () => {
  subscribe();
  attend();
});
document.addEventListener("doing", attend);
setInterval(attend, ALIVE);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.verb === "get") {
    if (detail.elt.matches("[data-live]")) settle(detail.elt, detail);
  } else if (detail.successful && !detail.elt.matches("#seen-mark, [data-quiet]")) refreshAll();
});
document.addEventListener("contentvisibilityautostatechange", ({ target, skipped }) => {
  if (!skipped && "stale" in target.dataset) refresh(target);
}, true);
document.addEventListener("visibilitychange", () => {
  attend();
  if (!document.hidden) refreshAll();
});
addEventListener("offline", () => showOffline(true));
addEventListener("online", () => {
  showOffline(socket?.readyState !== WebSocket.OPEN);
  refreshAll();
});
if (workspace) connect();
