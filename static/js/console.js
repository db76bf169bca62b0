// What moves on the pages: dialogs, the drawer, and filters in headers. Without it every link and form works as such.
"use strict";

const openFilter = () => document.querySelector("details.header-filter[open]");
const drawer = () => document.querySelector(".drawer[open]");

// A dialog of this page in place of the page that the link leads to.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens).showModal();
  }
  const filter = openFilter();
  if (filter && !filter.contains(event.target)) filter.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  drawer()?.close();
  const filter = openFilter();
  if (filter) {
    filter.open = false;
    filter.querySelector("summary").focus();
  }
});

// What htmx has put into a dialog is shown; the drawer leaves the page beside it in use.
document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.detail.target.closest("dialog");
  if (!dialog || dialog.open) return;
  if (dialog.classList.contains("drawer")) dialog.show();
  else dialog.showModal();
});

// What htmx could not get is opened as a page, which says why; what it could not send is said here.
function failed(event) {
  const { verb, path, elt } = event.detail.requestConfig;
  if (verb === "get" && event.type === "htmx:responseError") location.assign(elt.href || path);
  else document.getElementById("failed").hidden = false;
}
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);

// A form that must be sent once, and one that comes back to the address as it is now.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-once]")) {
    if (form.dataset.sent) event.preventDefault();
    else if (event.submitter?.formMethod !== "dialog") form.dataset.sent = "yes";
  }
  if (form.matches(".language-switch")) form.elements.next.value = location.pathname + location.search;
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});
