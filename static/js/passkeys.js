// Passkeys (WebAuthn): creates one, or signs in with one. Forms that need it are shown only here.
"use strict";

const calls = {
  create: { read: "parseCreationOptionsFromJSON", run: (options) => navigator.credentials.create(options) },
  get: { read: "parseRequestOptionsFromJSON", run: (options) => navigator.credentials.get(options) },
};
const failure = document.querySelector("[data-passkey-failed]");
const showWithout = (shown) => document.querySelector("[data-passkey-without]")?.toggleAttribute("hidden", !shown);

// The options are in the page, or are fetched when the visitor has not said who they are.
async function readOptions({ options, optionsUrl }) {
  if (options) return JSON.parse(options);
  const answer = await fetch(optionsUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()).request_options;
}

// Browsers bind passkeys to a host's name, and make none for an IP address.
const hasName = !/^[\d.]+$|:/.test(location.hostname);

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const { read, run } = calls[form.dataset.passkey];
  if (!hasName || !window.PublicKeyCredential?.[read]) continue;
  form.hidden = false;
  showWithout(false);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failure.hidden = true;
    try {
      const { publicKey } = await readOptions(form.dataset);
      const credential = await run({ publicKey: PublicKeyCredential[read](publicKey) });
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      failure.hidden = false;
    }
  });
}
