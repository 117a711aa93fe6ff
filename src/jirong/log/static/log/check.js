// Checks receipts where they are shown: fetches receipt and trust file and walks the proof in this browser.
//   <div data-receipt-check="URL" data-trust="URL">  the whole walk, at once and again on demand
//   <span data-receipt-tick="URL" data-trust="URL">  a tick alone, computed when it comes into sight

import { Malformed } from "../jirong/proof.js";
import { readTrust, verify } from "../jirong/verify.js";

const chinese = () => document.documentElement.lang.startsWith("zh");
const TONES = { ok: "good", pending: "wait", failed: "bad" };
const MARKS = { ok: "✓", pending: "…", failed: "✕" };

async function bytesOf(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

export async function check(receiptUrl, trustUrl) {
  const [receipt, trust] = await Promise.all([bytesOf(receiptUrl), bytesOf(trustUrl)]);
  return verify(receipt, await readTrust(trust));
}

function stepOf(step) {
  const item = document.createElement("li");
  item.className = `proof-step is-${step.state}`;
  const head = document.createElement("p");
  head.className = "proof-head";
  const words = document.createElement("span");
  words.textContent = chinese() ? step.text.zh : step.text.en;
  head.append(words);
  item.append(head);
  return item;
}

async function walk(place) {
  const words = JSON.parse(document.getElementById("receipt-check-words").textContent);
  const verdict = place.querySelector("[data-check-verdict]"), list = place.querySelector("[data-check-steps]");
  verdict.className = "verdict is-plain";
  verdict.textContent = words.walking;
  try {
    const found = await check(place.dataset.receiptCheck, place.dataset.trust);
    list.replaceChildren(...found.steps.map(stepOf));
    verdict.className = `verdict is-${TONES[found.state]}`;
    verdict.textContent = words[found.state];
    place.dataset.state = found.state;
  } catch (error) {
    verdict.className = "verdict is-bad";
    verdict.textContent = error instanceof Malformed ? (chinese() ? error.zh : error.en) : words.unreachable;
  }
}

for (const place of document.querySelectorAll("[data-receipt-check]")) {
  walk(place);
  place.querySelector("[data-check-again]")?.addEventListener("click", () => walk(place));
}

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    check(target.dataset.receiptTick, target.dataset.trust).then((found) => {
      target.textContent = MARKS[found.state];
      target.className = `tick is-${TONES[found.state]}`;
      target.title = found.steps.filter((step) => step.state !== "ok").map((step) => (chinese() ? step.text.zh : step.text.en)).join("\n");
    }, () => { target.textContent = "?"; });
  }
});
for (const place of document.querySelectorAll("[data-receipt-tick]")) seen.observe(place);
