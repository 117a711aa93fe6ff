// The studio's desk: line numbers beside the text, leading from a sentence to its line and back, values set in the
// form, and a copy of unfinished work kept in this browser. The server reads the text; nothing is parsed here.

import { flash } from "./jirong.js";

const desk = document.querySelector("[data-studio]");
const text = document.getElementById("studio-text");
const gutter = desk.querySelector("[data-gutter]");
const kept = document.querySelector("[data-kept]")?.content.textContent ?? null;
const draftKey = `jirong-studio:${desk.dataset.draft}`;
const served = text.value;

// Line numbers, with the gravest finding of each line.
function number() {
  const count = text.value.split("\n").length;
  while (gutter.children.length > count) gutter.lastChild.remove();
  while (gutter.children.length < count) {
    const line = document.createElement("span");
    line.textContent = gutter.children.length + 1;
    gutter.append(line);
  }
  gutter.scrollTop = text.scrollTop;
}

function mark() {
  for (const line of gutter.querySelectorAll(".is-warn, .is-bar")) line.classList.remove("is-warn", "is-bar");
  for (const found of document.querySelectorAll("#studio-findings [data-finding-line]")) {
    const line = gutter.children[found.dataset.findingLine - 1];
    line?.classList.add(found.classList.contains("is-bar") ? "is-bar" : "is-warn");
  }
}

// From a clause to its line.
function jump(line) {
  const lines = text.value.split("\n");
  const at = Math.min(Math.max(line, 1), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, each) => sum + each.length + 1, 0);
  desk.querySelector("[name=pane][value=text]").offsetParent && choose("text");
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, start + lines[at].length);
  const height = Number.parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, at * height - text.clientHeight / 3);
  text.scrollLeft = 0;
  text.closest(".pane").scrollIntoView({ block: "nearest" });
  here();
}

function choose(pane) {
  desk.querySelector(`[name=pane][value=${pane}]`).checked = true;
}

// From the caret to its sentence: the last one that begins on or above the caret's line.
let shown = 0;
function here() {
  const line = text.value.slice(0, text.selectionStart).split("\n").length;
  if (line === shown) return;
  shown = line;
  gutter.querySelector(".is-caret")?.classList.remove("is-caret");
  gutter.children[line - 1]?.classList.add("is-caret");
  for (const id of ["studio-sentences", "studio-form"]) show(document.getElementById(id), line);
}

function show(pane, line) {
  for (const each of pane.querySelectorAll(".is-here")) each.classList.remove("is-here");
  const parts = [...pane.querySelectorAll("[data-at]")].filter((each) => Number(each.dataset.at) <= line);
  const nearest = Math.max(...parts.map((each) => Number(each.dataset.at)));
  const found = parts.filter((each) => Number(each.dataset.at) === nearest);
  for (const each of found) each.classList.add("is-here");
  const first = found[0];
  if (!first || pane.scrollHeight <= pane.clientHeight || pane.contains(document.activeElement)) return;
  const offset = first.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  if (offset < 32 || offset > pane.clientHeight - 48) pane.scrollTop += offset - pane.clientHeight / 3;
}

document.addEventListener("click", (event) => {
  const line = event.target.closest?.("[data-line]");
  if (line) jump(Number(line.dataset.line));
});

// A value changed in the form is written by the server into the text, at its place.
desk.addEventListener("change", async (event) => {
  const input = event.target.closest("[data-path]");
  if (!input || input.value === input.dataset.was) return;
  const body = new URLSearchParams({ text: text.value, path: input.dataset.path, value: input.value });
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const before = text.value;
  try {
    const answer = await fetch(desk.dataset.setUrl, { method: "POST", body, headers });
    const told = await answer.json();
    if (told.refused) { flash(told.refused, "error"); input.value = input.dataset.was; return; }
    if (text.value !== before) return;
    input.dataset.was = input.value;
    write(told.text);
  } catch {
    input.value = input.dataset.was;
    flash(document.documentElement.lang.startsWith("zh") ? "连接中断，未能修改。" : "The connection was lost; nothing was changed.", "error");
  }
});

// Only the part that differs is replaced, so that caret and scroll stay.
function write(after) {
  const before = text.value;
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const height = Number.parseFloat(getComputedStyle(text).lineHeight);
  const at = (after.slice(0, start).split("\n").length - 1) * height;
  if (at < text.scrollTop || at > text.scrollTop + text.clientHeight - 2 * height) text.scrollTop = Math.max(0, at - text.clientHeight / 3);
  text.setRangeText(after.slice(start, after.length - end), start, before.length - end, "preserve");
  changed();
  text.dispatchEvent(new Event("studio-set"));
}

// Unfinished work stays in this browser until it is dropped or equals what was served.
function changed() {
  number();
  try {
    if (text.value === (kept ?? served)) localStorage.removeItem(draftKey);
    else localStorage.setItem(draftKey, text.value);
  } catch { /* a browser without storage keeps nothing */ }
  const reset = desk.querySelector("[data-reset]");
  if (reset) reset.hidden = text.value === kept;
}

function offerDraft() {
  let draft = null;
  try { draft = localStorage.getItem(draftKey); } catch { return; }
  if (draft === null || draft === text.value) return;
  const box = desk.querySelector("[data-draft-found]");
  box.hidden = false;
  box.querySelector("[data-draft-use]").addEventListener("click", () => { box.hidden = true; write(draft); });
  box.querySelector("[data-draft-drop]").addEventListener("click", () => {
    box.hidden = true;
    localStorage.removeItem(draftKey);
  });
}

desk.querySelector("[data-reset]")?.addEventListener("click", () => write(kept));
text.addEventListener("input", changed);
text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });
document.addEventListener("selectionchange", () => { if (document.activeElement === text) here(); });
document.addEventListener("htmx:afterSettle", () => { number(); mark(); shown = 0; if (document.activeElement === text) here(); });
// What is being typed into the form is not swapped away under the fingers.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const typing = document.activeElement;
  if (event.detail.target.id === "studio-form" && typing?.dataset?.path && typing.value !== typing.dataset.was) {
    event.detail.shouldSwap = false;
  }
});

number();
mark();
offerDraft();
if (kept !== null) desk.querySelector("[data-reset]").hidden = text.value === kept;
