// Keeps the focus or moves it on purpose. An element with data-focus-after takes it when it
// arrives, with the page or with a fragment; otherwise whoever had it gets it back by id.
// An element with data-show-after that arrives out of sight (on a phone, below a list) is scrolled to.
let focusedId = "";

function takeFocus(root) {
  const wanted = root.querySelector("[data-focus-after]");
  if (!wanted) return false;
  if (wanted.tabIndex < 0 && !wanted.hasAttribute("tabindex")) wanted.tabIndex = -1;
  wanted.focus();
  wanted.removeAttribute("data-focus-after");
  return true;
}

function showArrived() {
  const arrived = document.querySelector("[data-show-after]");
  arrived?.removeAttribute("data-show-after");
  if (arrived && arrived.getBoundingClientRect().top > window.innerHeight / 2) arrived.scrollIntoView();
}

document.addEventListener("focusin", (event) => {
  focusedId = event.target.id;
});

document.addEventListener("htmx:after:settle", () => {
  showArrived();
  if (takeFocus(document)) return;
  if (focusedId && (!document.activeElement || document.activeElement === document.body)) {
    document.getElementById(focusedId)?.focus({ preventScroll: true });
  }
});

// What came with the page is where the address says.
document.querySelector("[data-show-after]")?.removeAttribute("data-show-after");
takeFocus(document);
