// Before anything is drawn: the theme, so that no page flashes in the other one.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const settle = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem("argosy.theme");
    } catch {
      // Storage may be forbidden; then the system's theme it is.
    }
    document.documentElement.dataset.theme = chosen || (dark.matches ? "dark" : "light");
  };
  settle();
  dark.addEventListener("change", settle);
  addEventListener("argosy-theme", settle);
})();
