// The buttons of the table: a file before as A, after as B, played from where the playhead is.
"use strict";
(() => {
  const { playback, compareSources } = stemwright.player;
  for (const button of document.querySelectorAll("[data-compare]"))
    button.addEventListener("click", () => {
      const number = button.dataset.compare;
      compareSources(`${number}-before`, `${number}-after`);
      if (!playback.running) playback.play();
      document.getElementById("player").scrollIntoView({ block: "nearest" });
    });
})();
