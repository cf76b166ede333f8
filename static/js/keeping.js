// Keeps what is typed into a form with data-keep on the server, a moment after the last key. The tab's own copy
// (drafts.js) is told what has arrived. Whoever has no script presses "Keep as draft".
const PAUSE = 1500;
const AGAIN = 15000;
const OTHERS = ["csrf_token", "nonce", "seen", "action", "next", "shows", "attach"];

const form = document.querySelector("form[data-keep]");
const line = document.querySelector("[data-kept]");
let timer = 0;
let underWay = null;
let arrived = "";
let isRefused = false;
let isSent = false;

function words() {
  const typed = [...new FormData(form)];
  return new URLSearchParams(typed.filter(([name, text]) => typeof text === "string" && !OTHERS.includes(name)));
}

function isEmpty() {
  return !form.elements.title.value.trim() && !form.elements.body.value.trim();
}

function say(text) {
  if (text && line.textContent !== text) line.textContent = text;
}

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(keep, wait);
}

async function send(typed, keepalive) {
  const body = new URLSearchParams(typed);
  body.set("seen", form.elements.seen.value);
  const headers = { "X-CSRFToken": form.elements.csrf_token.value };
  return fetch(form.dataset.keep, { method: "POST", body, headers, keepalive, redirect: "manual" });
}

function take(typed, answer) {
  arrived = typed;
  form.elements.seen.value = answer.seen;
  say(answer.words);
  const isCurrent = words().toString() === typed;
  form.dispatchEvent(new CustomEvent("draft:kept", { bubbles: true, detail: { isCurrent } }));
  if (!isCurrent) later(PAUSE);
}

// A refusal is said once and stays until something else is typed; where two texts differ, until they are compared.
async function read(typed, answer) {
  if (answer.ok) return take(typed, await answer.json());
  if (answer.status === 409) isRefused = true;
  if ([409, 422].includes(answer.status)) return say((await answer.json()).words);
  if (answer.type === "opaqueredirect" || answer.status === 403) return say(line.dataset.session);
  say(line.dataset.failed);
  return later(Number(answer.headers.get("Retry-After")) * 1000 || AGAIN);
}

async function keep({ keepalive = false } = {}) {
  clearTimeout(timer);
  const typed = words().toString();
  if (underWay || isRefused || typed === arrived || isEmpty()) return;
  underWay = send(typed, keepalive).then(
    (answer) => read(typed, answer),
    () => {
      say(line.dataset.offline);
      later(AGAIN);
    },
  );
  await underWay.catch(() => say(line.dataset.failed));
  underWay = null;
}

// Leaving with the whole form sent hides the page as well: what is being published must not become a draft beside it.
function keepNow() {
  if (!isSent && document.visibilityState === "hidden") keep({ keepalive: true });
}

// What is on its way has arrived before the whole is sent: else the form would meet its own words as somebody else's.
async function submitAfter(event) {
  clearTimeout(timer);
  isSent = !underWay;
  if (isSent) return;
  event.preventDefault();
  await underWay.catch(() => null);
  underWay = null;
  form.requestSubmit(event.submitter);
}

if (form && line) {
  // What the tab has brought back may never have arrived.
  const isAsServed = Number(form.elements.seen.value) && !("restored" in form.dataset);
  arrived = isAsServed ? words().toString() : "";
  if (!isAsServed) later(PAUSE);
  form.addEventListener("input", () => {
    isSent = false;
    later(PAUSE);
  });
  addEventListener("pageshow", () => {
    isSent = false;
  });
  form.addEventListener("submit", submitAfter, { capture: true });
  document.addEventListener("visibilitychange", keepNow);
}
