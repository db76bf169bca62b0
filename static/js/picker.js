// The picker's running count and total, "select all", and the order's details beside the list. All of it is extra:
// the form keeps what is checked, and the order number is a link.
"use strict";

const form = document.querySelector("[data-picker]");
const boxes = [...form.querySelectorAll("input[name=order_numbers]:enabled")];
const all = form.querySelector("[data-check-all]");
const count = form.querySelector("[data-picked-count]");
const total = form.querySelector("[data-picked-total]");
const cents = (element) => Math.round(Number(element.dataset.amount) * 100);

let picked = Number(count.textContent);
const sums = new Map([...total.children].map((sum) => [sum.dataset.currency, cents(sum)]));

function add(box, sign) {
  picked += sign;
  sums.set(box.dataset.currency, (sums.get(box.dataset.currency) || 0) + sign * cents(box));
  box.closest("tr").classList.toggle("row-selected", sign > 0);
}

function show() {
  count.textContent = picked;
  const amounts = [...sums].filter(([, sum]) => sum !== 0).sort();
  total.replaceChildren(...amounts.map(([currency, sum]) => {
    const amount = document.createElement("span");
    const options = { style: "currency", currency, currencyDisplay: "code" };
    amount.textContent = new Intl.NumberFormat("en", options).format(sum / 100);
    return amount;
  }));
  if (all) all.checked = boxes.length > 0 && boxes.every((box) => box.checked);
}

form.addEventListener("change", (event) => {
  if (event.target === all) {
    for (const box of boxes.filter((box) => box.checked !== all.checked)) {
      box.checked = all.checked;
      add(box, box.checked ? 1 : -1);
    }
  } else if (boxes.includes(event.target)) {
    add(event.target, event.target.checked ? 1 : -1);
  } else {
    return;
  }
  show();
});

form.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-panel]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const answer = await fetch(`${link.pathname}?panel=1`);
  if (!answer.ok || answer.redirected) {
    window.open(link.href);
    return;
  }
  const panel = document.getElementById(link.dataset.panel);
  panel.querySelector("[data-panel-body]").innerHTML = await answer.text();
  if (!panel.open) panel.show();
});

if (all) all.hidden = boxes.length === 0;
show();
