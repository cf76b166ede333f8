// Counts characters while they are typed: "45 of 120 characters". The words come from the
// template with {used} and {max} in them, so they are translated where all words are.
const NEAR = 0.9;

function showCount(output) {
  const field = document.getElementById(output.dataset.countFor);
  if (!field) return;
  const max = Number(output.dataset.max);
  const used = [...field.value].length;
  const format = new Intl.NumberFormat(document.documentElement.lang || undefined);
  output.textContent = output.dataset.words.replace("{used}", format.format(used)).replace("{max}", format.format(max));
  output.classList.toggle("count-near", used >= max * NEAR);
  output.setAttribute("aria-live", used >= max * NEAR ? "polite" : "off");
}

document.addEventListener("input", (event) => {
  if (!event.target.id) return;
  const output = document.querySelector(`[data-count-for="${CSS.escape(event.target.id)}"]`);
  if (output) showCount(output);
});

document.querySelectorAll("[data-count-for]").forEach(showCount);
