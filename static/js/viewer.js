// Shows the files of a thread one after the other, and frames as high as the mail in them.
import { all, around, make, on, one, onLink } from "./dom.js";

const LINKS = "#messages [data-look]";
const TURNS = { ArrowLeft: -1, ArrowRight: 1 };
const viewer = one("#viewer");
let at;

function look(link) {
  at = link;
  const name = link.title || one("span", link).textContent;
  one("h2", viewer).textContent = name;
  one("[download]", viewer).href = link.href;
  one(".viewer-stage").replaceChildren(make(link.dataset.look, { src: link.href, alt: name, title: name }));
  if (!viewer.open) viewer.showModal();
}

function turn(by) {
  const links = all(LINKS);
  look(around(links, links.findIndex((link) => link.id === at.id), by));
}

onLink(LINKS, look);
on("click", "[data-turn]", ({ dataset }) => turn(Number(dataset.turn)));
on("keydown", "#viewer", (_, { key }) => key in TURNS && turn(TURNS[key]));
viewer.addEventListener("close", () => {
  one(".viewer-stage").replaceChildren();
  document.getElementById(at.id)?.focus();
});

const FRAME = ".mail-frame iframe";

function watch(frame) {
  const page = frame.contentDocument?.documentElement;
  if (!page) return;
  frame.observer?.disconnect();
  frame.observer = new ResizeObserver(() => { frame.height = Math.ceil(page.getBoundingClientRect().height); });
  frame.observer.observe(page);
}

on("load", FRAME, watch, true);
on("click", "[data-action=images]", (ask) => { ask.closest(".images-held").hidden = true; });
all(FRAME).forEach(watch);
