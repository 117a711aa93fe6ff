// Copying what a button names: a token is shown once, and retyping it would be a mistake waiting to happen.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.lastChild.textContent = button.dataset.copied;
  } catch {
    getSelection().selectAllChildren(source);
  }
});
