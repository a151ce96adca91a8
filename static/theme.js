// The theme chosen (in the account, or in this browser), or else the system's, and the button that changes it. Classic, since a module would run after the first paint.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    if (root.dataset.chosenTheme) return root.dataset.chosenTheme;
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is blocked: follow the system
    }
  };
  const apply = () => {
    const theme = chosen();
    root.dataset.theme = theme === "light" || theme === "dark" ? theme : system.matches ? "dark" : "light";
  };
  const store = (theme) => {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // storage is blocked: the choice lasts for this page
    }
  };
  root.classList.add("js");
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("pageshow", apply); // out of the history, where a page hears of no change
  apply();

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    root.dataset.theme = theme;
    if (root.dataset.chosenTheme) root.dataset.chosenTheme = theme;
    store(theme);
  });
  if (root.dataset.chosenTheme) store(root.dataset.chosenTheme); // for the pages that are the same for everybody
})();
