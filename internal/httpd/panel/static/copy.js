// Copies what stands in the field beside a button. Without scripts the field is
// selected and copied by hand; the button is shown only where this runs.
"use strict";
document.documentElement.classList.add("scripted");
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch { // over plain http there is no clipboard
    if (!document.execCommand("copy")) return;
  }
  const said = button.parentElement.querySelector(".copied");
  said.textContent = said.dataset.said;
});
