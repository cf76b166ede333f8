// Signs in with a passkey of the device, shows with one who it is, or has one made. A form with data-passkey
// ("get" or "create") stays hidden without this file, or where the browser knows no passkeys. When it is sent,
// the question is fetched from data-question, the device answers it, and the answer goes with the form.
const isKnown = Boolean(window.PublicKeyCredential && navigator.credentials);

function toBytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function readQuestion(question) {
  const described = (list) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));
  const read = { ...question, challenge: toBytes(question.challenge) };
  if (question.user) read.user = { ...question.user, id: toBytes(question.user.id) };
  if (question.excludeCredentials) read.excludeCredentials = described(question.excludeCredentials);
  if (question.allowCredentials) read.allowCredentials = described(question.allowCredentials);
  return read;
}

function writeAnswer(credential) {
  const { response } = credential;
  const answer = { clientDataJSON: toText(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) answer[name] = toText(response[name]);
  }
  if (response.getTransports) answer.transports = response.getTransports();
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: answer });
}

async function fetchQuestion(form) {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  const answer = await fetch(form.dataset.question, { method: "POST", body });
  // Who one is must be shown again first: that is a page, so go there.
  if (answer.redirected) return location.assign(answer.url);
  if (!answer.ok) throw new Error(String(answer.status));
  return readQuestion(await answer.json());
}

async function askDevice(form) {
  const publicKey = await fetchQuestion(form);
  if (!publicKey) return;
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
  form.elements.credential.value = writeAnswer(credential);
  // Whether to stay signed in is asked once on the page, in the form for passwords.
  const stays = document.querySelector("input[name=remember]:checked");
  if (stays && form.elements.remember) form.elements.remember.value = stays.value;
  form.submit();
}

async function onSubmit(event) {
  const form = event.target;
  event.preventDefault();
  const button = form.querySelector("button");
  const problem = form.querySelector("[data-problem]");
  button.disabled = true;
  problem.hidden = true;
  try {
    await askDevice(form);
  } catch (error) {
    // The device or its owner said no; the rest of the page still works.
    problem.textContent = error.name === "InvalidStateError" ? problem.dataset.known : problem.dataset.failed;
    problem.hidden = false;
  }
  button.disabled = false;
}

if (isKnown) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", onSubmit);
  }
  for (const text of document.querySelectorAll("[data-without-passkeys]")) text.hidden = true;
}
