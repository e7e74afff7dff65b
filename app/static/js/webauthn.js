// Passkeys: the browser's ceremony behind a form's submit button. The form holds an element with data-passkey (create
// or get) and data-options (the options as JSON); the answer goes as JSON into its hidden input, and the form is sent.
// A refusal is said quietly in place, since cancelling is a choice and not an error; the other ways stay on the page.
(() => {
  "use strict";
  const LONGEST_WAIT = 120000; // ms; extensions of the browser may leave the promise open for ever
  const REASONS = { InvalidStateError: "known", NotSupportedError: "unsupported", SecurityError: "unsupported" };
  let current; // the ceremony that runs; browsers allow one at a time

  const bytesOf = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
  const textOf = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withIds = (list) => (list || []).map((item) => ({ ...item, id: bytesOf(item.id) }));

  function creationOptions(json) {
    if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
    return {
      ...json,
      challenge: bytesOf(json.challenge),
      user: { ...json.user, id: bytesOf(json.user.id) },
      excludeCredentials: withIds(json.excludeCredentials),
    };
  }

  function requestOptions(json) {
    if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
    return { ...json, challenge: bytesOf(json.challenge), allowCredentials: withIds(json.allowCredentials) };
  }

  function asJson(credential) {
    if (credential.toJSON) {
      // Some password managers put in credentials of their own whose toJSON throws.
      try { return credential.toJSON(); } catch { /* written out below */ }
    }
    const { response } = credential;
    const written = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[name]) written[name] = textOf(response[name]);
    }
    if (response.getTransports) written.transports = response.getTransports();
    return {
      id: credential.id,
      rawId: textOf(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment ?? null,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: written,
    };
  }

  async function perform(box, mediation) {
    const json = JSON.parse(box.dataset.options);
    const stop = new AbortController();
    current?.abort();
    current = stop;
    const wanted = box.dataset.passkey === "create"
      ? navigator.credentials.create({ publicKey: creationOptions(json), signal: stop.signal })
      : navigator.credentials.get({ publicKey: requestOptions(json), signal: stop.signal, ...(mediation && { mediation }) });
    if (mediation) return asJson(await wanted);
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => {
        stop.abort();
        reject(new DOMException("late", "TimeoutError"));
      }, Math.min(json.timeout || LONGEST_WAIT, LONGEST_WAIT));
    });
    try {
      return asJson(await Promise.race([wanted, late]));
    } finally {
      clearTimeout(timer);
    }
  }

  const say = (box, name) => { box.querySelector("[role=status]").textContent = name ? box.dataset[name] : ""; };
  const supported = () => Boolean(window.PublicKeyCredential && navigator.credentials);

  function send(box, credential, submitter) {
    const form = box.closest("form");
    box.querySelector("input[type=hidden]").value = JSON.stringify(credential);
    form.requestSubmit(submitter?.form === form ? submitter : undefined);
  }

  async function run(box, submitter) {
    if (!supported()) return say(box, "unsupported");
    const form = box.closest("form");
    say(box, "waiting");
    form.setAttribute("aria-busy", "true");
    try {
      const credential = await perform(box);
      say(box, null);
      form.removeAttribute("aria-busy");
      send(box, credential, submitter);
    } catch (error) {
      form.removeAttribute("aria-busy");
      say(box, REASONS[error.name] || "stopped");
    }
  }

  // In the capture phase, before htmx: the first press runs the ceremony, the second, made by send(), is let through.
  document.addEventListener("submit", (event) => {
    const box = event.target.querySelector("[data-passkey]");
    if (!box || box.querySelector("input[type=hidden]").value) return;
    if (event.submitter?.hasAttribute("data-without-passkey")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.target.hasAttribute("aria-busy")) run(box, event.submitter);
  }, true);

  async function offerInAutofill(root) {
    const box = root.querySelector("[data-passkey=get][data-conditional]");
    if (!box || !supported() || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    try {
      send(box, await perform(box, "conditional"));
    } catch { /* dismissed, or given up for a press of the button */ }
  }

  const forget = () => document.querySelectorAll("[data-passkey] input[type=hidden]").forEach((input) => { input.value = ""; });
  window.addEventListener("pageshow", (event) => { if (event.persisted) forget(); });
  // An answer that never arrived: the next press begins anew.
  document.addEventListener("htmx:error", forget);
  document.addEventListener("htmx:after:swap", () => offerInAutofill(document));
  offerInAutofill(document);
})();
