// Light or dark, as the person last chose; else as the system says. Runs before the first paint.
{
  const { dataset } = document.documentElement;
  dataset.theme = localStorage.theme || "auto";
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-action=theme]")) return;
    const isDark = dataset.theme === "dark" ||
      (dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    localStorage.theme = dataset.theme = isDark ? "light" : "dark";
  });
}
