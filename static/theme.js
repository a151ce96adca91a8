// Before the first paint: the theme somebody chose, or else the one their system asks for.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is blocked: follow the system
    }
  };
  const apply = () => {
    root.dataset.bsTheme = chosen() ?? (system.matches ? "dark" : "light");
  };
  root.classList.add("js");
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  apply();
})();
