// Puts store, line and view together.
const PATIENCE = 15_000; // ms for "stored"
const REST = 5_000; // ms before what could not be taken is tried again
const QUIET = 8_000; // ms after which nobody is typing any more, whatever was last said
const GRACE = 3_000; // ms in which a lost line is nobody's worry

function userOf({ userId: id, userHash: hash, userEmail: email, userEmailHash: email_hash, userName: name }) {
  const said = window.omnidesk?.user ?? { id, hash, email, email_hash, name };
  const known = Object.entries(said).filter(([, value]) => value != null && value !== "");
  return known.length ? Object.fromEntries(known.map(([key, value]) => [key, String(value)])) : null;
}

function encode(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, type: file.type, data: reader.result.split(",")[1] ?? "" });
    reader.onerror = () => reject(WORDS.unreadable(file.name));
    reader.readAsDataURL(file);
  });
}

function start(user) {
  const messages = new Map(); // by id, as the desk has them
  const over = new AbortController(); // ends every listener on what is not ours
  const timers = {};
  let [visitor, answers, asked] = [{}, null, {}];
  let [typing, trouble, notice, files] = ["", "", "", []];
  let [older, isLoading, isHistory, isDown] = [false, false, true, false];
  let isOpen = !!ours.get("open");
  let isAttended = false; // somebody at the desk has this chat before them
  let sending = ""; // what the desk has not answered yet
  let listedAt = 0;
  let reported = "";
  let typedAt = 0;

  takeSession(user?.id ?? "");
  tidyOutbox();
  const line = makeLink({ hello, hear, changed });
  line.pace = () => (isOpen && !document.hidden ? 4_000 : 15_000);
  const acts = { toggle: () => toggle(!isOpen), close: () => toggle(false), more, read, introduce, say, wrote, attach, detach, retry, drop };
  const view = makeView(acts);

  function later(name, wait, act) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(() => {
      timers[name] = 0;
      act();
    }, wait);
  }

  function hello() {
    const isFresh = messages.size && Date.now() - listedAt < DAY / 2; // addresses of files are good for a day
    const page = { url: location.origin + location.pathname, title: document.title.slice(0, 300) };
    asked = { session: shared.get("session", ""), ...(isFresh && { after: Math.max(...messages.keys()) }) };
    return { type: "hello", ...asked, ...(user && { user }), page, language: LANGUAGE };
  }

  const heard = {
    ready(frame) {
      const kept = shared.get("session", "");
      if (kept && kept !== asked.session) return line.again(); // another tab was faster: its session is everybody's
      shared.set("session", frame.session);
      [visitor, answers, isLoading, isAttended] = [frame.visitor ?? {}, frame.answers, false, !!frame.is_here];
      const isWhole = !asked.after || frame.older; // more has come than fits: here are the newest
      if (isWhole) {
        messages.clear();
        listedAt = Date.now();
        older = !!frame.older;
      }
      merge(frame.messages, isWhole);
      flush();
    },
    messages(frame) {
      const isOlder = timers.more && "older" in frame;
      if (isOlder) {
        clearTimeout(timers.more);
        timers.more = 0;
        older = frame.older;
      }
      merge(frame.messages, isOlder);
    },
    stored({ id }) {
      outbox.change(id, { state: "stored" });
      settled(id);
    },
    typing({ name, is }) {
      typing = is ? String(name) : "";
      later("typing", QUIET, () => heard.typing({ is: false }));
      show();
    },
    team({ is_here: isHere }) {
      isAttended = !!isHere;
      show();
    },
    pong(frame) {
      heard.team(frame);
    },
    error({ code, detail, id, retry_after: wait = REST / 1000 }) {
      if (code === "no_session") {
        shared.set("session", "");
        line.again();
      } else if (code === "unsigned") notice = WORDS.unsigned;
      else if (code === "bad_frame" && shared.get("who")?.email) {
        shared.set("who", { ...shared.get("who"), email: "" }); // what browsers take for an address may be none
        settled(id);
      }
      else if (id && WORDS.errors[code]) refuse(id, WORDS.errors[code]);
      else if (code === "rate" || code === "unavailable") {
        trouble = code === "rate" ? WORDS.rate : String(detail ?? "");
        clearTimeout(timers.stored);
        later("rest", wait * 1000, () => {
          [trouble, sending] = ["", ""];
          if (line.state !== "ready") line.again();
          flush();
          show();
        });
      }
      show();
    },
  };

  function hear(frame) {
    if (Object.hasOwn(heard, frame?.type)) heard[frame.type](frame);
  }

  function changed() {
    if (line.state !== "ready") [reported, sending, typing, isAttended] = ["", "", "", false];
    clearTimeout(timers.stored);
    clearTimeout(timers.down);
    if (line.state === "trying") later("down", GRACE, () => show((isDown = true)));
    else isDown = false;
    show();
  }

  function merge(list, history) {
    const found = (Array.isArray(list) ? list : []).filter((message) => Number.isInteger(message?.id));
    for (const message of found) messages.set(message.id, message);
    outbox.drop(found.filter(({ mine }) => mine).map((message) => message.client_id));
    if (found.some(({ mine }) => !mine)) typing = "";
    isHistory = history;
    show();
    isHistory = false;
    read();
  }

  // What the desk may know: that messages came, and that they stood before the visitor's eyes.
  function read() {
    const newest = Math.max(0, ...theirs().map(({ id }) => id));
    const before = shared.get("read", 0);
    const isRead = isOpen && !document.hidden && view.isAtEnd() && newest > before;
    if (isRead) shared.set("read", newest);
    const report = { type: "seen", delivered: newest, read: isRead ? newest : before };
    if (newest && line.state === "ready" && reported !== JSON.stringify(report)) {
      line.send(report);
      reported = JSON.stringify(report);
    }
    if (isRead) show();
  }

  // One at a time, so that they arrive in the order in which they were written.
  function flush() {
    const item = outbox.next();
    if (sending || !item || line.state !== "ready") return;
    sending = item.id;
    const { name, email } = shared.get("who", {});
    const frame = { type: "say", id: item.id, text: item.text, ...(name && { name }), ...(email && { email }) };
    if (item.files.length) upload(item.id, frame);
    else {
      line.send(frame);
      later("stored", PATIENCE, line.again);
    }
  }

  async function upload(id, frame) {
    const guard = (event) => event.preventDefault(); // the browser asks before it leaves
    addEventListener("beforeunload", guard);
    try {
      const content = await Promise.all(attached.get(id).map(encode));
      await line.upload({ ...frame, files: content }, (share) => view.progress(id, share));
    } catch (error) {
      if (error === 413) refuse(id, WORDS.errors.too_large);
      if (typeof error === "string") refuse(id, error);
    }
    removeEventListener("beforeunload", guard);
    if (sending === id && !timers.rest) later("rest", REST, () => settled(id));
  }

  function settled(id) {
    if (sending === id) {
      sending = "";
      clearTimeout(timers.stored);
    }
    flush();
    show();
  }

  function refuse(id, reason) {
    outbox.change(id, { state: "failed", reason });
    settled(id);
  }

  function retry(id) {
    outbox.change(id, { state: "waiting" });
    flush();
    show();
  }

  function drop(id) {
    outbox.drop([id]);
    show();
  }

  function say(text) {
    if (!canSend(text)) return false;
    outbox.add(text.trim(), files);
    ours.set("draft", "");
    files = [];
    stopTyping();
    line.connect();
    flush();
    show();
    return true;
  }

  function canSend(text) {
    return text.length <= CONFIG.limits.text && !!(text.trim() || files.length);
  }

  function wrote(text) {
    ours.set("draft", text);
    const excess = text.length - CONFIG.limits.text;
    trouble = excess > 0 ? WORDS.tooLong(excess) : "";
    if (!text) stopTyping();
    else if (line.state === "ready") {
      if (Date.now() - typedAt > GRACE) {
        line.send({ type: "typing", is: true });
        typedAt = Date.now();
      }
      later("typed", 4_000, stopTyping);
    }
    show();
  }

  function stopTyping() {
    clearTimeout(timers.typed);
    if (typedAt) line.send({ type: "typing", is: false });
    typedAt = 0;
  }

  function attach(more) {
    const { limits } = CONFIG;
    const all = [...files, ...more];
    const empty = more.find(({ size }) => !size);
    if (empty) trouble = WORDS.empty(empty.name);
    else if (all.length > limits.most_files) trouble = WORDS.tooMany(limits.most_files);
    else if (all.reduce((sum, { size }) => sum + size, 0) > limits.files) trouble = WORDS.tooLarge(sizeOf(limits.files));
    else [trouble, files] = ["", all];
    show();
  }

  function detach(at) {
    files = files.filter((_, index) => index !== at);
    trouble = "";
    show();
    view.focus();
  }

  function more() {
    if (!older || timers.more || line.state !== "ready") return;
    later("more", PATIENCE, show);
    line.send({ type: "more", before: Math.min(...messages.keys()) });
  }

  function introduce(name, email) {
    shared.set("who", { name, email, isAsked: true });
    if (name || email) line.send({ type: "introduce", name, email });
    show();
    view.focus();
  }

  function toggle(is) {
    if (isOpen === is) return;
    isOpen = is;
    ours.set("open", is);
    if (is && line.state === "off") connect();
    show();
    view.open(is);
    if (is) view.focus();
    read();
  }

  function connect() {
    isLoading = !messages.size;
    line.connect();
  }

  function theirs() {
    return [...messages.values()].filter(({ mine }) => !mine);
  }

  function listed({ id, mine, client_id: key, text, at, from, files: those }) {
    const state = mine ? "stored" : "";
    return {
      key: String(key || id), mine: !!mine, text: String(text ?? ""), at: new Date(at), state,
      from: mine ? "" : String(from ?? ""), files: Array.isArray(those) ? those : [],
    };
  }

  function written({ id, text, at, state, files: those, reason, ...item }) {
    const canRetry = hasFiles({ id, files: those });
    const shown = state === "waiting" && isDown ? "resting" : state;
    const isUploading = state === "waiting" && !!those.length && canRetry;
    return { key: id, mine: true, text, at: new Date(at), from: "", files: those, state: shown, reason, canRetry, isUploading };
  }

  function asks() {
    const isKnown = user?.hash || visitor.is_signed || visitor.name || visitor.email || shared.get("who")?.isAsked;
    return CONFIG.form !== "off" && !isKnown && !messages.size && !(isLoading && shared.get("session"));
  }

  function show() {
    const shown = [...messages.values()].sort((one, other) => one.id - other.id).map(listed);
    const waiting = outbox.all().map(written);
    const last = theirs().length && shown.filter(({ mine }) => !mine).pop();
    const seen = shared.get("read", 0);
    view.show({
      isOpen, isDown, isHistory, isAttended, older, typing, files,
      items: [...shown, ...waiting],
      end: line.state === "gone" ? WORDS.gone[line.why] : "",
      agent: last ? last.from : "",
      unread: theirs().filter(({ id }) => id > seen).length,
      asks: asks(),
      top: isLoading && !shown.length ? WORDS.loading : visitor.is_signed ? WORDS.signed(visitor.name) : notice,
      trouble,
      note: answers ? (answers.by === "mail" ? WORDS.mail(answers.to) : WORDS.waits) : "",
      canSend: canSend,
    });
  }

  function stored({ key }) {
    if (!key?.startsWith(PREFIX)) return;
    if (shared.get("user", "") !== (user?.id ?? "")) line.end("moved"); // this page still says who is no more
    const hasMoved = key === `${PREFIX}session` && shared.get("session", "") !== asked.session;
    if (hasMoved && line.state !== "off") {
      messages.clear();
      line.again();
    } else if (hasMoved) connect();
    later("flush", GRACE, flush); // the tab that it was written in comes first
    show();
  }

  function mount() {
    const on = (target, name, act) => target.addEventListener(name, act, { signal: over.signal });
    on(window, "storage", stored);
    on(window, "online", line.again);
    on(window, "offline", line.again);
    on(window, "pagehide", line.stop);
    on(window, "pageshow", ({ persisted }) => persisted && shared.get("session") && line.connect());
    on(document, "visibilitychange", () => document.hidden || read());
    document.body.append(view.host);
    view.draft(ours.get("draft", ""));
    isOpen = isOpen && view.reopen();
    if (isOpen || shared.get("session") || outbox.next()) connect();
    show();
  }

  function remove() {
    over.abort();
    line.stop();
    Object.values(timers).forEach(clearTimeout);
    view.host.remove();
    for (const name of ["open", "close", "remove"]) delete window.omnidesk[name];
  }

  window.omnidesk = Object.assign(window.omnidesk ?? {}, { open: () => toggle(true), close: () => toggle(false), remove });
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount, { signal: over.signal });
}

// A script that was put into the page twice makes one chat.
if (!window.omnidesk?.remove) start(userOf(document.currentScript?.dataset ?? {}));
