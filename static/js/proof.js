// On the page where an account is opened: waits until a form can be read before it is sent, and solves the puzzle
// (ALTCHA, version 2, PBKDF2) where the server asks for one. A page of its own file, for no other page needs it.
const form = document.querySelector("form[data-least]");
const says = form?.querySelector("[data-checking]");
const BATCH = 8;
const MOST = 10_000;
let isReady = !form?.dataset.challenge;
let isWanted = false;

const toBytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const toHex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function derive({ nonce, salt, cost, keyLength }, counter) {
  const start = toBytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  new DataView(password.buffer).setUint32(start.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: toBytes(salt), iterations: cost };
  return toHex(await crypto.subtle.deriveBits(how, key, keyLength * 8));
}

async function solve(parameters) {
  for (let first = 0; first < MOST; first += BATCH) {
    const keys = await Promise.all(Array.from({ length: BATCH }, (_, step) => derive(parameters, first + step)));
    const found = keys.findIndex((key) => key.startsWith(parameters.keyPrefix));
    if (found >= 0) return { counter: first + found, derivedKey: keys[found] };
  }
  throw new Error("no solution");
}

function send() {
  const left = form.dataset.least * 1000 - performance.now();
  if (left > 0) setTimeout(send, left);
  else if (isReady) form.requestSubmit();
}

async function prove() {
  const challenge = JSON.parse(form.dataset.challenge);
  says.textContent = says.dataset.checking;
  const solution = await solve(challenge.parameters);
  form.elements.proof.value = btoa(JSON.stringify({ challenge, solution }));
  says.textContent = says.dataset.checked;
  isReady = true;
  if (isWanted) send();
}

form?.addEventListener("submit", (event) => {
  if (isReady && performance.now() >= form.dataset.least * 1000) return;
  event.preventDefault();
  isWanted = true;
  if (isReady) send();
});

// Where the browser can't (an old one, or no safe connection), the words of the page stay: wait, then send.
if (!isReady) {
  const giveUp = () => {
    isReady = true;
  };
  if (crypto.subtle) prove().catch(giveUp);
  else giveUp();
}
