// Bytes, canonical JSON (RFC 8785), Merkle proofs (RFC 6962), signed notes and checkpoints (C2SP), in the browser.
// Small on purpose: someone who trusts nobody should be able to read it through.

export const utf8 = (text) => new TextEncoder().encode(text);
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
export const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export const toText = (bytes) => btoa(String.fromCharCode(...bytes));

// Strict base64 in its one spelling; null if it is not.
export function fromText(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return toText(bytes) === text ? bytes : null;
  } catch { return null; }
}

export class Malformed extends Error {
  constructor(where, zh, en) { super(en); this.where = where; this.zh = zh; this.en = en; }
}

const DEPTH_MAX = 64;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

// The one text RFC 8785 allows for a value; refuses what JSON cannot carry exactly.
export function canonical(value, path = "$", depth = 0) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    if (LONE.test(value)) throw new Malformed(path, "含有孤立的代理码元", "holds a lone surrogate");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    const text = JSON.stringify(value);
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER && !text.includes("e")) {
      throw new Malformed(path, "超出 ±(2^53 − 1)", "lies beyond ±(2^53 − 1)");
    }
    return text;
  }
  if (depth >= DEPTH_MAX) throw new Malformed(path, "嵌套过深", "is nested too deeply");
  if (Array.isArray(value)) return `[${value.map((item, i) => canonical(item, `${path}[${i}]`, depth + 1)).join(",")}]`;
  const members = Object.keys(value).sort().map((key) => {
    return `${canonical(key, path, depth)}:${canonical(value[key], `${path}.${key}`, depth + 1)}`;
  });
  return `{${members.join(",")}}`;
}

export const digest = async (value) => hex(await sha256(utf8(canonical(value))));

export const leafHash = (bytes) => sha256(join([0], bytes));
export const nodeHash = (left, right) => sha256(join([1], left, right));

// The root a proof leads to, and each step of the way; null where its length does not fit the place.
export async function inclusion(index, size, leaf, proof) {
  if (index === null || BigInt(index) >= size) return null;
  let place = BigInt(index), last = size - 1n, result = leaf;
  const trail = [];
  for (const sibling of proof) {
    if (last === 0n) return null;
    const onLeft = (place & 1n) === 1n || place === last;
    result = onLeft ? await nodeHash(sibling, result) : await nodeHash(result, sibling);
    trail.push({ sibling: hex(sibling), side: onLeft ? "left" : "right", result: hex(result) });
    if (onLeft) while (!(place & 1n) && place) { place >>= 1n; last >>= 1n; }
    place >>= 1n; last >>= 1n;
  }
  return last === 0n ? { root: result, trail } : null;
}

export const ED25519 = 1, COSIGNATURE = 4;
const SIGNATURES_MAX = 64;
const SIZE_MAX = 2n ** 63n - 1n;
const noteWrong = (zh, en) => new Malformed("$", `签名文本格式有误：${zh}`, `The signed note is malformed: ${en}`);
const headWrong = (zh, en) => new Malformed("$", `检查点格式有误：${zh}`, `The checkpoint is malformed: ${en}`);

export function parseNote(data) {
  if (/[\x00-\x09\x0b-\x1f]/.test(data)) throw noteWrong("含有控制字符", "it holds a control character");
  const at = data.lastIndexOf("\n\n");
  if (at < 0 || !data.endsWith("\n") || at + 2 > data.length - 1) throw noteWrong("缺少签名行", "it has no signature lines");
  const rows = data.slice(at + 2).split("\n");
  rows.pop();
  if (rows.length > SIGNATURES_MAX) {
    throw noteWrong(`签名行应为 1 至 ${SIGNATURES_MAX} 行`, `it has not 1 to ${SIGNATURES_MAX} signature lines`);
  }
  return { text: data.slice(0, at) + "\n", signatures: rows.map((row, i) => parseLine(row, i + 1)) };
}

function parseLine(row, place) {
  const match = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(row);
  const value = match ? fromText(match[2]) : null;
  if (!value || value.length < 5 || match[1].includes("+")) {
    throw noteWrong(`第 ${place} 行签名无法读取`, `signature line ${place} cannot be read`);
  }
  return { name: match[1], key: value.slice(0, 4), value: value.slice(4) };
}

export function parseCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length < 3 || lines.some((line) => !line)) {
    throw headWrong("至少应有三个非空行", "it needs three lines that are not empty");
  }
  const [origin, size, root] = lines;
  if (!/^(0|[1-9][0-9]{0,18})$/.test(size) || BigInt(size) > SIZE_MAX) throw headWrong("第 2 行不是树的大小", "line 2 is not a tree size");
  const hash = fromText(root);
  if (!hash || hash.length !== 32) throw headWrong("第 3 行不是根散列", "line 3 is not a root hash");
  return { origin, size: BigInt(size), root: hash };
}

// A public key under a name, read from its vkey "name+hash+base64".
export async function parseVkey(vkey) {
  const cut = vkey.indexOf("+"), next = vkey.indexOf("+", cut + 1);
  const material = cut > 0 && next > 0 ? fromText(vkey.slice(next + 1)) : null;
  if (!material || material.length < 2) throw noteWrong(`“${vkey}”不是验证公钥`, `“${vkey}” is not a verifier key`);
  const name = vkey.slice(0, cut), type = material[0], key = material.slice(1);
  if (/[\s+]/.test(name)) throw noteWrong(`签名者名称“${name}”含空格或加号`, `the key name “${name}” has a space or plus`);
  if (type !== ED25519 && type !== COSIGNATURE) throw noteWrong(`不支持签名类型 ${type}`, `the signature type ${type} is not supported`);
  if (key.length !== 32) throw noteWrong(`“${name}”的公钥长度有误`, `the public key of “${name}” has a wrong length`);
  const hash = (await sha256(join(utf8(name), [10], [type], key))).slice(0, 4);
  if (vkey.slice(cut + 1, next) !== hex(hash)) throw noteWrong(`“${vkey}”的散列与公钥不符`, `the hash in “${vkey}” is not that of its key`);
  return { name, type, key, hash };
}

export const made = (verifier, line) => line.name === verifier.name && equal(line.key, verifier.hash);
export const cosigned = (text, at) => utf8(`cosignature/v1\ntime ${at}\n${text}`);
