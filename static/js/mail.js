// Frames of HTML mail grow to the height of what is in them; pictures from elsewhere load when asked for.
const watched = new WeakMap();

function fit(frame) {
  const page = frame.contentDocument?.documentElement;
  if (page) frame.height = Math.ceil(page.getBoundingClientRect().height);
}

function watch(frame) {
  const page = frame.contentDocument?.documentElement;
  if (!page) return;
  watched.get(frame)?.disconnect();
  const observer = new ResizeObserver(() => fit(frame));
  observer.observe(page);
  watched.set(frame, observer);
  fit(frame);
}

document.addEventListener("load", ({ target }) => {
  if (target.matches?.(".mail-frame iframe")) watch(target);
}, true);
document.addEventListener("click", ({ target }) => {
  const ask = target.closest("[data-action=images]");
  if (ask) ask.closest(".images-held").hidden = true;
});
document.querySelectorAll(".mail-frame iframe").forEach(watch);
