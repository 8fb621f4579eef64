// Keeps what is on screen true. Elements name their topics in data-live and fetch themselves on the event "live";
// the socket says only that a topic changed. After a lost connection everything on screen is fetched again.
const GATHER = 150; // ms in which several pushes become one fetch
const LONGEST_WAIT = 20_000;
const OFFLINE_AFTER = 2_000;

const { workspace } = document.body.dataset;
const banner = document.getElementById("offline");
const waiting = new Map();
let socket;
let failures = 0;
let asked = "";

const parts = () => [...document.querySelectorAll("[data-live]")];
const topicsOf = (part) => part.dataset.live.split(" ");

function refresh(part) {
  if (document.hidden || waiting.has(part)) return;
  waiting.set(part, setTimeout(() => {
    waiting.delete(part);
    if (part.isConnected) htmx.trigger(part, "live");
  }, GATHER));
}

function subscribe() {
  const topics = [...new Set(parts().flatMap(topicsOf))].sort();
  if (socket?.readyState !== WebSocket.OPEN || asked === topics.join()) return;
  asked = topics.join();
  socket.send(JSON.stringify({ subscribe: topics }));
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
    asked = "";
    subscribe();
    if (failures) parts().forEach(refresh);
    failures = 0;
    showOffline(false);
  });
  socket.addEventListener("message", ({ data }) => {
    const { topic } = JSON.parse(data);
    parts().filter((part) => topicsOf(part).includes(topic)).forEach(refresh);
  });
  socket.addEventListener("close", () => {
    failures += 1;
    showOffline(true);
    const wait = Math.min(2 ** failures * 250, LONGEST_WAIT);
    setTimeout(connect, wait * (0.75 + Math.random() / 2));
  });
}

document.addEventListener("htmx:afterSettle", subscribe);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) parts().forEach(refresh);
});
addEventListener("online", () => parts().forEach(refresh));
if (workspace) connect();
