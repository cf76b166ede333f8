// Switches light, dark and automatic without a page load. The form beneath works without this file;
// the cookie is the one the server reads to render data-theme.
const YEAR_SECONDS = 31536000;

function rememberTheme(theme) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
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
  rememberTheme(chosen.value);
  showTheme(event.target, chosen.value);
});
