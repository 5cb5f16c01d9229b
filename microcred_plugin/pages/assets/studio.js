// What Studio's pages do beyond forms that are sent. Without it everything works, page by page.

// --- The requirement tree builder ---------------------------------------------------------------
//
// htmx has a button's operation done and swaps the builder. This keeps the keyboard's place and
// what is being typed meanwhile, says aloud what happened, and moves requirements by pointer.
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");

  // Chromium looks for a form's default button whenever a button that submits it comes or goes, which
  // takes seconds where there are thousands. htmx needs none of them to be of that kind.
  if (window.htmx) {
    for (const button of document.querySelectorAll("[data-builder] button")) button.type = "button";
  }

  const isText = (element) => element.matches("input:not([type=checkbox], [type=hidden]), textarea");
  const builderOf = (element) => (element instanceof Element ? element.closest("[data-builder]") : null);

  function say(frame, text, isRefused) {
    const seen = frame.querySelector("[data-said]");
    if (isRefused && seen) {
      seen.textContent = text;
      seen.classList.add("refused");
    }
    frame.querySelector("[data-said-aloud]").textContent = text;
  }

  // --- What a swap would lose ---

  let place = null;

  function remember(builder) {
    const active = document.activeElement;
    place = {
      open: [...builder.querySelectorAll("details[data-keep][open]")].map((one) => one.dataset.keep),
      scrolled: builder.querySelector(".outline-scroll")?.scrollTop,
    };
    if (!builder.contains(active) || !active.name) return;
    place.name = active.name;
    if (active.matches("button")) place.value = active.value;
    if (isText(active)) place.typed = [active.value, active.selectionStart, active.selectionEnd];
  }

  function restore(builder) {
    if (!place) return;
    for (const one of builder.querySelectorAll("details[data-keep]")) {
      if (place.open.includes(one.dataset.keep)) one.open = true;
    }
    const outline = builder.querySelector(".outline-scroll");
    if (outline && place.scrolled) outline.scrollTop = place.scrolled;
    const isFree = !document.activeElement || document.activeElement === document.body;
    if (isFree && place.name) {
      const same = [...builder.querySelectorAll("button, input, select")].find(
        (one) => one.name === place.name && (place.value === undefined || one.value === place.value),
      );
      if (same) {
        same.focus({ preventScroll: true });
        if (place.typed && isText(same)) {
          [same.value] = place.typed;
          if (same.type === "text" || same.type === "search") same.setSelectionRange(place.typed[1], place.typed[2]);
        }
      }
    }
    place = null;
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = event.detail;
    const frame = target.closest("[data-failed]");
    if (!frame) return;
    // A page to log in at, say, must not take the place of a part of this one.
    if (/<html/i.test(xhr.responseText)) {
      event.detail.shouldSwap = false;
      say(frame, frame.dataset.failed, true);
    } else if (target.matches("[data-builder]")) {
      remember(target);
    }
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const builder = event.target;
    const found = builder.matches(".found") ? builder.querySelector("[data-found]") : null;
    if (found) say(builder.closest("[data-failed]"), found.textContent, false);
    if (!builder.matches("[data-builder]")) return;
    restore(builder);
    const said = builder.querySelector("[data-said]");
    if (said) say(builder.closest("[data-failed]"), said.textContent, false);
  });

  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      const frame = event.target.closest?.("[data-failed]");
      if (frame) say(frame, frame.dataset.failed, true);
    });
  }

  // --- What a button does that is but a picture ---

  document.addEventListener("pointerover", (event) => {
    const button = event.target instanceof Element ? event.target.closest(".tool[aria-label]") : null;
    if (button && !button.title) button.title = button.getAttribute("aria-label");
  });

  // --- Enter does what the part that one types in is for, and not what the page is for ---

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !builderOf(event.target)) return;
    if (!event.target.matches("input:not([type=checkbox])")) return;
    const part = event.target.closest("[data-enter]");
    if (!part) return;
    event.preventDefault();
    if (part === event.target) part.dispatchEvent(new Event("change", { bubbles: true }));
    else {
      const buttons = [...part.querySelectorAll("[data-default]")];
      buttons.find((button) => button.closest("[data-enter]") === part).click();
    }
  });

  // --- Moving by pointer ---

  const FAR_ENOUGH = 5;
  const EDGE = 60;
  let drag = null;

  // Every place between requirements where the one that is moved can go.
  function slotsFor(builder, node) {
    const slots = [];
    for (const list of builder.querySelectorAll("[data-group]")) {
      if (node.contains(list)) continue;
      const nodes = [...list.children];
      const box = list.getBoundingClientRect();
      for (let position = 0; position <= nodes.length; position += 1) {
        if (nodes[position] === node || nodes[position - 1] === node) continue;
        let y = box.top + box.height / 2;
        if (position < nodes.length) y = nodes[position].getBoundingClientRect().top;
        else if (nodes.length) y = nodes[nodes.length - 1].getBoundingClientRect().bottom;
        slots.push({ group: list.dataset.group, position, y: y + scrollY, start: box.left, end: box.right });
      }
    }
    return slots;
  }

  function nearest(slots, x, y) {
    let best = null;
    let least = Infinity;
    for (const slot of slots) {
      const aside = Math.max(0, slot.start - x, x - slot.end);
      const far = Math.abs(slot.y - y) + aside / 2;
      if (far < least) [best, least] = [slot, far];
    }
    return best;
  }

  function begin() {
    drag.isMoving = true;
    drag.slots = slotsFor(drag.builder, drag.node);
    drag.line = document.createElement("div");
    drag.line.className = "drop-line";
    document.body.append(drag.line);
    drag.node.classList.add("moving");
  }

  function follow(event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    const distance = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
    if (!drag.isMoving && distance < FAR_ENOUGH) return;
    if (!drag.isMoving) begin();
    event.preventDefault();
    if (event.clientY < EDGE) scrollBy(0, -12);
    else if (event.clientY > innerHeight - EDGE) scrollBy(0, 12);
    drag.slot = nearest(drag.slots, event.clientX, event.clientY + scrollY);
    if (!drag.slot) return;
    const { style } = drag.line;
    style.insetBlockStart = `${drag.slot.y - 2}px`;
    style.left = `${drag.slot.start}px`;
    style.width = `${drag.slot.end - drag.slot.start}px`;
  }

  function end(isDropped) {
    if (!drag) return;
    const { builder, node, slot, line, isMoving } = drag;
    drag = null;
    line?.remove();
    node.classList.remove("moving");
    if (!isDropped || !isMoving || !slot || !node.isConnected) return;
    const button = builder.querySelector("[data-press]");
    button.value = `${builder.dataset.builder}:to:${node.dataset.path}:${slot.group}@${slot.position}`;
    button.disabled = false;
    button.click();
    setTimeout(() => { button.disabled = true; });
  }

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target instanceof Element ? event.target.closest("[data-grip]") : null;
    if (!grip || event.button !== 0 || drag) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    drag = {
      pointer: event.pointerId, x: event.clientX, y: event.clientY,
      node: grip.closest("[data-path]"), builder: builderOf(grip),
    };
  });
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerup", (event) => {
    if (drag && event.pointerId === drag.pointer) end(true);
  });
  document.addEventListener("pointercancel", () => end(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end(false);
  });
})();

// --- Enter in a search field presses the button of the search, and not the form's ---------------
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  const button = document.getElementById(event.target.dataset?.presses);
  if (button) {
    event.preventDefault();
    button.click();
  }
});
