// The page works without this. With it, a change is answered in place: no button to press, and nobody loses the field.
"use strict";
const form = document.getElementById("state");
let newest = 0;

async function answer(url, options) {
  const own = ++newest;
  document.body.classList.add("busy");
  let page;
  try {
    const reply = await fetch(url, options);
    if (!reply.ok) throw new Error(reply.status);
    page = new DOMParser().parseFromString(await reply.text(), "text/html");
  } catch {
    if (own === newest) form.submit();
    return;
  }
  if (own !== newest) return; // a later change is on its way
  document.body.classList.remove("busy");
  for (const place of document.querySelectorAll("[data-swap]")) {
    const fresh = page.getElementById(place.id);
    if (fresh) place.replaceChildren(...fresh.childNodes);
  }
  for (const input of form.querySelectorAll("[aria-describedby]")) {
    const fresh = page.getElementById(input.id);
    if (fresh && fresh.hasAttribute("aria-invalid")) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  for (const link of document.querySelectorAll("nav a")) link.href = page.getElementById(link.id).href;
}

function state() {
  const typed = new URLSearchParams(new FormData(form));
  typed.delete("name");
  typed.delete("replace");
  return "./?" + typed;
}

form.addEventListener("change", event => {
  if (["name", "replace"].includes(event.target.name)) return;
  answer(state());
});

form.addEventListener("submit", event => {
  event.preventDefault();
  const button = event.submitter;
  if (button && button.formMethod === "post" && button.hasAttribute("formaction")) {
    button.disabled = true;
    if (button.dataset.busy) {
      const told = document.createElement("p");
      told.setAttribute("role", "status");
      told.textContent = button.dataset.busy;
      document.getElementById("said").replaceChildren(told);
    }
    answer(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(form)) })
      .finally(() => { button.disabled = false; });
  } else answer(state());
});
