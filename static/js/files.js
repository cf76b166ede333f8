// Sends files that are picked, dropped or pasted into a text, each at once, and writes the line that shows it there.
// Without script a file goes with the form. <file-attachment> around a text says which files came.
const WAITING = new WeakMap();
const BUSY = "data-sending-now";

function barOf(place) {
  return place.querySelector("[data-upload]");
}

function say(bar, words, name) {
  bar.querySelector("[role=status]").textContent = words.replace("{name}", name);
}

// Answers that refuse are parts of a page with the reason in words.
function reasonOf(request) {
  return new DOMParser().parseFromString(request.responseText, "text/html").body.textContent.trim();
}

// Like typing: other scripts keep what is written, and one can go on with the words about the picture selected. It
// stands beneath the line in which one writes, never within it: those words may be selected from the file before.
function write(field, line) {
  const end = field.value.indexOf("\n", field.selectionEnd);
  const at = end < 0 ? field.value.length : end;
  const gap = at > 0 && field.value[at - 1] !== "\n" ? "\n" : "";
  field.setRangeText(`${gap}${line}${end < 0 ? "\n" : ""}`, at, at, "end");
  const start = at + gap.length + line.indexOf("[") + 1;
  field.setSelectionRange(start, at + gap.length + line.lastIndexOf("]("));
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertFromDrop" }));
}

function finish(place, bar, request, name) {
  const field = place.querySelector("textarea");
  if (request.status === 201 && field) {
    write(field, request.responseText);
    say(bar, bar.dataset.sent, name);
    return;
  }
  say(bar, (request.status >= 400 && reasonOf(request)) || bar.dataset.failed, name);
}

function send(place, file) {
  const bar = barOf(place);
  if (file.size > Number(bar.dataset.most)) {
    say(bar, bar.dataset.large, file.name);
    return Promise.resolve();
  }
  const progress = bar.querySelector("progress");
  const form = new FormData();
  form.append("csrf_token", place.closest("form").elements.csrf_token.value);
  form.append("file", file);
  say(bar, bar.dataset.sending, file.name);
  place.setAttribute(BUSY, file.name);
  progress.hidden = false;
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", bar.dataset.upload);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", ({ loaded, total }) => (progress.value = (100 * loaded) / total));
    request.addEventListener("loadend", () => {
      progress.hidden = true;
      place.removeAttribute(BUSY);
      finish(place, bar, request, file.name);
      done();
    });
    request.send(form);
  });
}

// One after the other, in the order in which they came.
document.addEventListener("file-attachment-accepted", (event) => {
  const place = event.target;
  for (const { file } of event.detail.attachments) {
    WAITING.set(place, (WAITING.get(place) ?? Promise.resolve()).then(() => send(place, file)));
  }
});

// A text that is sent while its picture is on the way would go without it.
document.addEventListener(
  "submit",
  (event) => {
    const place = event.target.querySelector(`[${BUSY}]`);
    if (!place) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say(barOf(place), barOf(place).dataset.wait, place.getAttribute(BUSY));
  },
  { capture: true },
);

// Several at once where they are sent by script; the form by itself takes one.
document.addEventListener("focusin", (event) => {
  if (event.target.matches("file-attachment input[type=file]")) event.target.multiple = true;
});
