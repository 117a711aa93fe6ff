// Settles theme "auto" before the first paint. Loaded in the head, blocking on purpose: it must run before the body.
(() => {
  const root = document.documentElement;
  if (root.dataset.theme !== "auto") return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const settle = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  settle();
  dark.addEventListener("change", settle);
})();
