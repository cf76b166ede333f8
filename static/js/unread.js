// Keeps the number of unread notifications in the header true without a reload: asks now and then while the page is
// looked at, and at once when it is looked at again or something in it has changed. The answer is empty where nothing
// changed. A larger number is also said to screen readers.
const EVERY_MS = 15_000;
const MOST_MS = 240_000;
const link = document.querySelector("[data-unread]");
let etag = "";
let wait = EVERY_MS;
let timer = 0;
let isAsking = false;

function show({ number, name, says }) {
  const badge = link.querySelector("[data-unread-number]");
  const isMore = parseInt(number, 10) > (badge.hidden ? 0 : parseInt(badge.textContent, 10) || 0);
  badge.textContent = number;
  badge.hidden = !number;
  link.querySelector("[data-unread-name]").textContent = name;
  document.querySelector("[data-unread-says]").textContent = isMore ? says : "";
}

async function ask() {
  const answer = await fetch(link.dataset.unread, {
    headers: etag ? { "If-None-Match": etag } : {},
    cache: "no-store",
    redirect: "error",
  });
  if (answer.status === 200) {
    etag = answer.headers.get("ETag") ?? "";
    show(await answer.json());
  }
  return answer.ok || answer.status === 304;
}

// Who is signed out meanwhile, or whose server is away, is asked for ever less often.
async function look() {
  clearTimeout(timer);
  if (document.hidden || isAsking) return;
  isAsking = true;
  const isWell = await ask().catch(() => false);
  isAsking = false;
  wait = isWell ? EVERY_MS : Math.min(wait * 2, MOST_MS);
  if (!document.hidden) timer = setTimeout(look, wait);
}

if (link) {
  timer = setTimeout(look, EVERY_MS);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
  document.addEventListener("htmx:after:settle", (event) => {
    if (event.target.closest?.("#notifications, .told")) look();
  });
}
