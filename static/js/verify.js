// Says that a file is too large before it is sent; the server says so too.
"use strict";

document.getElementById("file")?.addEventListener("change", ({ target }) => {
  const maxBytes = Number(target.dataset.maxBytes);
  const tooLarge = [...target.files].some((file) => file.size > maxBytes);
  target.setCustomValidity(tooLarge ? target.dataset.tooLarge : "");
  target.reportValidity();
});
