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
  writeDraft(key, hasWords(form) ? { fields, ...standingOf(form) } : null);
}

// Where the server keeps drafts too (keeping.js): of which draft these words are, and from which number they began.
function standingOf(form) {
  return form.dataset.keep ? { draft: form.elements.draft.value, seen: form.elements.seen.value } : {};
}

// What the server has put into the form (a refused text, a title from the address) comes before the draft, but for
// words of the same draft that have not arrived there; that is looked at once, when the page has come.
function restoreDraft(form, isNew) {
  if (form.dataset.keep) bringOver(form);
  const draft = readDraft(keyOf(form));
  if (!draft || draft.sent !== undefined) return;
  const isMissing = isNew && form.dataset.keep && !draft.kept && draft.draft === form.elements.draft.value;
  if (hasWords(form) && !isMissing) return;
  if (form.dataset.keep && draft.draft) {
    form.elements.draft.value = draft.draft;
    form.elements.seen.value = draft.seen;
    form.dataset.restored = "";
  }
  for (const control of controlsOf(form)) {
    const values = draft.fields[control.name] ?? [];
    if (CHOICES.includes(control.type)) control.checked = values.includes(control.value);
    else if (values.length) control.value = values[0];
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// The form on the page of a draft goes on with what the tab has of the same draft from elsewhere.
function bringOver(form) {
  const key = keyOf(form);
  const other = keysOfDraft(form.elements.draft.value).find((one) => one !== key);
  if (!other || !key || form.elements.draft.value === "") return;
  const draft = readDraft(other);
  if (!draft.kept && draft.sent === undefined) writeDraft(key, draft);
  if (draft.sent === undefined) writeDraft(other, null);
}

function keysOfDraft(id) {
  return draftKeys().filter((key) => id && readDraft(key)?.draft === id);
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
  const form = formSentBack(draft.sent) ?? draftForm(key);
  const came = performance.getEntriesByType("navigation")[0]?.type === "navigate";
  const isAgain = form && nonceOf(form) === draft.sent;
  const isBack = !came || document.body.classList.contains("failure") || isAgain;
  if (!isBack) [key, ...keysOfDraft(draft.draft)].forEach((one) => writeDraft(one, null));
  if (!isBack) return;
  const standing = isAgain ? standingOf(form) : {};
  if (isAgain) writeDraft(key, null);
  writeDraft(isAgain ? keyOf(form) : key, { ...draft, ...standing, sent: undefined });
}

// The same form may have got another name by being sent: its words are kept as a draft since.
function formSentBack(nonce) {
  return nonce && [...document.querySelectorAll("form[data-draft]")].find((form) => nonceOf(form) === nonce);
}

function restoreAll(isNew) {
  document.querySelectorAll("form[data-draft]").forEach((form) => restoreDraft(form, isNew));
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  // What a script writes in somebody's place says so by its type.
  if ((event.isTrusted || event.inputType) && form?.matches("[data-draft]")) saveDraft(form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-drop-drafts]")) draftKeys().forEach((key) => writeDraft(key, null));
  if (form.matches("[data-drop-draft]")) keysOfDraft(form.dataset.dropDraft).forEach((key) => writeDraft(key, null));
  if (!form.matches("[data-draft]")) return;
  saveDraft(form);
  const draft = readDraft(keyOf(form));
  if (draft) writeDraft(keyOf(form), { ...draft, sent: nonceOf(form) });
});

// What has arrived on the server need not be brought back over what stands there.
document.addEventListener("draft:kept", (event) => {
  const form = event.target;
  saveDraft(form);
  const draft = readDraft(keyOf(form));
  if (draft) writeDraft(keyOf(form), { ...draft, kept: event.detail.isCurrent });
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
  writeDraft(key, ctx.response && ctx.response.status < 400 ? null : { ...draft, sent: undefined });
});

document.addEventListener("htmx:after:settle", () => restoreAll(false));

draftKeys().forEach(settleSent);
restoreAll(true);
