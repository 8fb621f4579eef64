// What outlives a page: the session, the outbox, what was read. All tabs of a site share it through localStorage,
// and each keeps its draft in sessionStorage; where a browser refuses them, memory lasts as long as the page.
const DAY = 86_400_000; // ms
const PREFIX = `omnidesk:${CONFIG.token}:`;

function makeShelf(name) {
  const memory = new Map();
  let area = null;
  try {
    area = window[name];
  } catch { /* the site's visitors may have forbidden it */ }
  return {
    get(key, otherwise = null) {
      if (memory.has(key)) return memory.get(key);
      try {
        return JSON.parse(area.getItem(PREFIX + key)) ?? otherwise;
      } catch {
        return otherwise;
      }
    },
    set(key, value) {
      try {
        area.setItem(PREFIX + key, JSON.stringify(value));
        memory.delete(key);
      } catch {
        memory.set(key, value);
      }
    },
  };
}

const shared = makeShelf("localStorage");
const ours = makeShelf("sessionStorage"); // of this tab
const attached = new Map(); // outbox id -> File[]; files are too large for localStorage

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // pages without TLS have no randomUUID
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// Messages written here, oldest first: {id, text, at, files: [{name, size}], state, reason, tab}. They are sent from
// the state "waiting", and leave when the server lists them; "stored" ones are safe there, "failed" ones want a person.
const outbox = {
  all: () => shared.get("outbox", []),
  save: (items) => shared.set("outbox", items),
  add(text, files) {
    const item = { id: newId(), text, at: Date.now(), state: "waiting", tab: TAB };
    item.files = files.map(({ name, size }) => ({ name, size }));
    if (files.length) attached.set(item.id, files);
    outbox.save([...outbox.all(), item]);
    return item;
  },
  change: (id, facts) => outbox.save(outbox.all().map((item) => (item.id === id ? { ...item, ...facts } : item))),
  drop(ids) {
    const left = outbox.all().filter(({ id }) => !ids.includes(id));
    ids.forEach((id) => attached.delete(id));
    if (left.length !== outbox.all().length) outbox.save(left);
  },
  next: () => outbox.all().find((item) => item.state === "waiting" && hasFiles(item)),
};

const TAB = ours.get("tab") ?? newId();
ours.set("tab", TAB);

const hasFiles = (item) => !item.files.length || attached.has(item.id);

// A page that was left took the files of its messages with it; what was stored long ago has been listed elsewhere.
function tidyOutbox() {
  outbox.save(outbox.all().filter((item) => item.state !== "stored" || Date.now() - item.at < DAY).map((item) => {
    const isLost = item.state === "waiting" && !hasFiles(item) && (item.tab === TAB || Date.now() - item.at > DAY / 24);
    return isLost ? { ...item, state: "failed", reason: WORDS.filesLost } : item;
  }));
}

// A session belongs to whom the site said it was: who chatted first and then signed in goes on, who signs out starts anew.
function takeSession(user) {
  const before = shared.get("user", "");
  if (before && before !== user) {
    for (const key of ["session", "outbox", "read", "who"]) shared.set(key, null);
    ours.set("draft", null);
  }
  shared.set("user", user);
}
