// What the visitor sees. All text that comes from elsewhere becomes text nodes: nothing is ever read as markup.
const WORDS = {
  chat: (name) => `Chat with ${name}`,
  unread: (count) => (count === 1 ? "1 new message" : `${count} new messages`),
  close: "Close the chat",
  here: "Write to us here",
  attended: "Somebody is here for you",
  with: (name) => `You are talking with ${name}`,
  withNow: (name) => `You are talking with ${name}. We are here.`,
  offline: "No connection. Trying again…",
  gone: {
    origin: "This chat is not open to this site.", unknown: "This chat is not there any more.",
    closed: "This chat is closed.", moved: "You signed in or out in another tab. Load this page again.",
  },
  signed: (name) => (name ? `You are signed in as ${name}.` : "You are signed in."),
  messages: "Messages",
  earlier: "Earlier messages",
  loading: "Getting your messages…",
  typing: (name) => `${name} is typing…`,
  said: (name) => `${name}: `,
  us: "We",
  jump: "New messages",
  you: "You",
  states: { waiting: "Sending…", stored: "Sent", failed: "Not sent", resting: "Waits for the connection" },
  again: "Try again",
  drop: "Remove",
  name: "Name",
  email: "E-mail",
  about: "Tell us who you are, so that we can find you again.",
  start: "Start the chat",
  skip: "Skip",
  message: "Write a message",
  attach: "Attach files",
  send: "Send",
  removeFile: (name) => `Remove ${name}`,
  tooLong: (over) => `This is ${over} characters too long.`,
  tooLarge: (size) => `Files may have ${size} together.`,
  tooMany: (count) => `No more than ${count} files at once.`,
  unreadable: (name) => `${name} can not be read any more.`,
  empty: (name) => `${name} is empty.`,
  filesLost: "The page was left before its files were sent. Please attach them again.",
  mail: (to) => `If you leave, the answer comes by e-mail to ${to}.`,
  waits: "Keep this page open or come back: the chat waits here.",
  unsigned: "We could not confirm who you are, so you write as a guest.",
  rate: "That was a lot at once. We go on in a moment.",
  errors: { too_long: "That is too long.", too_large: "These files are too large.", bad_frame: "We could not read that." },
};
const ICONS = {
  chat: "M2.992 16.342a2 2 0 0 1 .094 1.167l-1.065 3.29a1 1 0 0 0 1.236 1.168l3.413-.998a2 2 0 0 1 1.099.092 10 10 0 1 0-4.777-4.719",
  close: "M18 6 6 18m0-12 12 12",
  attach: "m16 6-8.414 8.586a2 2 0 0 0 2.829 2.829l8.414-8.586a4 4 0 1 0-5.657-5.657l-8.379 8.551a6 6 0 1 0 8.485 8.485l8.379-8.551",
  send: "M3.714 3.048a.498.498 0 0 0-.683.627l2.843 7.627a2 2 0 0 1 0 1.396l-2.842 7.627a.498.498 0 0 0 .682.627l18-8.5a.5.5 0 0 0 0-.904zM6 12h16",
  file: "M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8l6 6v12a2 2 0 0 1-2 2zM14 2v6h6",
  check: "M20 6 9 17l-5-5",
  down: "m6 9 6 6 6-6",
};
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const LANGUAGE = document.documentElement.lang || navigator.language;
const SVG = "http://www.w3.org/2000/svg";
const TOGETHER = 300_000; // ms in which messages of one person need one line of who and when

function el(tag, facts, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(facts ?? {})) {
    if (name.startsWith("on")) node[name] = value;
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  svg.firstChild.setAttribute("d", ICONS[name]);
  return svg;
}

// Near-black and not black's neighbour: with one of the two, every colour has a contrast of 4.5 (WCAG 1.4.3).
function inkOn(color) {
  const parts = /^#?(..)(..)(..)$/.exec(color).slice(1).map((hex) => parseInt(hex, 16) / 255);
  const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) >= 4.5 ? "#ffffff" : "#050505";
}

function sizeOf(bytes) {
  return bytes < 1_048_576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1_048_576).toFixed(1).replace(/\.0$/, "")} MB`;
}

const timeOf = (at) => at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function dayOf(at) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / DAY);
  if (days < 2) return new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" }).format(-days, "day").replace(/^./, (first) => first.toUpperCase());
  return at.toLocaleDateString(LANGUAGE, { weekday: "long", day: "numeric", month: "long" });
}

function webAddress(text) {
  try {
    const url = new URL(text, CONFIG.base);
    return ["http:", "https:"].includes(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}

const anchor = (href, facts, ...children) => el("a", { href, target: "_blank", rel: "noopener noreferrer", ...facts }, ...children);

function withLinks(text) {
  return text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]'’”])/).map((part, at) => {
    const href = at % 2 && webAddress(part);
    return href ? anchor(href, null, part) : part;
  });
}

function fileOf({ name, size, type, url }) {
  const href = url && webAddress(url);
  const facts = { class: "file", download: !!href };
  const chip = () => (href ? anchor : (_, ...rest) => el("span", ...rest))(href, facts, icon("file"), el("bdi", null, name), el("small", null, sizeOf(size)));
  if (!href || !PICTURES.includes(type)) return chip();
  const picture = el("img", { src: href, alt: name, loading: "lazy" });
  const frame = anchor(href, { class: "picture" }, picture);
  picture.onerror = () => frame.replaceWith(chip());
  return frame;
}

function metaOf(item, acts) {
  const at = el("time", { datetime: item.at.toISOString(), title: item.at.toLocaleString() }, timeOf(item.at));
  if (item.state !== "failed") {
    const state = item.mine && el("span", null, item.state === "stored" ? icon("check") : null, WORDS.states[item.state]);
    return el("p", { class: "meta" }, item.from ? el("bdi", null, item.from) : null, at, state);
  }
  const plain = (text, act) => button({ class: "plain", onclick: () => act(item.key) }, text);
  return el("p", { class: "meta failed" }, `${WORDS.states.failed}. ${item.reason ?? ""} `,
    item.canRetry && plain(WORDS.again, acts.retry), plain(WORDS.drop, acts.drop));
}

function sayOf(item, acts) {
  if (item.day) return el("p", { class: "line" }, item.day);
  const bubble = item.text && el("p", { class: "bubble" }, ...withLinks(item.text));
  const who = el("span", { class: "quiet" }, WORDS.said(item.mine ? WORDS.you : item.from || WORDS.us));
  const progress = item.isUploading && el("progress", { "aria-label": WORDS.states.waiting, max: 1, value: 0 });
  const facts = { class: "say", "data-key": item.key, "data-me": item.mine, "aria-live": item.mine ? "off" : null };
  return el("div", facts, who, bubble, ...item.files.map(fileOf), progress, metaOf(item, acts));
}

function whoIsHere({ agent, isAttended }) {
  if (agent) return (isAttended ? WORDS.withNow : WORDS.with)(agent);
  return isAttended ? WORDS.attended : WORDS.here;
}

// Messages with the lines of days between them; of several together, the last one says who and when.
function linesOf(items) {
  return items.flatMap((item, at) => {
    const [before, after] = [items[at - 1], items[at + 1]];
    const day = item.at.toDateString();
    const isJoined = item.state !== "failed" && after?.mine === item.mine && after.from === item.from &&
      after.state === item.state && after.at - item.at < TOGETHER && after.at.toDateString() === day;
    const lines = [[item, isJoined]];
    if (before?.at.toDateString() !== day) lines.unshift([{ key: `day ${day}`, day: dayOf(item.at) }, false]);
    return lines;
  });
}

// Puts lines into a list by their keys; what has not changed stays the node that it was, and is not read out again.
function fill(list, kept, lines, acts) {
  const keys = new Set();
  let here = list.firstElementChild;
  for (const [item, isJoined] of lines) {
    const sign = JSON.stringify(item);
    const found = kept.get(item.key);
    const node = found?.sign === sign ? found.node : sayOf(item, acts);
    if (found && found.node !== node) {
      if (here === found.node) here = node;
      found.node.replaceWith(node);
    }
    node.toggleAttribute("data-joined", isJoined);
    keys.add(item.key);
    kept.set(item.key, { node, sign });
    if (here === node) here = here.nextElementSibling;
    else list.insertBefore(node, here);
  }
  for (const [key, { node }] of kept) {
    if (keys.has(key)) continue;
    node.remove();
    kept.delete(key);
  }
}

const field = (label, facts) => el("label", null, el("span", null, label), el("input", { class: "field", ...facts }));
const button = (facts, ...children) => el("button", { type: "button", ...facts }, ...children);

// The whole of it, in a shadow tree that neither takes the page's styles nor gives it ours.
function makeView(acts) {
  const { name, form: asks } = CONFIG;
  const part = {};
  const set = (key, node) => (part[key] = node);
  const kept = new Map();
  const host = el("div", { id: "omnidesk-chat" });
  const root = host.attachShadow({ mode: "open" });

  const head = el("header", null, set("face", el("span", { class: "face", "aria-hidden": "true" })),
    el("div", null, el("h2", { id: "name" }, el("bdi", null, name)), set("status", el("p", { role: "status" }))),
    button({ class: "icon only-narrow", "aria-label": WORDS.close, onclick: acts.close }, icon("close")));
  set("earlier", button({ class: "plain", onclick: acts.more }, WORDS.earlier));
  set("greeting", CONFIG.greeting ? el("p", { class: "bubble" }, CONFIG.greeting) : el("p"));
  set("list", el("div", { role: "log", "aria-label": WORDS.messages, "aria-live": "off" }));
  set("typing", el("p", { class: "line typing" }));
  set("chat", el("div", { class: "chat", tabindex: "0", role: "region", "aria-label": WORDS.messages, onscroll: scrolled },
    part.earlier, part.greeting, set("top", el("p", { class: "line" })), part.list, part.typing));
  set("jump", button({ class: "jump", hidden: true, onclick: toEnd }, icon("down"), WORDS.jump));
  set("about", el("form", { class: "about", onsubmit: introduce }, el("p", null, WORDS.about),
    field(WORDS.name, { name: "name", autocomplete: "name", required: asks === "required", maxlength: 200 }),
    field(WORDS.email, { name: "email", type: "email", autocomplete: "email", required: asks === "required", maxlength: 320 }),
    el("p", { class: "row" }, el("button", { class: "main" }, WORDS.start),
      asks === "required" ? null : button({ class: "plain", onclick: () => acts.introduce("", "") }, WORDS.skip))));
  set("text", el("textarea", { class: "field", id: "text", rows: 1, dir: "auto", placeholder: WORDS.message, "aria-describedby": "note",
    oninput: () => acts.wrote(part.text.value), onkeydown: enter, onpaste: pasted }));
  set("choose", el("input", { type: "file", multiple: true, class: "quiet", tabindex: "-1", "aria-label": WORDS.attach, onchange: chosen }));
  set("files", el("ul", { class: "files" }));
  set("write", el("form", { class: "write", onsubmit: send }, part.files, el("div", { class: "row" },
    button({ class: "icon", "aria-label": WORDS.attach, onclick: () => part.choose.click() }, icon("attach")), part.choose,
    el("label", { class: "quiet", for: "text" }, WORDS.message), part.text,
    set("send", el("button", { class: "icon main", "aria-label": WORDS.send }, icon("send")))),
    set("trouble", el("p", { class: "trouble", role: "alert" })), set("note", el("p", { class: "note", id: "note" }))));
  set("box", el("dialog", { id: "box", "aria-labelledby": "name", onkeydown: escape, onclose: acts.close, ondragover: drag, ondrop: dropped },
    head, part.chat, part.jump, part.about, part.write));
  set("count", el("b"));
  set("launcher", button({ class: "launcher", "aria-controls": "box", onclick: acts.toggle }, part.count));
  set("news", el("p", { class: "quiet", role: "status" }));
  root.append(el("aside", { "aria-label": WORDS.chat(name) }, part.box, part.launcher, part.news));
  dress();

  function dress() {
    host.style.setProperty("--brand", CONFIG.color);
    host.style.setProperty("--on-brand", inkOn(CONFIG.color));
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch { // older browsers
      root.append(el("style", null, STYLE));
    }
  }

  function introduce(event) {
    event.preventDefault();
    const { name: { value: named }, email: { value: email } } = part.about.elements;
    acts.introduce(named.trim(), email.trim());
  }

  function send(event) {
    event.preventDefault();
    if (acts.say(part.text.value)) part.text.value = "";
    part.text.focus();
  }

  function enter(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
    send(event);
  }

  function escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    acts.close();
  }

  function take(event, files) {
    if (!files?.length || part.write.hidden) return;
    event.preventDefault();
    acts.attach([...files]);
  }

  function pasted(event) {
    take(event, event.clipboardData.files);
  }

  function drag(event) {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  }

  function dropped(event) {
    take(event, event.dataTransfer.files);
  }

  function chosen(event) {
    take(event, part.choose.files);
    part.choose.value = "";
  }

  function isAtEnd() {
    return part.chat.scrollHeight - part.chat.scrollTop - part.chat.clientHeight < 60;
  }

  function toEnd() {
    part.chat.scrollTop = part.chat.scrollHeight;
  }

  function scrolled() {
    if (part.chat.scrollTop < 60) acts.more();
    if (!isAtEnd()) return;
    part.jump.hidden = true;
    acts.read();
  }

  // Keeps the reader where they are: at the end, or at what they look at when older messages come above it.
  function showMessages(items, isHistory) {
    const { chat, list } = part;
    const wasAtEnd = isAtEnd();
    const [top, height] = [chat.scrollTop, chat.scrollHeight];
    const [first, last] = [list.querySelector(".say"), list.lastElementChild];
    list.setAttribute("aria-live", isHistory ? "off" : "polite");
    fill(list, kept, linesOf(items), acts);
    const added = list.lastElementChild !== last && last;
    if (wasAtEnd || list.lastElementChild?.matches("[data-me]") && added) toEnd();
    else if (first && list.querySelector(".say") !== first) chat.scrollTop = top + chat.scrollHeight - height;
    else if (added) part.jump.hidden = false;
  }

  function showFiles(files) {
    part.files.replaceChildren(...files.map((file, at) => el("li", { class: "file" }, icon("file"), el("bdi", null, file.name),
      el("small", null, sizeOf(file.size)),
      button({ class: "icon", "aria-label": WORDS.removeFile(file.name), onclick: () => acts.detach(at) }, icon("close")))));
  }

  const isNarrow = () => matchMedia("(max-width: 30rem)").matches;

  const say = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
    node.hidden = !text;
  };

  return {
    host,
    isAtEnd,
    focus: () => (part.about.hidden ? part.text : part.about.elements.name).focus(),
    draft: (text) => { part.text.value = text; },
    progress(key, share) {
      const bar = kept.get(key)?.node.querySelector("progress");
      if (bar) bar.value = share;
    },
    // Opens and closes; on a narrow screen it covers the page, and so is modal there.
    open(is) {
      const { box, launcher } = part;
      if (box.open === is) return;
      if (!is) {
        box.close();
        launcher.focus();
      } else if (isNarrow()) box.showModal();
      else box.show();
      if (is) toEnd();
    },
    // As it was on the page before, which takes no focus; never so where it would cover this one.
    reopen() {
      if (isNarrow()) return false;
      part.box.setAttribute("open", "");
      return true;
    },
    show(state) {
      const asksNow = state.asks && !state.end;
      part.face.textContent = [...(state.agent || name)][0].toUpperCase();
      say(part.status, state.end || (state.isDown ? WORDS.offline : whoIsHere(state)));
      part.earlier.hidden = !state.older;
      part.greeting.hidden = !CONFIG.greeting || state.older;
      say(part.top, state.top);
      showMessages(state.items, state.isHistory);
      say(part.typing, state.typing && WORDS.typing(state.typing));
      part.about.hidden = !asksNow;
      part.write.hidden = asksNow || !!state.end;
      say(part.trouble, state.trouble);
      say(part.note, state.note);
      part.send.disabled = !state.canSend(part.text.value);
      showFiles(state.files);
      part.launcher.replaceChildren(icon(state.isOpen ? "close" : "chat"), part.count);
      part.launcher.setAttribute("aria-expanded", state.isOpen);
      part.launcher.setAttribute("aria-label", [WORDS.chat(name), state.unread && WORDS.unread(state.unread)].filter(Boolean).join(", "));
      say(part.count, state.unread ? String(Math.min(state.unread, 99)) : "");
      say(part.news, state.unread && !state.isOpen ? WORDS.unread(state.unread) : "");
    },
  };
}
