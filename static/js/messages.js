// Says what happened when an answer could not be put into the page: the network is gone, the
// session ended, the server failed. The words stand in the page, translated by the server.
const SHOWN_FOR_MS = 8000;
const READING_MS_PER_LETTER = 100;

function wordsFor(region, status) {
  if (!status) return region.dataset.offline;
  if (status === 400 || status === 401) return region.dataset.session;
  if (status === 403 || status === 404) return region.dataset.refused;
  if (status === 413) return region.dataset.large;
  if (status === 429) return region.dataset.slow;
  return region.dataset.failed;
}

// What our server says about a refusal is more exact than any word by status; a stranger's page
// between us and it (a proxy's) says nothing to people, so only what is meant for the line counts.
function wordsOfServer({ text, hx }) {
  if (hx?.retarget !== "#messages" || !text) return "";
  return new DOMParser().parseFromString(text, "text/html").querySelector(".notice p")?.textContent.trim() ?? "";
}

function showToast(status, said = "") {
  const region = document.getElementById("messages");
  if (!region) return;
  region.querySelector(".toast")?.remove();
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = said || wordsFor(region, status);
  region.append(toast);
  setTimeout(() => toast.remove(), Math.max(SHOWN_FOR_MS, toast.textContent.length * READING_MS_PER_LETTER));
}

function isSwapped(status) {
  const text = String(status);
  const withheld = window.htmx?.config.noSwap.map(String) ?? [];
  return ![text, `${text.slice(0, 2)}x`, `${text[0]}xx`].some((pattern) => withheld.includes(pattern));
}

document.addEventListener("htmx:response:error", (event) => {
  const { response, hx } = event.detail.ctx;
  if (!hx?.redirect && !isSwapped(response.status)) showToast(response.status, wordsOfServer(event.detail.ctx));
});

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx?.response) showToast(0);
});
