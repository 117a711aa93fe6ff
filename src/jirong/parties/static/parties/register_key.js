// Registering a key of this device: make the pair, then sign the sentence that shows the private half is here.

import { CannotSign, makeKey, sign } from "../jirong/sign.js";
import { hex, sha256, utf8 } from "../jirong/proof.js";

const say = (zh, en) => (document.documentElement.lang.startsWith("zh") ? zh : en);

async function onSubmit(event) {
  const form = event.currentTarget;
  if (form.elements.proof.value) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.making) return;
  form.dataset.making = "yes";
  const message = form.querySelector("[data-sign-message]");
  message.textContent = "";
  try {
    const made = await makeKey();
    const sentence = utf8(`jirong-key-registration:${form.dataset.party}:${form.elements.id.value}`);
    form.elements.proof.value = await sign(sentence, hex(await sha256(sentence)), made.id);
    form.elements.public.value = made.public;
    form.requestSubmit(event.submitter);
  } catch (error) {
    message.textContent = error instanceof CannotSign ? error.message : say("未能生成密钥。", "The key could not be made.");
  } finally { delete form.dataset.making; }
}

for (const form of document.querySelectorAll("form[data-register-key]")) form.addEventListener("submit", onSubmit);
