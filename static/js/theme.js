// Light or dark, as the person last chose; else as the system says. Runs before the first paint.
(() => {
  const root = document.documentElement;
  root.dataset.theme = localStorage.getItem("theme") || "auto";
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-action='theme']")) return;
    const dark = getComputedStyle(root).colorScheme === "dark" ||
      (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  });
})();
