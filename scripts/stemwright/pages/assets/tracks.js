// The tracks of a page. tracks/ID.js calls `stemwright.track`, tracks/ID.audio.js calls `stemwright.audio`; both are
// plain scripts, since a page that is opened from disk may not fetch.
"use strict";
(() => {
  const stemwright = (globalThis.stemwright ??= {});
  const found = new Map(); // by file: what its script has called with
  const asked = new Map(); // by file: the promise of that

  /** A fault that is told to the user as it is. */
  stemwright.Problem = class extends Error {};

  /** What is known of each track that has been loaded, by its ID. */
  stemwright.tracks = new Map();

  stemwright.track = (track) => {
    stemwright.tracks.set(track.id, track);
    found.set(`tracks/${track.id}.js`, track);
  };

  stemwright.audio = (id, chunks) => {
    const bytes = chunks.map(fromBase64);
    const ends = [];
    bytes.reduce((sum, chunk) => (ends.push(sum + chunk.length), sum + chunk.length), 0);
    found.set(`tracks/${id}.audio.js`, { blob: new Blob(bytes), ends });
  };

  /** The track with this ID, loaded if it is not there yet. */
  stemwright.loadTrack = (id) => load(`tracks/${id}.js`);

  /** The compressed chunks of a track, loaded on demand: `read(n)` resolves to the bytes of one. */
  stemwright.loadAudio = async (id) => {
    const { blob, ends } = await load(`tracks/${id}.audio.js`);
    return (n) => blob.slice(ends[n - 1] ?? 0, ends[n]).arrayBuffer();
  };

  function load(file) {
    if (found.has(file)) return Promise.resolve(found.get(file));
    if (!asked.has(file)) {
      const loaded = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        const fail = () => reject(new stemwright.Problem(`${file} cannot be read. It must lie beside this page.`));
        script.src = file.split("/").map(encodeURIComponent).join("/");
        script.onerror = fail;
        script.onload = () => (found.has(file) ? resolve(found.get(file)) : fail());
        script.onloadend = () => script.remove();
        document.head.append(script);
      });
      asked.set(file, loaded);
      loaded.catch(() => asked.delete(file)); // it may be there the next time
    }
    return asked.get(file);
  }

  function fromBase64(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  }
})();
