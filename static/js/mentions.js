// Completes the handles of people behind @ in text fields; whoever has no script types them whole.
// A field inside <text-expander data-people="address"> asks that address who may be meant.
const PAUSE = 120;
const LONGEST = 80;
let waiting = 0;
let asked = null;

function addressOf(expander, typed) {
  const address = new URL(expander.dataset.people, location.href);
  const fields = expander.closest("form")?.elements;
  address.searchParams.set("q", typed);
  if (fields?.board) address.searchParams.set("board", fields.board.value);
  if (fields?.internal?.checked) address.searchParams.set("internal", "1");
  return address;
}

async function ask(expander, typed) {
  asked = new AbortController();
  const answer = await fetch(addressOf(expander, typed), { signal: asked.signal, redirect: "error" });
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const list = page.querySelector("[role=listbox]");
  return list?.childElementCount ? document.adoptNode(list) : null;
}

// Whatever fails, one goes on typing. An answer that came too late is none: what is shown stays until the next one.
function offer(expander, typed) {
  clearTimeout(waiting);
  asked?.abort();
  return new Promise((done) => {
    waiting = setTimeout(() => {
      ask(expander, typed).then(
        (fragment) => done({ matched: Boolean(fragment), fragment }),
        (error) => error.name === "AbortError" || done({ matched: false }),
      );
    }, PAUSE);
  });
}

// The element tells of itself without bubbling.
const capture = { capture: true };

document.addEventListener("text-expander-change", (event) => {
  const { text, provide } = event.detail;
  if (/\s/.test(text) || text.length > LONGEST) return;
  provide(offer(event.target, text));
}, capture);

document.addEventListener("text-expander-value", (event) => {
  event.detail.value = event.detail.item.dataset.value;
}, capture);

document.addEventListener("text-expander-committed", (event) => {
  event.detail.input.dispatchEvent(new Event("input", { bubbles: true }));
}, capture);

// The element puts the list beneath the caret, wherever that is; it has to stay within the field.
document.addEventListener("text-expander-activate", (event) => {
  const expander = event.target;
  queueMicrotask(() => {
    const list = expander.querySelector("[role=listbox]");
    if (!list) return;
    const over = list.getBoundingClientRect().right - expander.getBoundingClientRect().right;
    if (over > 0) list.style.left = `${list.offsetLeft - over}px`;
  });
}, capture);
