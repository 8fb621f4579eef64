// The line to the desk: a WebSocket or, where none can be opened twice in a row, the same frames by POST. It keeps
// itself alive, and knows of frames only that "ready" answers "hello".
const PING = 20_000; // ms between two signs of life
const ANSWER = 10_000; // ms after which silence means that the line is dead
const LONGEST_WAIT = 30_000;
const UPLOAD = 300_000;
const SOCKET_AGAIN = 60_000; // ms of polling before a socket is tried again
const FINAL = { 4403: "origin", 4404: "unknown", 4410: "closed", 403: "origin", 404: "unknown", 410: "closed" };
const AT_ONCE = ["say", "more", "introduce"];

function post(frames, patience = ANSWER, progress = () => {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of uploads under way
    request.open("POST", `${CONFIG.base}/widget/${CONFIG.token}/`);
    request.setRequestHeader("Content-Type", "application/json");
    request.timeout = patience;
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / (total || 1));
    request.onerror = request.ontimeout = () => reject(0);
    request.onload = () => {
      try {
        if (request.status !== 200) throw request.status;
        resolve(JSON.parse(request.responseText).frames);
      } catch {
        reject(request.status);
      }
    };
    request.send(JSON.stringify({ frames }));
  });
}

// `hello()` makes the first frame, `hear(frame)` takes what comes, `changed()` is called when `state` changes:
// "off", "trying", "ready", "gone" (then `why` is a key of WORDS.gone).
function makeLink({ hello, hear, changed }) {
  const link = { state: "off", why: "", isPolling: false };
  let socket = null;
  let timer = 0;
  let beat = 0;
  let failures = 0; // in a row, of whatever way
  let refused = 0; // sockets in a row that did not open
  let rest = SOCKET_AGAIN;
  let socketAt = 0;
  let queue = [];
  let isPosting = false;

  function become(state, why = "") {
    if (link.state === state) return;
    Object.assign(link, { state, why });
    changed();
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(link.connect, wait);
  }

  function failed() {
    failures += 1;
    become("trying");
    later(Math.min(500 * 2 ** failures, LONGEST_WAIT) * (0.5 + Math.random()));
  }

  function take(frames) {
    for (const frame of frames) {
      if (frame?.type === "ready") {
        failures = 0;
        become("ready");
      }
      hear(frame);
    }
  }

  function drop() {
    clearInterval(beat);
    const one = socket;
    socket = null;
    if (!one) return;
    one.onopen = one.onmessage = one.onclose = null; // a dead line takes a minute to close: do not wait for it
    one.close();
  }

  function openSocket() {
    let heard = 0;
    let isOpen = false;
    become("trying");
    try {
      socket = new WebSocket(CONFIG.socket);
      if (socket.readyState === WebSocket.CLOSED) throw new Error("closed"); // and it says no more
    } catch { // the page's own policy may forbid it
      socket = null;
      refused += 1;
      return link.connect();
    }
    const lost = (code) => {
      drop();
      if (FINAL[code]) return link.end(FINAL[code]);
      if (!isOpen) refused += 1;
      if (refused === 2) link.connect();
      else failed();
    };
    beat = setTimeout(lost, ANSWER);
    socket.onopen = () => {
      clearTimeout(beat);
      isOpen = true;
      refused = 0;
      rest = SOCKET_AGAIN;
      link.isPolling = false;
      const frames = [hello(), ...queue];
      queue = [];
      for (const frame of frames) socket.send(JSON.stringify(frame));
      let asked = Date.now();
      beat = setInterval(() => {
        if (asked > heard && Date.now() - asked >= ANSWER) lost();
        else if (Date.now() - asked >= PING) {
          asked = Date.now();
          link.send({ type: "ping" });
        }
      }, 5_000);
    };
    socket.onmessage = ({ data }) => {
      heard = Date.now();
      let frame = null;
      try {
        frame = JSON.parse(data);
      } catch { /* not of our protocol */ }
      take([frame]);
    };
    socket.onclose = ({ code }) => lost(code);
  }

  async function poll() {
    if (isPosting) return;
    isPosting = true;
    if (!link.isPolling) socketAt = Date.now() + rest;
    link.isPolling = true;
    clearTimeout(timer);
    const frames = queue;
    queue = [];
    try {
      take(await post([hello(), ...frames]));
      if (link.state !== "off") later(queue.some(isUrgent) ? 0 : link.pace());
    } catch (status) {
      if (FINAL[status]) link.end(FINAL[status]);
      else if (link.state !== "off") {
        if (!status) refused = 0; // no connection at all says nothing of sockets
        failed();
      }
    }
    isPosting = false;
  }

  const isUrgent = ({ type }) => AT_ONCE.includes(type);

  link.pace = () => 4_000;

  link.connect = () => {
    clearTimeout(timer);
    if (socket || link.state === "gone") return;
    if (refused >= 2 && link.isPolling && Date.now() > socketAt) {
      refused = 1;
      link.isPolling = false;
      rest = Math.min(rest * 2, 10 * SOCKET_AGAIN);
    }
    if (refused >= 2) poll();
    else openSocket();
  };

  // Frames said while the line is down are lost: what must arrive is in the outbox.
  link.send = (frame) => {
    if (link.state !== "ready") return;
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    else {
      queue.push(frame);
      if (!socket && isUrgent(frame)) poll();
    }
  };

  link.upload = async (frame, progress) => take(await post([hello(), frame], UPLOAD, progress));

  link.again = () => {
    drop();
    failures = refused = 0;
    if (link.state !== "off") link.connect();
  };

  link.end = (why) => {
    link.stop();
    become("gone", why);
  };

  link.stop = () => {
    clearTimeout(timer);
    drop();
    queue = [];
    if (link.state !== "gone") become("off");
  };
  return link;
}
