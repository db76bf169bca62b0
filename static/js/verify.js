// Says that a file is too large before it is sent; the server says so too.
"use strict";

document.getElementById("file")?.addEventListener("change", ({ target }) => {
  const most = Number(target.dataset.most);
  const tooLarge = [...target.files].some((file) => file.size > most);
  target.setCustomValidity(tooLarge ? target.dataset.tooLarge : "");
  target.reportValidity();
});
