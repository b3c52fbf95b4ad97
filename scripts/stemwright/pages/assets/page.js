// What the scripts of a page share. Files beside the page call `stemwright.track(…)` and the like: from file://, only
// scripts can be loaded.
"use strict";

const stemwright = {
  song: null, // what scripts need to know of the song, set by the page
  tracks: new Map(), // by id, as they were loaded

  // Load the file of a track once. The answer is a promise of the track.
  load(id) {
    if (this.tracks.has(id)) return Promise.resolve(this.tracks.get(id));
    if (!this._asked.has(id)) {
      this._asked.set(id, new Promise((resolve, reject) => {
        this._waiting.set(id, resolve);
        this.script(`tracks/${encodeURIComponent(id)}.js`).catch((error) => {
          this._asked.delete(id); // it may be there the next time
          reject(error);
        });
      }));
    }
    return this._asked.get(id);
  },

  // Run a script that lies beside the page. The promise fails if there is none.
  script(path) {
    return new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = path;
      element.onload = () => resolve();
      element.onerror = () => reject(new Error(`${path} cannot be read`));
      document.head.append(element);
    });
  },

  // Called by the file of a track.
  track(data) {
    for (const view of data.views) {
      unpack(view);
      view.spectrogram.data = bytes(view.spectrogram.data);
    }
    this.tracks.set(data.id, data);
    this._waiting.get(data.id)?.(data);
  },

  // Where playback stands. The player moves it (`moved`) and takes over `seek`; figures follow its event `time`.
  transport: Object.assign(new EventTarget(), {
    seconds: 0,
    seek(seconds) { this.moved(seconds); },
    moved(seconds) {
      this.seconds = seconds;
      this.dispatchEvent(new Event("time"));
    },
  }),

  _asked: new Map(),
  _waiting: new Map(),
};

// The bytes of base64.
function bytes(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text); // much faster, where there is one
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

// The peaks and the RMS of a view: from base64 to numbers.
function unpack(view) {
  view.peaks = new Int8Array(bytes(view.peaks).buffer);
  view.rms = bytes(view.rms);
}

// Seconds as 1:02:03, or with decimals.
function clock(seconds, decimals = 0) {
  const ticks = Math.round(Math.max(0, seconds) * 10 ** decimals);
  const whole = Math.floor(ticks / 10 ** decimals);
  const rest = decimals ? `.${String(ticks % 10 ** decimals).padStart(decimals, "0")}` : "";
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const before = minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}` : `${minutes}`;
  return `${before}:${two(whole % 60)}${rest}`;
}

// An element with attributes and children: text stays text.
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
