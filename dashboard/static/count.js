// Says how long a text is that must have some length. Without this script the hint and the server say it.
"use strict";
for (const area of document.querySelectorAll("textarea[data-least]")) {
  const least = Number(area.dataset.least);
  const note = document.createElement("p");
  note.className = "hint";
  const tell = () => {
    const length = [...area.value.trim()].length;
    note.textContent = length < least ? `${length} dari ${least} huruf` : `${length} huruf, cukup`;
  };
  area.after(note);
  area.addEventListener("input", tell);
  tell();
}
