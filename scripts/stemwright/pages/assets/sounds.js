// The sound of tracks: tracks/ID.audio.js calls `stemwright.audio` with its chunks, each a small file of its own.
"use strict";

(() => {
  const sounds = new Map(); // by track: {blob, ends}, all its chunks in a row
  const asked = new Map(); // by track: the promise of that

  /** A fault that is told to the user as it is. */
  stemwright.Problem = class extends Error {};

  // The text is large: once it is in a blob, which the browser may keep on disk, it is free.
  stemwright.audio = (id, chunks) => {
    const decoded = chunks.map(bytes);
    let end = 0;
    const ends = decoded.map((chunk) => (end += chunk.length));
    sounds.set(id, { blob: new Blob(decoded), ends });
  };

  /** The compressed chunks of a track, loaded on demand: the function that it resolves to reads one. */
  stemwright.loadAudio = async (id) => {
    if (!sounds.has(id)) {
      if (!asked.has(id)) asked.set(id, stemwright.script(`tracks/${encodeURIComponent(id)}.audio.js`));
      await asked.get(id).catch(() => asked.delete(id)); // it may be there the next time
    }
    if (!sounds.has(id)) throw new stemwright.Problem(`tracks/${id}.audio.js cannot be read. It must lie beside this page.`);
    const { blob, ends } = sounds.get(id);
    return (n) => blob.slice(ends[n - 1] ?? 0, ends[n]).arrayBuffer();
  };
})();
