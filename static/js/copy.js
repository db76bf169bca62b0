// Buttons that copy a number. They are shown only here, because without JavaScript they do nothing.
"use strict";

const copied = document.getElementById("copied");
const SHOWN_MS = 2000;

function showCopyButtons() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

// Without https there is no clipboard to write to, but the selected text of a field can still be copied.
function copySelected(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const done = await copy(button.dataset.copy);
  button.focus();
  copied.textContent = "";
  requestAnimationFrame(() => (copied.textContent = done ? copied.dataset.done : copied.dataset.failed));
  button.classList.toggle("copy-done", done);
  setTimeout(() => button.classList.remove("copy-done"), SHOWN_MS);
});

document.addEventListener("htmx:load", showCopyButtons);
showCopyButtons();
