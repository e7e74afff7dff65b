// What every page with scripts does beyond its links and forms. Nothing here is needed: with scripts off all of it is
// absent and each page still works. Words come from the templates, in data attributes.
(() => {
  "use strict";
  const status = () => document.getElementById("status");
  const say = (words) => {
    const region = status();
    if (!region) return;
    // Emptied first, so that the same words said twice are read twice.
    region.textContent = "";
    setTimeout(() => { region.textContent = words || ""; }, 50);
  };

  // Focus -----------------------------------------------------------------------------------------------------------
  function focusNews(root) {
    const news = root.querySelector(".error-summary") || root.querySelector("h1") || root;
    if (!news.hasAttribute("tabindex")) news.setAttribute("tabindex", "-1");
    window.scrollTo(0, 0);
    news.focus();
  }

  // Passwords -------------------------------------------------------------------------------------------------------
  function addPasswordButton(box) {
    const input = box.querySelector("input");
    if (!input || box.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-controls", input.id);
    const show = (shown) => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? box.dataset.hide : box.dataset.show;
      button.setAttribute("aria-label", `${button.textContent} ${box.dataset.name}`);
    };
    button.addEventListener("click", () => show(input.type === "password"));
    // Hidden again before it is sent, so that browsers offer to save it and never remember it as plain text.
    input.form?.addEventListener("submit", () => show(false), true);
    show(false);
    box.append(button);
  }

  // Long text -------------------------------------------------------------------------------------------------------
  function countCharacters(text) {
    const counter = document.getElementById(`${text.id}-count`);
    if (!counter) return;
    let later;
    const tell = () => {
      const left = Number(text.dataset.count) - text.value.length;
      counter.textContent = (left < 0 ? counter.dataset.over : counter.dataset.left).replace("0", Math.abs(left));
    };
    text.addEventListener("input", () => { clearTimeout(later); later = setTimeout(tell, 600); });
    tell();
  }

  // The end of the session ------------------------------------------------------------------------------------------
  function watchSession(dialog) {
    const warnIn = Number(dialog.dataset.warnIn) * 1000;
    const endIn = Number(dialog.dataset.endIn) * 1000;
    let warning, end;
    const start = () => {
      clearTimeout(warning);
      clearTimeout(end);
      warning = setTimeout(() => { if (!dialog.open) dialog.showModal(); }, warnIn);
      end = setTimeout(() => location.assign(dialog.dataset.ended), endIn);
    };
    dialog.addEventListener("htmx:after:request", (event) => {
      if (event.detail.ctx.response.status !== 204) return;
      dialog.close();
      start();
    });
    start();
  }

  function equip(root) {
    root.querySelectorAll("[data-password]").forEach(addPasswordButton);
    root.querySelectorAll("[data-count]").forEach(countCharacters);
    root.querySelectorAll("dialog[data-warn-in]").forEach(watchSession);
  }

  // Sending ---------------------------------------------------------------------------------------------------------
  // Only for the eye and the ear: a second press is harmless, since each form carries its own key.
  const busy = (form, on) => on ? form.setAttribute("aria-busy", "true") : form.removeAttribute("aria-busy");
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && event.target.getAttribute("method") !== "dialog") busy(event.target, true);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach((form) => busy(form, false)));

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    const other = ctx.request.submitter?.getAttribute("formaction");
    if (other) ctx.request.action = other;
  });
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.matches("form")) busy(ctx.sourceElement, true);
    ctx.slow = setTimeout(() => say(status()?.dataset.busy), 1000);
  });
  document.addEventListener("htmx:before:swap", ({ detail: { tasks } }) => {
    // A whole document meant for <main> (an answer of another server, a redirect): only the inside of its own <main>.
    for (const task of tasks) {
      const main = task.target?.id === "main" && task.fragment.querySelector("main");
      if (main) task.fragment.replaceChildren(...main.childNodes);
    }
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const main = document.getElementById("main") || document.body;
    const whole = ctx.target === "body" || ctx.target === main || ctx.target === document.body;
    equip(whole ? document.body : ctx.target);
    if (whole) {
      focusNews(main);
      say(ctx.title);
    } else if (ctx.target.dataset?.said) {
      say(ctx.target.dataset.said);
    }
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    clearTimeout(ctx.slow);
    if (status()?.textContent === status()?.dataset.busy) say("");
    if (ctx.sourceElement.matches?.("form") && !ctx.hx?.redirect) busy(ctx.sourceElement, false);
  });
  document.addEventListener("htmx:error", () => say(status()?.dataset.failed));

  equip(document);
})();
