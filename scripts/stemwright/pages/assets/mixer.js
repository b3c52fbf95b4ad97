// The mixer of a page: the rows of templates/player.html, and the desk that they show and set.
"use strict";
(() => {
  const LOWEST = -60; // dB: the fader's end, which is silence

  stemwright.Mixer = class {
    #desk;
    #say;
    #rows; // {element, strip, name}

    /** `say` tells the user something in words. */
    constructor(elements, desk, say) {
      this.#desk = desk;
      this.#say = say;
      this.#rows = elements.map((element, n) => ({ element, strip: desk.strips[n], name: element.dataset.name }));
      for (const row of this.#rows) {
        const part = (name) => row.element.querySelector(`[data-do="${name}"]`);
        part("mute").addEventListener("click", () => this.mute(row));
        part("solo").addEventListener("click", () => this.solo(row));
        part("fader").addEventListener("input", (event) => this.#level(row, Number(event.target.value)));
        part("fader").addEventListener("dblclick", () => this.#level(row, 0));
      }
      desk.addEventListener("mix", () => this.#show());
      desk.addEventListener("source", () => this.#show());
      this.#show();
    }

    /** The strips as the page has them, for a desk. */
    static strips(elements) {
      return elements.map(({ dataset }) => ({
        id: dataset.id,
        direct: dataset.direct === "true",
        parents: dataset.buses.split(" ").filter(Boolean),
      }));
    }

    row(n) {
      return this.#rows[n];
    }

    mute({ strip, name, element }) {
      if (!strip.direct) return this.#say(`${name}: ${element.querySelector(".player-note").textContent}`);
      this.#say(`${name} ${strip.mute ? "not muted" : "muted"}`);
      this.#desk.set(strip, { mute: !strip.mute });
    }

    solo({ strip, name }) {
      this.#say(`${name} ${strip.solo ? "no longer solo" : "solo"}`);
      this.#desk.set(strip, { solo: !strip.solo });
    }

    reset() {
      this.#say("Mixer reset");
      this.#desk.reset();
    }

    /** Show how loud each strip sounds now, if strips are what is heard. */
    measure() {
      for (const { element, strip } of this.#rows) {
        const db = 20 * Math.log10(this.#desk.source === "stems" ? this.#desk.peak(strip.id) : 0);
        const bar = element.querySelector(".player-meter > span");
        bar.style.setProperty("--level", Math.min(Math.max(1 + db / -LOWEST, 0), 1).toFixed(3));
        bar.classList.toggle("over", db > 0);
      }
    }

    #level({ strip }, db) {
      this.#desk.set(strip, { db: db <= LOWEST ? -Infinity : db });
    }

    #show() {
      for (const { element, strip } of this.#rows) {
        const fader = element.querySelector('[data-do="fader"]');
        const level = inWords(strip.db);
        fader.value = Math.max(strip.db, LOWEST);
        fader.setAttribute("aria-valuetext", level);
        element.querySelector("output").textContent = level;
        element.querySelector('[data-do="mute"]').setAttribute("aria-pressed", strip.mute);
        element.querySelector('[data-do="solo"]').setAttribute("aria-pressed", strip.solo);
        element.classList.toggle("silent", this.#desk.source === "stems" && !this.#desk.audible(strip));
      }
    }
  };

  /** The level of a fader, with its sign. */
  function inWords(db) {
    if (db === -Infinity) return "−∞ dB";
    return `${db > 0 ? "+" : db < 0 ? "−" : ""}${Math.abs(db).toFixed(1)} dB`;
  }
})();
