// Select all orders of a page. All else of the picker is the server's: the form keeps what is checked.
"use strict";

const form = document.querySelector("[data-picker]");
const boxes = [...form.querySelectorAll("input[name=order_numbers]:enabled")];
const all = form.querySelector("[data-check-all]");

function show() {
  const checked = boxes.filter((box) => box.checked).length;
  all.checked = checked === boxes.length;
  all.indeterminate = checked > 0 && checked < boxes.length;
}

if (all && boxes.length) {
  all.closest("label").hidden = false;
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    show();
  });
  show();
}

// The sum is the server's, and htmx asks for it at each change: once more for what was checked before it had loaded.
document.body.addEventListener(
  "htmx:load",
  () => {
    if (boxes.some((box) => box.checked !== box.defaultChecked)) form.dispatchEvent(new Event("change"));
  },
  { once: true },
);
