// Text that was typed and not sent yet: a warning before it is lost, and back in its form after signing in again.
"use strict";
{
  const STORE = "typed";
  const { visitor, holds } = document.currentScript.dataset;
  const UNGUARDED = "[data-picker], [data-unguarded], .language-switch, #changelist-form";
  const NOT_TYPED = new Set(["hidden", "password", "file", "submit", "button", "select-multiple"]);

  const isGuarded = (form) =>
    form.method === "post" && !form.matches(UNGUARDED) && !form.querySelector("[type=password]");
  const keyOf = (form) => {
    const { pathname, search } = new URL(form.getAttribute("action") || location.href, location.href);
    return pathname + search;
  };

  function isChanged(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (field.tagName === "SELECT") {
      const options = [...field.options];
      const given = options.some((option) => option.defaultSelected);
      return given && options.some((option) => option.selected !== option.defaultSelected);
    }
    return !NOT_TYPED.has(field.type) && "defaultValue" in field && field.value !== field.defaultValue;
  }

  // A form that came back with errors holds text that is not saved, though nobody has typed since.
  const isUnsent = (form) =>
    isGuarded(form) &&
    !form.closest("dialog:not([open])") &&
    (form.querySelector(".field-error, .errorlist") || [...form.elements].some(isChanged));
  const unsentForms = () => [...document.forms].filter(isUnsent);

  // Every field with a name: [name, value, whether it is checked]. The counts of Django's formsets are among them.
  function read(form) {
    const typed = [...form.elements].filter(
      ({ name, type }) => name && (!NOT_TYPED.has(type) || name.endsWith("-TOTAL_FORMS")),
    );
    return typed.map(({ name, value, checked }) => [name, value, checked]);
  }

  function write(form, fields) {
    for (const [name, value, checked] of fields) {
      if (name.endsWith("-TOTAL_FORMS")) addRows(form, name, Number(value));
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (NOT_TYPED.has(field.type)) continue;
        if (field.type !== "checkbox" && field.type !== "radio") field.value = value;
        else if (field.value === value) field.checked = checked;
      }
    }
    form.closest("details")?.setAttribute("open", "");
  }

  // Presses the link of Django's formset that adds a row, until there are as many as were there.
  function addRows(form, name, count) {
    const total = form.querySelector(`[name="${CSS.escape(name)}"]`);
    const add = document.querySelector(`#${CSS.escape(name.replace("-TOTAL_FORMS", "-group"))} .add-row a`);
    for (let had = -1; add && total.value < count && had !== total.value; add.click()) had = total.value;
  }

  const kept = new Map();
  function fill() {
    for (const form of document.forms) {
      const fields = isGuarded(form) && kept.get(keyOf(form));
      if (!fields) continue;
      kept.delete(keyOf(form));
      write(form, fields);
      document.getElementById("typed-again")?.removeAttribute("hidden");
    }
  }

  // The sign-in page and pages of errors hold what was sent; the next page of the same visitor gets it back.
  const stored = JSON.parse(sessionStorage.getItem(STORE) || "null");
  sessionStorage.removeItem(STORE);
  if (stored && holds) {
    sessionStorage.setItem(STORE, JSON.stringify({ ...stored, held: true }));
    document.getElementById("typed-held")?.removeAttribute("hidden");
  } else if (stored?.held && stored.visitor === visitor) {
    for (const [key, fields] of stored.forms) kept.set(key, fields);
    addEventListener("load", () => setTimeout(fill)); // after jQuery's own timer has run the scripts of the admin
  }
  document.addEventListener("htmx:afterSwap", fill);

  // A dialog that is closed gives its text back when it is opened again.
  document.addEventListener(
    "close",
    ({ target }) => {
      for (const form of target.querySelectorAll("form")) {
        if (isGuarded(form) && [...form.elements].some(isChanged)) kept.set(keyOf(form), read(form));
      }
    },
    true,
  );

  const store = (forms, held) =>
    sessionStorage.setItem(STORE, JSON.stringify({ visitor, held, forms: forms.map((form) => [keyOf(form), read(form)]) }));
  let leaving = [];
  document.addEventListener("submit", ({ target, submitter }) => {
    if (submitter?.formMethod === "dialog") return;
    leaving = target.matches(".language-switch") ? unsentForms() : [target];
    if (leaving.some(isGuarded)) store(leaving.filter(isGuarded), target.matches(".language-switch"));
  });
  document.addEventListener("htmx:afterRequest", ({ detail, target }) => {
    if (detail.xhr?.getResponseHeader("HX-Redirect")) return;
    leaving = [];
    sessionStorage.removeItem(STORE);
    if (detail.successful && target.matches("form")) kept.delete(keyOf(target));
  });
  addEventListener("beforeunload", (event) => {
    if (unsentForms().some((form) => !leaving.includes(form))) event.preventDefault();
  });
  addEventListener("pageshow", () => (leaving = []));

  // A link that leaves a form by one of its buttons, which keeps what was typed.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-presses]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    document.getElementById(link.dataset.presses).click();
  });
}
