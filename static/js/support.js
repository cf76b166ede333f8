// Shows a support at once: the key is pressed and the count moves before the server has answered.
// The server's fragment then takes the place of the control; if it does not come, all is put back.
const shownBefore = new WeakMap();

function countsFor(button) {
  const inside = button.querySelector("[data-count]");
  if (inside) return [inside];
  const box = button.closest("[data-support-box]");
  return box ? [...box.querySelectorAll("[data-count]")] : [];
}

function pressSupport(button) {
  const pressed = button.getAttribute("aria-pressed") !== "true";
  const label = button.querySelector(".label");
  const counts = countsFor(button);
  shownBefore.set(button, {
    pressed: button.getAttribute("aria-pressed"),
    label: label.textContent,
    counts: counts.map((count) => count.textContent),
  });
  button.setAttribute("aria-pressed", String(pressed));
  label.textContent = pressed ? button.dataset.labelOn : button.dataset.labelOff;
  const format = new Intl.NumberFormat(document.documentElement.lang || undefined);
  for (const count of counts) {
    count.textContent = format.format(Number(count.dataset.count) + (pressed ? 1 : -1));
  }
}

function putBackSupport(button) {
  const before = shownBefore.get(button);
  if (!before) return;
  button.setAttribute("aria-pressed", before.pressed);
  button.querySelector(".label").textContent = before.label;
  countsFor(button).forEach((count, index) => {
    count.textContent = before.counts[index];
  });
  shownBefore.delete(button);
}

function supportOf(source) {
  return source?.matches("form[data-support]") ? source.querySelector("button.support") : source?.closest("button.support");
}

function pressOnce(button) {
  if (button && !shownBefore.has(button)) pressSupport(button);
}

// At the very press: htmx takes its time before it asks. What it did not take over leaves the page.
for (const kind of ["click", "submit"]) {
  document.addEventListener(kind, (event) => {
    const source = event.target.closest("form[data-support], button.support[hx-post]");
    if (source && event.defaultPrevented) pressOnce(supportOf(source));
  });
}

document.addEventListener("htmx:before:request", (event) => pressOnce(supportOf(event.detail.ctx?.sourceElement)));

// Fires after every request, also a failed one. A button still in the page was not replaced.
document.addEventListener("htmx:finally:request", (event) => {
  const button = supportOf(event.detail.ctx?.sourceElement);
  if (button?.isConnected) putBackSupport(button);
});
