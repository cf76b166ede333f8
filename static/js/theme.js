// Switches light, dark and automatic without a page load. The form beneath works without this file; the server
// keeps what was chosen in a cookie that scripts cannot write.
function rememberTheme(form, theme) {
  const sent = new URLSearchParams({ theme });
  fetch(form.action, { method: "POST", body: sent, redirect: "manual", keepalive: true }).catch(() => {});
}

function showTheme(form, theme) {
  document.documentElement.dataset.theme = theme;
  for (const button of form.querySelectorAll('button[name="theme"]')) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

document.addEventListener("submit", (event) => {
  const chosen = event.submitter;
  if (!event.target.matches("form[data-theme-switch]") || chosen?.name !== "theme") return;
  event.preventDefault();
  rememberTheme(event.target, chosen.value);
  showTheme(event.target, chosen.value);
});
