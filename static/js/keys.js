// Keys: "/" goes to the search, and on pages with a list j and k move, o opens, and any other
// letter acts on the element that names it in data-key. Quiet while somebody types, and off
// altogether when the person said so (WCAG 2.1.4).
const OFF_COOKIE = "keys=off";
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog";

function keysAreOff() {
  return document.cookie.split("; ").includes(OFF_COOKIE);
}

function visible(selector) {
  return [...document.querySelectorAll(selector)].find((element) => element.checkVisibility());
}

function goToSearch() {
  const field = visible('form[role="search"] input[type="search"]');
  if (field) {
    field.focus();
    field.select();
    return true;
  }
  const link = visible("[data-search-link]");
  link?.click();
  return Boolean(link);
}

function listItems() {
  return [...document.querySelectorAll("[data-key-item]")];
}

function currentItem(items) {
  const focused = items.findIndex((item) => item === document.activeElement || item.closest("li")?.contains(document.activeElement));
  if (focused !== -1) return focused;
  return items.findIndex((item) => item.getAttribute("aria-current") === "true");
}

function moveInList(step) {
  const items = listItems();
  if (!items.length) return false;
  const next = Math.min(items.length - 1, Math.max(0, currentItem(items) + step));
  items[next].focus();
  items[next].scrollIntoView({ block: "nearest" });
  return true;
}

function openItem() {
  const items = listItems();
  const item = items[currentItem(items)];
  item?.click();
  return Boolean(item);
}

function actOn(key) {
  const element = visible(`[data-key="${CSS.escape(key)}"]`);
  if (!element) return false;
  const field = element.matches("a, button, summary") ? null : element.querySelector("input:checked") ?? element;
  if (field) field.focus();
  else element.click();
  return true;
}

const KEYS = {
  "/": goToSearch,
  j: () => moveInList(1),
  k: () => moveInList(-1),
  o: openItem,
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key.length !== 1 || event.target.closest?.(TYPING) || keysAreOff()) return;
  const act = KEYS[event.key] ?? (() => actOn(event.key));
  if (act()) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-switch]")) return;
  const age = event.target.checked ? 0 : 31536000;
  document.cookie = `${OFF_COOKIE}; path=/; max-age=${age}; samesite=lax`;
});

for (const box of document.querySelectorAll("[data-keys-switch]")) {
  box.checked = !keysAreOff();
}
