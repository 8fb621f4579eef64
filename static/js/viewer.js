// Looks at pictures, PDFs and texts of a thread one after the other, without leaving it. A link says what shows it in
// data-look; without script, or asked with a key, it opens beside the page.
const viewer = document.getElementById("viewer");
let at; // the link whose file is looked at

function look(link) {
  at = link;
  const shown = document.createElement(link.dataset.look);
  const name = link.title || link.querySelector("span").textContent;
  Object.assign(shown, { src: link.href, alt: name, title: name });
  viewer.querySelector("h2").textContent = name;
  viewer.querySelector("[download]").href = link.href;
  viewer.querySelector(".viewer-stage").replaceChildren(shown);
  if (!viewer.open) viewer.showModal();
}

function turn(by) {
  const links = [...document.querySelectorAll("#messages [data-look]")];
  const here = links.findIndex((link) => link.id === at.id);
  look(links[(here + by + links.length) % links.length]);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#messages [data-look]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  look(link);
});
viewer.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-turn]");
  if (button) turn(Number(button.dataset.turn));
  else if (target === viewer) viewer.close();
});
viewer.addEventListener("keydown", ({ key }) => {
  if (key === "ArrowLeft" || key === "ArrowRight") turn(key === "ArrowLeft" ? -1 : 1);
});
viewer.addEventListener("close", () => {
  viewer.querySelector(".viewer-stage").replaceChildren();
  document.getElementById(at.id)?.focus();
});
