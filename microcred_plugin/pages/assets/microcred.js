// On a map the arrow keys go to the nearest card in their direction. Without this script every card
// is still a link that Tab reaches.
(() => {
  "use strict";
  const ways = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

  function place(card) {
    return { x: Number(card.dataset.x), y: Number(card.dataset.y) };
  }

  // The card that is nearest in this direction, counting what lies aside as farther away.
  function nearest(card, [dx, dy], cards) {
    const from = place(card);
    let best = null;
    let least = Infinity;
    for (const other of cards) {
      const to = place(other);
      const ahead = (to.x - from.x) * dx + (to.y - from.y) * dy;
      const aside = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
      if (ahead > 0 && (dx === 0 || aside === 0) && ahead + 2 * aside < least) {
        least = ahead + 2 * aside;
        best = other;
      }
    }
    return best;
  }

  for (const map of document.querySelectorAll("[data-map]")) {
    // Where there is not room for all of it, the middle is what to see first.
    const frame = map.parentElement;
    const middle = (frame.scrollWidth - frame.clientWidth) / 2;
    frame.scrollLeft = getComputedStyle(frame).direction === "rtl" ? -middle : middle;
    const cards = [...map.querySelectorAll(".station")];
    map.addEventListener("keydown", (event) => {
      const card = event.target.closest(".station");
      const way = ways[event.key];
      if (!card || !way || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const next = nearest(card, way, cards);
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }
})();

// What can be copied has a button for it. Without this script the field can be selected by hand.
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    if (!field || !navigator.clipboard) continue;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    field.addEventListener("focus", () => field.select());
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        field.focus();
        return;
      }
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 2500);
    });
  }
})();

// Which name others see, as it is chosen and written. Without this script each choice says so.
(() => {
  "use strict";
  const seen = document.querySelector("[data-seen-as]");
  if (!seen) return;
  const output = seen.querySelector("output");
  const own = document.getElementById("own-name");
  const show = () => {
    const chosen = document.querySelector("[name=name_choice]:checked");
    const name = chosen && chosen.value === "other" ? own.value.trim() : chosen?.dataset.shows;
    output.textContent = name || output.dataset.nobody;
  };
  own.addEventListener("input", () => {
    document.querySelector("[name=name_choice][value=other]").checked = true;
    show();
  });
  document.addEventListener("change", show);
  seen.hidden = false;
  show();
})();
