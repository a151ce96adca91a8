// Bootstrap leaves its theme to scripts: the one chosen, or else the system's. Classic, since a module would run after the first paint.
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
    root.dataset.theme = chosen() ?? (system.matches ? "dark" : "light");
  };
  root.classList.add("js");
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  apply();
})();
