// Keeps what somebody has begun to write, in this tab alone, until it is sent or they sign out.
// A form with data-draft names what it is about; the body names who writes, as one tab may see several people.
const DRAFT = "draft:";
const NO_WORDS = ["hidden", "password", "file", "submit", "button", "reset", "fieldset", "output"];
const CHOICES = ["radio", "checkbox"];

// Without storage (switched off, full) the page works as without this file.
function tryStore(act) {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
}

function keyOf(form) {
  const person = document.body.dataset.person;
  return person ? `${DRAFT}${person}:${form.dataset.draft}` : "";
}

function readDraft(key) {
  return tryStore((store) => JSON.parse(store.getItem(key)));
}

function writeDraft(key, draft) {
  tryStore((store) => (draft ? store.setItem(key, JSON.stringify(draft)) : store.removeItem(key)));
}

function draftKeys() {
  return tryStore((store) => Object.keys(store).filter((key) => key.startsWith(DRAFT))) ?? [];
}

function controlsOf(form) {
  return [...form.elements].filter((control) => control.name && !NO_WORDS.includes(control.type));
}

function hasWords(form) {
  return controlsOf(form).some((control) => /^text/.test(control.type) && control.value.trim());
}

function saveDraft(form) {
  const key = keyOf(form);
  if (!key) return;
  const fields = {};
  for (const control of controlsOf(form)) {
    if (!CHOICES.includes(control.type) || control.checked) (fields[control.name] ??= []).push(control.value);
  }
  writeDraft(key, hasWords(form) ? { fields } : null);
}

// What the server has put into the form (a refused text, a title from the address) comes before the draft.
function restoreDraft(form) {
  const draft = readDraft(keyOf(form));
  if (!draft || draft.sent !== undefined || hasWords(form)) return;
  for (const control of controlsOf(form)) {
    const values = draft.fields[control.name] ?? [];
    if (CHOICES.includes(control.type)) control.checked = values.includes(control.value);
    else if (values.length) control.value = values[0];
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function nonceOf(form) {
  return form.elements.nonce?.value ?? "";
}

function draftForm(key) {
  return [...document.querySelectorAll("form[data-draft]")].find((form) => keyOf(form) === key);
}

// A sent text is forgotten when the next page shows that it arrived: that is any page but the one that says
// what went wrong, and the same form again, which carries the same nonce.
function settleSent(key) {
  const draft = readDraft(key);
  if (draft?.sent === undefined) return;
  const form = draftForm(key);
  const came = performance.getEntriesByType("navigation")[0]?.type === "navigate";
  const isBack = !came || document.body.classList.contains("failure") || (form && nonceOf(form) === draft.sent);
  writeDraft(key, isBack ? { fields: draft.fields } : null);
}

function restoreAll() {
  document.querySelectorAll("form[data-draft]").forEach(restoreDraft);
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (event.isTrusted && form?.matches("[data-draft]")) saveDraft(form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-drop-drafts]")) draftKeys().forEach((key) => writeDraft(key, null));
  if (!form.matches("[data-draft]")) return;
  saveDraft(form);
  const draft = readDraft(keyOf(form));
  if (draft) writeDraft(keyOf(form), { ...draft, sent: nonceOf(form) });
});

// When the request is over, its source may be the element that took the form's place.
const keysOfRequests = new WeakMap();

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (ctx?.sourceElement?.matches("form[data-draft]")) keysOfRequests.set(ctx, keyOf(ctx.sourceElement));
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  const key = ctx && keysOfRequests.get(ctx);
  const draft = key ? readDraft(key) : null;
  if (draft?.sent === undefined) return;
  writeDraft(key, ctx.response && ctx.response.status < 400 ? null : { fields: draft.fields });
});

document.addEventListener("htmx:after:settle", restoreAll);

draftKeys().forEach(settleSent);
restoreAll();
