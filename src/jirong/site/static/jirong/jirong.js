// What every page needs and no more: forms that cannot be sent twice, menus beside their buttons, file drops,
// dismissable flashes, and the libraries a page asks for by what stands on it (charts, signing, the verifier).

const root = document.documentElement;
root.classList.add("has-script");

// A form marked data-once is sent once: the second submit of a double click finds it busy.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-once]");
  if (!form || event.defaultPrevented) return;
  if (form.dataset.busy) { event.preventDefault(); return; }
  form.dataset.busy = "yes";
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-busy", "true");
});

// Coming back with the back button finds the form usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-busy]")) release(form);
});

export function release(form) {
  delete form.dataset.busy;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".flash")?.remove();
  const back = event.target.closest("[data-back]");
  if (back && document.referrer.startsWith(location.origin)) { event.preventDefault(); history.back(); }
});

// A section of the menu opened by hand stays open on the next pages: the server reads the cookie and draws it so.
document.addEventListener("click", (event) => {
  const fold = event.target.closest("summary")?.closest("[data-fold]");
  if (!fold) return;
  const kept = new Set((document.cookie.match(/(?:^|; )jirong_sections=([\w.]*)/)?.[1] ?? "").split(".").filter(Boolean));
  if (fold.open) kept.delete(fold.dataset.fold); else kept.add(fold.dataset.fold);
  document.cookie = `jirong_sections=${[...kept].join(".")}; path=/; max-age=31536000; samesite=lax`;
});

// A menu without a fixed corner opens under the button that called it, inside the window.
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (event.newState !== "open" || !menu.matches(".menu:not(.menu-end, .menu-sheet)")) return;
  const button = document.querySelector(`[popovertarget="${menu.id}"]`);
  if (!button) return;
  const at = button.getBoundingClientRect();
  menu.style.top = `${at.bottom + 4}px`;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8))}px`;
}, true);

for (const [type, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(type, (event) => {
    event.target.closest?.("[data-drop]")?.classList.toggle("is-over", over);
  });
}
document.addEventListener("change", (event) => {
  const drop = event.target.closest?.("[data-drop]");
  if (drop) drop.querySelector(".drop-files").textContent = [...event.target.files].map((file) => file.name).join("、");
});

// htmx: a line at the top while a request is under way; a lost connection is said, not swallowed.
let underWay = 0;
document.addEventListener("htmx:beforeRequest", () => { underWay += 1; root.classList.add("is-requesting"); });
document.addEventListener("htmx:afterRequest", (event) => {
  underWay = Math.max(0, underWay - 1);
  root.classList.toggle("is-requesting", underWay > 0);
  const form = event.target.closest?.("form[data-busy]");
  if (form) release(form);
});
for (const [type, zh, en] of [
  ["htmx:sendError", "连接中断，未能送达。请检查网络后重试。", "The connection was lost and nothing was sent. Check the network and try again."],
  ["htmx:responseError", "平台未能处理该请求，请稍后重试。", "The platform could not handle this request. Try again later."],
]) {
  document.addEventListener(type, (event) => {
    const status = event.detail.xhr?.status;
    if (type === "htmx:responseError" && [403, 404, 409, 422].includes(status)) return;
    flash(root.lang.startsWith("zh") ? zh : en, "error");
  });
}

export function flash(text, tone = "info") {
  const place = document.getElementById("flashes");
  const box = document.createElement("div");
  box.className = `flash is-${tone}`;
  box.setAttribute("role", tone === "error" ? "alert" : "status");
  const words = document.createElement("div");
  words.textContent = text;
  const close = document.createElement("button");
  Object.assign(close, { type: "button", className: "flash-close", textContent: "×" });
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", root.lang.startsWith("zh") ? "关闭" : "Close");
  box.append(words, close);
  place.append(box);
}

// Heavier parts are fetched only where they stand, on a whole page and after a swap.
function bringParts(where) {
  if (where.querySelector("[data-chart]")) import("./chart.js").then((chart) => chart.drawAll(where));
  if (where.querySelector("form[data-sign], form[data-make-key], [data-key-here]")) import("./sign.js").then((sign) => sign.attach(where));
  if (where.querySelector("[data-verify]")) import("./verify_page.js").then((verify) => verify.attach(where));
}
bringParts(document);
for (const tab of document.querySelectorAll(".tabs [aria-current]")) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 16;
document.addEventListener("htmx:load", (event) => bringParts(event.detail.elt));
