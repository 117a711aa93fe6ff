// Signing with a party's own key, in this browser only. The key pair is made here; the private half is kept by the
// browser as an object nobody can read out (not even this page) and never leaves the device. What is signed is the
// statement the page shows, after its hash has been computed here and found equal to the one shown.

import { fromText, hex, join, sha256, toText, utf8 } from "./proof.js";

const DATABASE = "jirong-keys", STORE = "keys";
const say = (zh, en) => (document.documentElement.lang.startsWith("zh") ? zh : en);

export class CannotSign extends Error {}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function ask(mode, action) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const request = action(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } finally { database.close(); }
}

// 32 hexadecimal digits, as the log names keys: the first half of SHA-256 over "jirong-key", algorithm, public key.
export const keyId = async (key) => hex(await sha256(join(utf8("jirong-key\ned25519\n"), key))).slice(0, 32);

// A new key pair of this device: its id and the public key in base64.
export async function makeKey() {
  let pair;
  try {
    pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
  } catch {
    throw new CannotSign(say("此浏览器不支持 Ed25519 密钥，请升级浏览器或使用通行密钥。",
      "This browser cannot make Ed25519 keys. Update it or use a passkey."));
  }
  const key = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const id = await keyId(key);
  await ask("readwrite", (store) => store.put({ id, key, secret: pair.privateKey, made: new Date().toISOString() }));
  navigator.storage?.persist?.();
  return { id, public: toText(key) };
}

export async function keys() {
  const rows = await ask("readonly", (store) => store.getAll());
  return rows.map(({ id, key, made }) => ({ id, public: toText(key), made }));
}

// The signature over the bytes, in base64; refuses a hash other than the one shown and a key that is not here.
export async function sign(bytes, shownHash, id) {
  if (hex(await sha256(bytes)) !== shownHash.replace(/\s/g, "")) {
    throw new CannotSign(say("将签署的内容与页面显示的散列不符，已停止。请勿继续，并告知运营方。",
      "The bytes do not have the hash shown. Stopped: do not go on, and tell the operator."));
  }
  const kept = await ask("readonly", (store) => store.get(id));
  if (!kept) {
    throw new CannotSign(say("本设备上没有这把密钥。请在登记密钥的设备上签署，或在本设备登记新密钥。",
      "This key is not on this device. Sign where it was registered, or register a new key here."));
  }
  return toText(new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, kept.secret, bytes)));
}

async function signForm(form) {
  const bytes = fromText(form.elements.statement.value);
  form.elements.signature.value = await sign(bytes, form.querySelector("[data-hash]").textContent, form.dataset.key);
}

async function onSubmit(event) {
  const form = event.currentTarget;
  if (form.dataset.grade !== "own" || form.elements.signature.value) return;
  event.preventDefault();
  if (form.dataset.signing) return;
  form.dataset.signing = "yes";
  const message = form.querySelector("[data-sign-message]");
  message.textContent = "";
  try {
    await signForm(form);
    form.requestSubmit(event.submitter);
  } catch (error) {
    message.textContent = error instanceof CannotSign ? error.message : say("签署未成功，请重试。", "Signing failed; try again.");
  } finally { delete form.dataset.signing; }
}

async function onMake(event) {
  event.preventDefault();
  const form = event.currentTarget;
  if (form.dataset.making) return;
  form.dataset.making = "yes";
  const message = form.querySelector("[data-sign-message]");
  try {
    const made = await makeKey();
    form.elements.public.value = made.public;
    form.elements.key.value = made.id;
    form.submit();
  } catch (error) {
    message.textContent = error instanceof CannotSign ? error.message : say("未能生成密钥。", "The key could not be made.");
    delete form.dataset.making;
  }
}

// Marks the keys of this device in a list of registered ones.
async function markOwn(where) {
  const places = where.querySelectorAll("[data-key-here]");
  if (!places.length) return;
  const here = new Set((await keys()).map((key) => key.id));
  for (const place of places) place.hidden = !here.has(place.dataset.keyHere);
}

export function attach(where) {
  for (const form of where.querySelectorAll("form[data-sign]:not([data-attached])")) {
    form.dataset.attached = "yes";
    form.addEventListener("submit", onSubmit);
  }
  for (const form of where.querySelectorAll("form[data-make-key]:not([data-attached])")) {
    form.dataset.attached = "yes";
    form.addEventListener("submit", onMake);
  }
  markOwn(where);
}
