// Checks a receipt offline, step by step, against nothing but a trust file: the same walk, in the same words, as
// `jirong verify` (src/jirong/trust/verify.py). A later step is still walked when an earlier one failed, so that the
// reader sees the whole picture. What the receipt says of itself is never believed.

import * as ed25519 from "./ed25519.js";
import {
  COSIGNATURE, ED25519, Malformed, canonical, cosigned, digest, equal, fromText, hex, inclusion, join, leafHash, made,
  parseCheckpoint, parseNote, parseVkey, sha256, utf8,
} from "./proof.js";

const PROOF_MAX = 63;
const GRADES = ["own", "platform", "system"];
const REGISTRATIONS = ["key.register", "party.register"];
const LEAF = ["business_date", "grade", "key", "outcome", "recorded_at", "row", "signature", "statement"];
const SIGNED = ["action", "actor", "body", "id"];

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const wrong = (where, zh, en) => new Malformed(where, `${where} ${zh}`, `${where} ${en}`);
const text = (zh, en) => ({ zh, en });
const step = (code, holds, good, bad, where) => ({ code, state: holds ? "ok" : "failed", text: holds ? good : bad, where });

// Reading ---------------------------------------------------------------------------------------------------------

function readJson(bytes) {
  let source;
  try { source = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch {
    throw new Malformed("$", "不是可读的 JSON：不是 UTF-8", "This is not readable JSON: it is not UTF-8");
  }
  try { return [JSON.parse(source), source]; } catch (error) {
    throw new Malformed("$", `不是可读的 JSON：${error.message}`, `This is not readable JSON: ${error.message}`);
  }
}

function fields(value, where, required, optional = []) {
  if (!isObject(value)) throw wrong(where, "应为 JSON 对象", "should be a JSON object");
  for (const name of required) if (!Object.hasOwn(value, name)) throw wrong(`${where}.${name}`, "缺失", "is missing");
  for (const name of Object.keys(value)) {
    if (!required.includes(name) && !optional.includes(name)) throw wrong(`${where}.${name}`, "不是已知字段", "is not a known field");
  }
  return value;
}

function string(value, where) {
  if (typeof value !== "string") throw wrong(where, "应为文本", "should be a text");
  return value;
}

function list(value, where) {
  if (!Array.isArray(value) || value.length > PROOF_MAX) {
    throw wrong(where, `应为不超过 ${PROOF_MAX} 项的列表`, `should be a list of at most ${PROOF_MAX}`);
  }
  return value;
}

function hash(value, where) {
  const raw = typeof value === "string" ? fromText(value) : null;
  if (!raw || raw.length !== 32) throw wrong(where, "应为 32 字节散列的 Base64", "should be the base64 of a 32-byte hash");
  return raw;
}

function optionalObject(value, where) {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw wrong(where, "应为 JSON 对象", "should be a JSON object");
  return value;
}

const holdsStatement = (leaf) => !(Object.keys(leaf.statement).length === 1 && Object.hasOwn(leaf.statement, "sha256"));

function readLeaf(value, where) {
  fields(value, where, LEAF);
  for (const name of ["grade", "key", "outcome", "recorded_at", "row", "signature"]) string(value[name], `${where}.${name}`);
  if (!GRADES.includes(value.grade)) throw wrong(`${where}.grade`, "不是已知的签名等级", "is not a known grade");
  fields(value.statement, `${where}.statement`, [], ["sha256", ...SIGNED]);
  return value;
}

function readProven(value, where) {
  fields(value, where, ["index", "leaf", "proof"], ["statement", "outcome"]);
  if (value.index !== null && !(Number.isInteger(value.index) && value.index >= 0)) {
    throw wrong(`${where}.index`, "应为非负整数", "should be a whole number from 0");
  }
  const rows = list(value.proof, `${where}.proof`);
  const leaf = readLeaf(value.leaf, `${where}.leaf`);
  const proof = rows.map((row, i) => hash(row, `${where}.proof[${i}]`));
  const statement = optionalObject(value.statement, `${where}.statement`);
  const outcome = optionalObject(value.outcome, `${where}.outcome`);
  if ((statement === null) !== holdsStatement(leaf)) {
    throw wrong(`${where}.statement`, "应恰好在叶内只有散列时给出", "belongs exactly where the leaf holds its hash");
  }
  const signed = fields(statement ?? leaf.statement, `${where}.statement`, SIGNED);
  return { index: value.index, leaf, proof, statement, outcome, signed };
}

export function readReceipt(bytes) {
  const [body, source] = readJson(bytes);
  if (canonical(body) !== (source.endsWith("\n") ? source.slice(0, -1) : source)) {
    throw wrong("$", "不是规范形式（RFC 8785），文件被改动过", "is not in canonical form (RFC 8785): changed since");
  }
  fields(body, "$", ["checkpoint", "entry", "format", "registration"]);
  if (body.format !== "jirong-receipt/1") throw wrong("$.format", "应为 jirong-receipt/1", "should be jirong-receipt/1");
  const entry = readProven(body.entry, "$.entry");
  const registration = body.registration === null ? null : readProven(body.registration, "$.registration");
  const checkpoint = body.checkpoint === null ? null : string(body.checkpoint, "$.checkpoint");
  return { entry, registration, checkpoint };
}

export async function readTrust(bytes) {
  const [body] = readJson(bytes);
  canonical(body);
  fields(body, "$", ["format", "log", "quorum", "witnesses"]);
  if (body.format !== "jirong-trust/1") throw wrong("$.format", "应为 jirong-trust/1", "should be jirong-trust/1");
  const log = await readVkey(body.log, "$.log", ED25519);
  const witnesses = [];
  for (const [i, row] of list(body.witnesses, "$.witnesses").entries()) {
    witnesses.push(await readVkey(row, `$.witnesses[${i}]`, COSIGNATURE));
  }
  const most = witnesses.length;
  if (!(Number.isInteger(body.quorum) && body.quorum >= 0 && body.quorum <= most)) {
    throw wrong("$.quorum", `应为 0 至 ${most} 的整数`, `should be a number from 0 to ${most}`);
  }
  if (new Set(witnesses.map((witness) => hex(witness.key))).size !== most) {
    throw wrong("$.witnesses", "同一见证公钥出现两次", "names one witness key twice");
  }
  return { log, witnesses, quorum: body.quorum };
}

async function readVkey(value, where, type) {
  let verifier;
  try { verifier = await parseVkey(string(value, where)); } catch (error) {
    if (error.where === where) throw error;
    throw wrong(where, `有误：${error.zh}`, `is wrong: ${error.en}`);
  }
  if (verifier.type !== type) throw wrong(where, `签名类型应为 ${type}`, `should have signature type ${type}`);
  return verifier;
}

// Walking ---------------------------------------------------------------------------------------------------------

// All steps in order, what they amount to ("ok", "pending", "failed"), the grade, and the size of the tree.
export async function verify(bytes, trust) {
  let receipt;
  try { receipt = readReceipt(bytes); } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return verdict([{ code: "format", state: "failed", text: text(error.zh, error.en), where: error.where }]);
  }
  const head = readHead(receipt);
  const steps = [
    { code: "format", state: "ok", text: text("文件完整可读", "The file is whole and readable"), where: "$" },
    ...await entrySteps(receipt.entry),
    ...await keySteps(receipt),
    ...await logSteps(receipt, head, trust),
    ...await witnessSteps(head, trust),
  ];
  return verdict(steps, receipt, head?.checkpoint ? head.checkpoint.size : null);
}

function verdict(steps, receipt = null, size = null) {
  const states = steps.map((each) => each.state);
  const state = states.includes("failed") ? "failed" : states.includes("pending") ? "pending" : "ok";
  return { steps, state, grade: receipt ? receipt.entry.leaf.grade : null, size, receipt };
}

function readHead(receipt) {
  if (receipt.checkpoint === null) return null;
  try {
    const note = parseNote(receipt.checkpoint);
    return { note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { fault: text(error.zh, error.en) };
  }
}

async function entrySteps(entry) {
  const steps = [await statementStep(entry, "$.entry")];
  if (entry.outcome !== null) steps.push(await outcomeStep(entry, "$.entry"));
  return steps;
}

async function statementStep(proven, where) {
  const fits = proven.statement === null || proven.leaf.statement.sha256 === await digest(proven.statement);
  const { action, actor } = proven.signed;
  return step(
    "statement", fits,
    text(`操作 ${action}，操作方 ${actor || "–"}`, `Action ${action} by ${actor || "–"}`),
    text("操作内容与日志中的散列不符", "The statement does not have the hash the log holds"),
    proven.statement ? `${where}.statement` : `${where}.leaf.statement`,
  );
}

async function outcomeStep(proven, where) {
  return step(
    "outcome", proven.leaf.outcome === await digest(proven.outcome),
    text("结果与日志中的散列一致", "The outcome has the hash the log holds"),
    text("结果与日志中的散列不符", "The outcome does not have the hash the log holds"),
    `${where}.outcome`,
  );
}

function ownerOf(grade, registered) {
  if (grade !== "own") return text("平台代管密钥（等级较低）", "a key the platform keeps (weaker)");
  return registered === "own"
    ? text("本单位自有密钥；登记载明由其先前的自有密钥签署", "the party's own key; its registration says that an own key of before signed it")
    : text("本单位自有密钥；登记时尚由平台代管的密钥签署，请向对方核对密钥编号", "the party's own key; a key the platform keeps signed its registration, so compare the key's id with the party");
}

async function keySteps(receipt) {
  const { entry, registration } = receipt;
  const grade = entry.leaf.grade;
  if (grade === "system") return [unsignedStep(receipt)];
  if (registration === null) {
    const missing = text("缺少签名密钥的登记", "The registration of the signing key is missing");
    return [{ code: "key", state: receipt.checkpoint === null ? "pending" : "failed", text: missing, where: "$.registration" }];
  }
  const steps = [];
  if (registration.statement) steps.push(await statementStep(registration, "$.registration"));
  if (registration.outcome && Object.keys(registration.outcome).length) steps.push(await outcomeStep(registration, "$.registration"));
  const owner = ownerOf(grade, registration.leaf.grade);
  const fault = await registrationFault(entry, registration);
  steps.push(fault ? { code: "key", state: "failed", ...fault } : {
    code: "key", state: "ok", where: "$.registration",
    text: text(`签名密钥已登记：${owner.zh}`, `The signing key is registered: ${owner.en}`),
  });
  const key = publicKey(registration) ?? new Uint8Array();
  const signature = fromText(entry.leaf.signature) ?? new Uint8Array();
  steps.push(step(
    "signature", await ed25519.verify(key, signature, utf8(canonical(entry.signed))),
    text("签名有效", "The signature is valid"),
    text("签名与操作内容或密钥不符", "The signature does not fit the statement or the key"),
    "$.entry.leaf.signature, $.entry.leaf.statement",
  ));
  return steps;
}

function unsignedStep({ entry, registration }) {
  return step(
    "signature", !(entry.leaf.signature || entry.leaf.key || entry.signed.actor || registration),
    text("系统自身的操作，没有任何一方签名", "An action of the house's own machinery; no party signed it"),
    text("系统操作不应带有操作方或签名", "An action of the machinery should name no actor and no signature"),
    "$.entry.leaf.grade",
  );
}

async function registrationFault(entry, registration) {
  const named = registration.outcome ?? {};
  const key = publicKey(registration);
  const fault = (zh, en, where) => ({ text: text(zh, en), where });
  if (!REGISTRATIONS.includes(registration.signed.action) || !key) {
    return fault("这不是密钥登记", "This is not the registration of a key", "$.registration.outcome");
  }
  if (await keyId(key) !== entry.leaf.key) {
    return fault("登记的公钥不是签名所用密钥", "The registered key is not the one that signed", "$.entry.leaf.key");
  }
  if (named.key !== entry.leaf.key) return fault("登记的密钥编号不符", "The registered key id differs", "$.registration.outcome.key");
  const party = Object.hasOwn(named, "party") ? named.party : registration.signed.actor;
  if (party !== entry.signed.actor) {
    return fault("密钥登记在另一方名下", "The key is registered to another party", "$.entry.leaf.statement.actor");
  }
  if (named.custody !== entry.leaf.grade) return fault("签名等级与登记不符", "The grade is not the registered one", "$.entry.leaf.grade");
  if (entry.index !== null && registration.index !== null && registration.index > entry.index) {
    return fault("密钥在签名之后才登记", "The key was registered after it signed", "$.registration.index");
  }
  return null;
}

function publicKey(registration) {
  const raw = fromText(String((registration.outcome ?? {}).public ?? ""));
  return raw && raw.length === 32 ? raw : null;
}

export const keyId = async (key) => hex(await sha256(join(utf8("jirong-key\ned25519\n"), key))).slice(0, 32);

async function logSteps(receipt, head, trust) {
  if (head === null) {
    const waiting = text("尚未写入检查点，请稍后重新索取凭据", "Not yet under a checkpoint; ask for the receipt again later");
    return [{ code: "log", state: "pending", text: waiting, where: "$.checkpoint" }];
  }
  if (head.fault) return [{ code: "log", state: "failed", text: head.fault, where: "$.checkpoint" }];
  const lines = head.note.signatures.filter((line) => made(trust.log, line));
  const checks = await Promise.all(lines.map((line) => ed25519.verify(trust.log.key, line.value, utf8(head.note.text))));
  const { origin, size } = head.checkpoint;
  const steps = [step(
    "log", origin === trust.log.name && checks.length > 0 && checks.every(Boolean),
    text(`检查点由日志 ${trust.log.name} 签名，共 ${size} 条`, `The log ${trust.log.name} signed the checkpoint of ${size} entries`),
    text("检查点没有所信任日志的有效签名", "The checkpoint has no valid signature of the trusted log"),
    "$.checkpoint",
  )];
  steps.push(await inclusionStep("inclusion", receipt.entry, head.checkpoint, "$.entry"));
  if (receipt.registration) steps.push(await inclusionStep("registration", receipt.registration, head.checkpoint, "$.registration"));
  return steps;
}

async function inclusionStep(code, proven, head, where) {
  const start = await leafHash(utf8(canonical(proven.leaf)));
  const walked = await inclusion(proven.index, head.size, start, proven.proof);
  const found = step(
    code, walked !== null && equal(walked.root, head.root),
    text(`第 ${proven.index} 条在检查点之内`, `Entry ${proven.index} is under the checkpoint`),
    text("从该条目出发的证明到不了检查点的根", "The proof does not lead from this leaf to the checkpoint's root"),
    `${where}.leaf, ${where}.index, ${where}.proof`,
  );
  return { ...found, start: hex(start), trail: walked ? walked.trail : [], root: hex(head.root) };
}

async function witnessSteps(head, trust) {
  if (!head?.checkpoint) return [];
  const claimed = trust.witnesses.filter((witness) => head.note.signatures.some((line) => made(witness, line)));
  const valid = await Promise.all(claimed.map((witness) => cosignedBy(head.note, witness)));
  const bad = claimed.filter((_, i) => !valid[i]).map((witness) => witness.name).join(", ");
  if (bad) return [{ code: "witnesses", state: "failed", text: text(`见证签名无效：${bad}`, `False cosignature: ${bad}`), where: "$.checkpoint" }];
  const names = claimed.map((witness) => witness.name).join(", ") || "–";
  const cosigners = claimed.map((witness) => ({ name: witness.name, at: cosignedAt(head.note, witness) }));
  const enough = claimed.length >= trust.quorum;
  return [{
    code: "witnesses", state: enough ? "ok" : "pending", where: "$.checkpoint", cosigners,
    text: text(
      `见证 ${claimed.length} 份，要求 ${trust.quorum} 份：${names}`,
      `${claimed.length} cosignatures, ${trust.quorum} asked: ${names}`,
    ),
  }];
}

// When a witness says it cosigned, in milliseconds; the time is under its signature.
function cosignedAt(note, witness) {
  const { value } = note.signatures.find((line) => made(witness, line));
  return Number(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0)) * 1000;
}

async function cosignedBy(note, witness) {
  const checks = note.signatures.filter((line) => made(witness, line)).map(async (line) => {
    if (line.value.length !== 72) return false;
    const at = new DataView(line.value.buffer, line.value.byteOffset, 8).getBigUint64(0);
    if (at <= 0n || at > 2n ** 63n - 1n) return false;
    return ed25519.verify(witness.key, line.value.slice(8), cosigned(note.text, at));
  });
  return (await Promise.all(checks)).every(Boolean);
}
