// The application's form on a phone that loses its connection: what could not be sent is kept on the device and saved
// as soon as there is a network again; coming back to the page finds it typed in. Nothing is kept once it is saved.

const form = document.querySelector("form[data-ask]");
const key = `ask:${form?.dataset.ask}`;
const fields = () => [...form.elements].filter((each) => each.name && !each.name.startsWith("was-") && each.type !== "hidden");

function keep() {
  const typed = Object.fromEntries(fields().map((each) => [each.name, each.value]));
  try { localStorage.setItem(key, JSON.stringify(typed)); } catch { /* a full or closed storage loses only this comfort */ }
  const place = document.getElementById("ask-saved");
  if (place) place.textContent = form.dataset.lost;
}

function restore() {
  let typed = null;
  try { typed = JSON.parse(localStorage.getItem(key) ?? "null"); } catch { typed = null; }
  if (!typed) return;
  for (const each of fields()) if (each.name in typed) each.value = typed[each.name];
  window.htmx?.trigger(form, "change");
}

if (form) {
  let leaving = false; // what is on its way when the form itself is sent is cut off, and lost nothing
  form.addEventListener("htmx:sendError", () => { if (!leaving) keep(); });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) { try { localStorage.removeItem(key); } catch { /* as above */ } }
  });
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) { event.preventDefault(); keep(); return; }
    leaving = true;
  }, true);
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("online", () => window.htmx?.trigger(form, "change"));
  addEventListener("load", restore);
}
