// The calculator's two conveniences: copying the address, which is the whole calculation, and printing.

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-print]")) { window.print(); return; }
  const button = event.target.closest("[data-copy-address]");
  if (!button) return;
  await navigator.clipboard.writeText(location.href);
  const words = button.querySelector("span");
  const before = words.textContent;
  words.textContent = button.dataset.done;
  setTimeout(() => { words.textContent = before; }, 1600);
});
