// Keeps what is on screen true. Elements name their topics in data-live and fetch themselves on the event "live";
// the socket says only that a topic changed. Whatever may have changed before a subscription stood, at first or
// after a lost connection, is fetched again once it stands.
const GATHER = 150; // ms in which several pushes become one fetch
const APART = 1_000; // ms between two fetches of one part, however many pushes come
const LONGEST_WAIT = 20_000;
const OFFLINE_AFTER = 2_000;

const { workspace } = document.body.dataset;
const banner = document.getElementById("offline");
const waiting = new Map();
const fetched = new WeakMap();
let topics = new Set();
let socket;
let failures = 0;

const parts = () => [...document.querySelectorAll("[data-live]")];
const topicsOf = (part) => part.dataset.live.split(" ");

function refresh(part) {
  if (document.hidden || waiting.has(part)) return;
  const wait = Math.max(GATHER, APART - (Date.now() - (fetched.get(part) ?? 0)));
  waiting.set(part, setTimeout(() => {
    waiting.delete(part);
    fetched.set(part, Date.now());
    if (part.isConnected) htmx.trigger(part, "live");
  }, wait));
}

const refreshOn = (named) =>
  parts().filter((part) => topicsOf(part).some((topic) => named.includes(topic))).forEach(refresh);

function subscribe() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const wanted = new Set(parts().flatMap(topicsOf));
  const gone = [...topics].filter((topic) => !wanted.has(topic));
  const fresh = [...wanted].filter((topic) => !topics.has(topic));
  topics = wanted;
  if (gone.length || fresh.length) socket.send(JSON.stringify({ unsubscribe: gone, subscribe: fresh }));
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
    failures = 0;
    showOffline(false);
    subscribe();
  });
  socket.addEventListener("message", ({ data }) => {
    const { topic, subscribed } = JSON.parse(data);
    refreshOn(subscribed ?? [topic]);
  });
  socket.addEventListener("close", () => {
    failures += 1;
    showOffline(true);
    const wait = Math.min(2 ** failures * 250, LONGEST_WAIT);
    setTimeout(connect, wait * (0.75 + Math.random() / 2));
  });
}

document.addEventListener("htmx:afterSettle", subscribe);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.requestConfig.verb !== "get" && detail.elt.id !== "seen-mark") parts().forEach(refresh);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) parts().forEach(refresh);
});
addEventListener("offline", () => showOffline(true));
addEventListener("online", () => {
  showOffline(socket?.readyState !== WebSocket.OPEN);
  parts().forEach(refresh);
});
if (workspace) connect();
