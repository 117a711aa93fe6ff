// The public verifier's page: takes a receipt and a trust file, walks the proof and shows each step as it is made.
// Nothing is sent anywhere; with the page open, the network may be unplugged.

import { Malformed } from "./proof.js";
import { readTrust, verify } from "./verify.js";

const FILE_BYTES_MAX = 4 * 1024 * 1024;
const KEPT = "jirong-trust";
const chinese = () => document.documentElement.lang.startsWith("zh");
const pause = (ms) => new Promise((resolve) => {
  setTimeout(resolve, matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : ms);
});

function element(tag, className, words) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (words !== undefined) made.textContent = words;
  return made;
}

class Page {
  constructor(place) {
    this.place = place;
    this.words = JSON.parse(document.getElementById("verify-words").textContent);
    this.files = { receipt: null, trust: null };
    this.run = 0;
    this.isSample = false;
    const input = place.querySelector("input[type=file]");
    input.addEventListener("change", () => this.take([...input.files]));
    place.querySelector("[data-forget]").addEventListener("click", () => this.forget());
    place.querySelector("[data-sample]").addEventListener("click", () => this.sample());
    place.querySelector("[data-tamper]").addEventListener("click", () => this.tamper());
    this.restore();
  }

  // The trust file this reader used last, if any.
  restore() {
    const kept = localStorage.getItem(KEPT);
    if (kept) this.set("trust", new TextEncoder().encode(kept), this.words.kept);
    else this.clear("trust");
  }

  // A real receipt of a demonstration, which came with the page: the whole walk without a file of one's own.
  async sample() {
    const sample = JSON.parse(document.getElementById("verify-sample").textContent);
    this.isSample = true;
    this.set("receipt", new TextEncoder().encode(sample.receipt), this.words.sample);
    this.set("trust", new TextEncoder().encode(sample.trust), this.words.sample);
    await this.walk();
  }

  // One digit of the amount that was signed is another: what follows shows which steps notice.
  async tamper() {
    const text = new TextDecoder().decode(this.files.receipt);
    this.set("receipt", new TextEncoder().encode(text.replace(/"amount":"[1-9]/, '"amount":"9')), this.words.tampered);
    await this.walk();
  }

  async take(files) {
    if (this.isSample) { this.isSample = false; this.clear("receipt"); this.restore(); }
    for (const file of files) {
      if (file.size > FILE_BYTES_MAX) { this.say(this.words.large); continue; }
      const bytes = new Uint8Array(await file.arrayBuffer());
      // By what it says it is; anything else is walked as a receipt and fails with the reason.
      const isTrust = new TextDecoder().decode(bytes.slice(0, 4096)).includes("jirong-trust/");
      this.set(isTrust ? "trust" : "receipt", bytes, file.name);
    }
    await this.walk();
  }

  set(kind, bytes, name) {
    this.files[kind] = bytes;
    this.place.querySelector("[data-tamper]").hidden = !this.isSample;
    const slot = this.place.querySelector(`[data-slot=${kind}]`);
    slot.textContent = name;
    slot.parentElement.classList.add("is-filled");
  }

  forget() {
    localStorage.removeItem(KEPT);
    this.clear("trust");
    this.place.querySelector("[data-forget]").hidden = true;
  }

  clear(kind) {
    this.files[kind] = null;
    const slot = this.place.querySelector(`[data-slot=${kind}]`);
    slot.textContent = this.words.missing;
    slot.parentElement.classList.remove("is-filled");
  }

  say(words, tone = "bad") {
    const verdict = this.place.querySelector("[data-verdict]");
    verdict.className = `verdict is-${tone}`;
    verdict.textContent = words;
  }

  async walk() {
    const { receipt, trust } = this.files;
    if (!receipt || !trust) { this.say(receipt ? this.words.needTrust : this.words.needReceipt, "plain"); return; }
    const mine = ++this.run;
    const list = this.place.querySelector("[data-steps]");
    list.replaceChildren();
    this.place.querySelector("[data-facts]").replaceChildren();
    if (!window.crypto?.subtle) { this.say(this.words.insecure); return; }
    let read;
    try { read = await readTrust(trust); } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.say(`${this.words.badTrust} ${chinese() ? error.zh : error.en}`);
      return;
    }
    if (!this.isSample) localStorage.setItem(KEPT, new TextDecoder().decode(trust));
    this.place.querySelector("[data-forget]").hidden = this.isSample;
    this.say(this.words.walking, "plain");
    const verdict = await verify(receipt, read);
    for (const step of verdict.steps) {
      if (mine !== this.run) return;
      list.append(this.step(step));
      await pause(160);
    }
    this.facts(verdict);
    this.say(this.words[`state_${verdict.state}`], { ok: "good", pending: "wait", failed: "bad" }[verdict.state]);
    this.place.dataset.state = verdict.state;
  }

  step(step) {
    const item = element("li", `proof-step is-${step.state}`);
    const head = element("p", "proof-head");
    head.append(element("strong", "", this.words.codes[this.label(step)]), element("span", "", chinese() ? step.text.zh : step.text.en));
    const mark = element("span", "visually-hidden", this.words.marks[step.state]);
    item.append(mark, head);
    if (step.state !== "ok") item.append(element("p", "proof-where", `${this.words.where} ${step.where}`));
    if (step.trail?.length) item.append(this.trail(step));
    if (step.cosigners?.length) item.append(this.cosigners(step));
    item.dataset.code = step.code;
    return item;
  }

  // The registration's own statement and outcome stand beside the entry's; their labels tell them apart.
  label(step) {
    const both = ["statement", "outcome"].includes(step.code) && step.where.startsWith("$.registration");
    return both ? `${step.code}_registration` : step.code;
  }

  // Leaf to root: at each level the hash so far is joined with its sibling, from the left or from the right.
  trail(step) {
    const details = element("details", "proof-trail");
    details.append(element("summary", "", this.words.trail.replace("{levels}", step.trail.length)));
    const ladder = element("ol");
    ladder.append(this.rung(this.words.leaf, step.start, ""));
    for (const each of step.trail) ladder.append(this.rung(this.words[each.side], each.result, each.sibling));
    ladder.append(this.rung(this.words.root, step.root, "", step.root === step.trail.at(-1).result));
    details.append(ladder);
    return details;
  }

  // Who cosigned and when each says it did; the reader's own clock and calendar.
  cosigners(step) {
    const made = element("ul", "proof-cosigners");
    for (const { name, at } of step.cosigners) {
      made.append(element("li", "", `${name} · ${new Date(at).toLocaleString(document.documentElement.lang)}`));
    }
    return made;
  }

  rung(label, hash, sibling, same) {
    const item = element("li");
    item.append(element("span", "", label));
    const code = element("code", "hash", `${hash.slice(0, 16)}…`);
    code.title = hash;
    item.append(code);
    if (sibling) item.append(element("small", "", `⊕ ${sibling.slice(0, 16)}…`));
    if (same !== undefined) item.append(element("b", same ? "is-ok" : "is-failed", same ? "=" : "≠"));
    return item;
  }

  facts(verdict) {
    if (!verdict.receipt) return;
    const { entry } = verdict.receipt;
    const rows = {
      action: entry.signed.action, actor: entry.signed.actor || "–", id: entry.signed.id,
      recorded: entry.leaf.recorded_at, grade: this.words.grades[entry.leaf.grade],
      place: verdict.size === null ? "–" : `${entry.index} / ${verdict.size}`,
    };
    const place = this.place.querySelector("[data-facts]");
    for (const [name, value] of Object.entries(rows)) place.append(element("dt", "", this.words.facts[name]), element("dd", "", String(value)));
    place.append(element("dt", "", this.words.facts.means), element("dd", "", this.words.means[entry.leaf.grade]));
    place.append(element("dt", "", this.words.facts.body), element("dd"));
    place.lastChild.append(element("pre", "", JSON.stringify(entry.signed.body, null, 1)));
  }
}

export function attach(where) {
  for (const place of where.querySelectorAll("[data-verify]:not([data-attached])")) {
    place.dataset.attached = "yes";
    new Page(place);
  }
}
