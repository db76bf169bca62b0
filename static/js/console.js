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
  if (event.key === "Tab") stayInDrawer(event);
  if (event.key !== "Escape") return;
  if (!document.querySelector("dialog:modal")) drawer()?.close();
  const filter = openFilter();
  if (filter) {
    filter.open = false;
    filter.querySelector("summary").focus();
  }
});

// Tab goes round in the drawer, as in a dialog, though a mouse may use the page beside it.
function stayInDrawer(event) {
  const stops = drawer()?.contains(document.activeElement) ? drawer().querySelectorAll("a[href], button, [tabindex='0']") : [];
  const [first, last] = [stops[0], stops[stops.length - 1]];
  if (document.activeElement !== (event.shiftKey ? first : last)) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

// Copies a text field. The button is there only where it works: browsers allow it on HTTPS pages.
for (const button of document.querySelectorAll("[data-copies]")) {
  if (!navigator.clipboard) break;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = label), 2000);
  });
}

// What htmx has put into a dialog is shown; the drawer leaves the page beside it in use.
let opener;
document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.detail.target.closest("dialog");
  if (!dialog) return;
  opener = event.detail.requestConfig.elt;
  if (dialog.open) dialog.querySelector("button").focus();
  else if (dialog.classList.contains("drawer")) dialog.show();
  else dialog.showModal();
});

// Whoever closes it goes on from where it was opened.
document.addEventListener("close", () => opener?.isConnected && opener.focus(), true);

// Remarks that are opened are written into at once.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.open && target.matches(".remarks")) target.querySelector("input[type=text]").focus();
  },
  true,
);

// What htmx could not get is opened as a page, which says why. Without a connection the page stays, and says so.
const failed = document.getElementById("failed");
const offline = document.getElementById("offline");
document.addEventListener("htmx:responseError", (event) => {
  const { verb, path, elt } = event.detail.requestConfig;
  if (verb === "get") location.assign(elt.href || path);
  else failed.hidden = false;
});
document.addEventListener("htmx:sendError", () => (offline.hidden = false));
document.addEventListener("htmx:beforeRequest", () => (failed.hidden = offline.hidden = true));

// A form that must be sent once, and one that comes back to the address as it is now.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-once]")) {
    if (form.dataset.sent) event.preventDefault();
    else if (event.submitter?.formMethod !== "dialog") form.dataset.sent = "yes";
  }
  if (form.matches(".language-switch")) form.elements.next.value = location.pathname + location.search;
  const leaves = !event.defaultPrevented && !event.submitter?.matches("[data-file]") && form.method !== "dialog" && event.submitter?.formMethod !== "dialog";
  if (leaves) event.submitter?.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});

// Checks all boxes of a list's page. htmx replaces the list, so the boxes are looked up at each change.
const boxesOf = (all) => [...document.querySelectorAll(`input[type=checkbox][form=${all.form.id}]:not(:disabled)`)];
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-check-all]") && target.form.id) for (const box of boxesOf(target)) box.checked = target.checked;
  const all = target.form?.querySelector("[data-check-all]");
  if (target.hasAttribute("form") && all) {
    const checked = boxesOf(all).filter((box) => box.checked).length;
    all.checked = checked === boxesOf(all).length;
    all.indeterminate = checked > 0 && !all.checked;
  }
});
