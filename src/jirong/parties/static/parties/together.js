// Signing several statements with the party's own key: each ticked one gets its own signature over its own bytes.

import { CannotSign, sign } from "../jirong/sign.js";
import { fromText } from "../jirong/proof.js";

const say = (zh, en) => (document.documentElement.lang.startsWith("zh") ? zh : en);
const form = document.querySelector("form[data-together]");
const boxes = () => [...form.querySelectorAll("input[name=chosen]:not(:disabled)")];
const all = form?.querySelector("[data-all]");

function count() {
  const ticked = boxes().filter((box) => box.checked);
  form.querySelector("[data-count]").textContent = ticked.length;
  form.querySelector("button[data-submit]").disabled = ticked.length === 0;
  if (all) { all.checked = ticked.length === boxes().length && ticked.length > 0; all.indeterminate = ticked.length > 0 && !all.checked; }
}

async function signTicked() {
  for (const box of boxes().filter((one) => one.checked)) {
    const line = box.closest("[data-line]");
    if (line.dataset.grade !== "own") continue;
    const [statement, signature] = ["statement", "signature"].map((name) => form.elements[`${name}-${box.value}`]);
    signature.value = await sign(fromText(statement.value), line.querySelector("[data-hash]").textContent, line.dataset.key);
  }
}

async function onSubmit(event) {
  if (form.dataset.signed) return;
  event.preventDefault();
  const message = form.querySelector("[data-sign-message]");
  message.textContent = "";
  try {
    await signTicked();
    form.dataset.signed = "yes";
    form.requestSubmit(event.submitter);
  } catch (error) {
    message.textContent = error instanceof CannotSign ? error.message : say("签署未成功，请重试。", "Signing failed; try again.");
  }
}

if (form) {
  form.addEventListener("submit", onSubmit);
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked;
    count();
  });
  window.addEventListener("pageshow", () => { delete form.dataset.signed; count(); });
  count();
}
