// Opens dialogs in place of the pages that their links lead to; without this the links work as links.
"use strict";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens).showModal();
  }
  for (const open of document.querySelectorAll("details.header-filter[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.header-filter[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
