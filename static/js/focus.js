// Keeps the focus or moves it on purpose. An element with data-focus-after takes it when it
// arrives, with the page or with a fragment; otherwise whoever had it gets it back by id.
let focusedId = "";

function takeFocus(root) {
  const wanted = root.querySelector("[data-focus-after]");
  if (!wanted) return false;
  if (wanted.tabIndex < 0 && !wanted.hasAttribute("tabindex")) wanted.tabIndex = -1;
  wanted.focus();
  wanted.removeAttribute("data-focus-after");
  return true;
}

document.addEventListener("focusin", (event) => {
  focusedId = event.target.id;
});

document.addEventListener("htmx:after:settle", () => {
  if (takeFocus(document)) return;
  if (focusedId && (!document.activeElement || document.activeElement === document.body)) {
    document.getElementById(focusedId)?.focus({ preventScroll: true });
  }
});

takeFocus(document);
