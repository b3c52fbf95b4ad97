// A voice: one track's sound, decoded chunk by chunk just ahead of where it is heard, and placed on the audio clock.
//
// Chunk n holds the frames [n·chunk − overlap, (n + 1)·chunk + overlap) of its track, cut to the track. Neighbours are
// joined by a linear crossfade over the middle half of what both have: they are the same sound, so gains that add up to 1
// keep its level. The outer quarters are not heard: a codec is at its worst there, and Chrome loses up to 256 frames at
// the end of a short Ogg file.
"use strict";
(() => {

  stemwright.Voice = class {
    #context;
    #audio; // as in tracks/ID.js
    #read; // the bytes of a chunk
    #output;
    #buffers = new Map(); // by chunk: the promise of its samples, which `samples` holds once they are there
    #placed = new Map(); // by run: its gain, and its nodes by chunk

    constructor(context, audio, read, output) {
      this.#context = context;
      this.#audio = audio;
      this.#read = read;
      this.#output = output;
    }

    /** How many chunks are in memory, decoded or being decoded. */
    get held() {
      const placed = [...this.#placed.values()].flatMap(({ nodes }) => [...nodes].filter(([, node]) => node));
      return new Set([...this.#buffers.keys(), ...placed.map(([n]) => n)]).size;
    }

    /** Hold the chunks that sound in these spans of the track, in seconds, and no others. Resolves when all are decoded. */
    async hold(spans) {
      const wanted = new Set(spans.flatMap(([from, to]) => this.#chunks(from, to)));
      for (const n of this.#buffers.keys()) if (!wanted.has(n)) this.#buffers.delete(n);
      for (const n of wanted) if (!this.#buffers.has(n)) this.#buffers.set(n, this.#decode(n));
      await Promise.all([...wanted].map((n) => this.#buffers.get(n).promise));
    }

    /** Place what of a run sounds between two times on the clock, and is decoded, and is not placed yet. */
    place(run, from, until) {
      const clock = run.at - run.position; // a second of the track is heard at that second + clock
      for (const n of this.#chunks(run.position - run.lead, Math.min(run.end, until - clock))) {
        const buffer = this.#buffers.get(n)?.samples;
        const placed = this.#placed.get(run) ?? this.#begin(run);
        if (buffer && !placed.nodes.has(n)) this.#start(run, n, buffer, placed, from - clock);
      }
    }

    /** End a run at a time on the clock, before its own end, after a short fade. */
    end(run, at, fade) {
      const placed = this.#placed.get(run);
      if (!placed) return;
      if (run.at - run.lead >= at) return this.drop(run);
      const from = Math.max(at - fade, run.at);
      placed.gain.gain.cancelScheduledValues(from + 1e-9); // not the end of its fade-in, if that is here
      ramp(placed.gain.gain, 1, from, 0, at);
      for (const [n, node] of placed.nodes) {
        const due = this.#span(n)[0] + run.at - run.position;
        node?.stop(due < at ? at : 0);
        if (due >= at) placed.nodes.set(n, null);
      }
    }

    /** Forget a run, which is silent from now on. */
    drop(run) {
      const placed = this.#placed.get(run);
      placed?.gain.disconnect();
      for (const node of placed?.nodes.values() ?? []) node?.stop();
      this.#placed.delete(run);
    }

    /** End all at a time on the clock, after a short fade, and forget it. */
    close(at, fade) {
      for (const run of this.#placed.keys()) this.end(run, at, fade);
      this.#placed.clear();
      this.#buffers.clear();
    }

    #decode(n) {
      const entry = { samples: null };
      entry.promise = (async () => {
        const bytes = await this.#read(n);
        entry.samples = await this.#context.decodeAudioData(bytes);
      })().catch((error) => {
        if (this.#buffers.get(n) === entry) this.#buffers.delete(n); // it may succeed the next time
        throw new stemwright.Problem(
          `This browser cannot decode the preview (Ogg Vorbis; ${error.message || error.name}). ` +
            "Current Chrome, Edge, Firefox and Safari can.",
        );
      });
      entry.promise.catch(() => {}); // whoever waits for it is told
      return entry;
    }

    /** The crossfade from chunk n − 1 to chunk n, in seconds of the track; for the first one, and after the last, a point. */
    #joint(n) {
      const { rate, frames, chunk_frames: chunk, overlap_frames: overlap, chunks } = this.#audio;
      if (n === 0) return [0, 0];
      if (n === chunks) return [frames / rate, frames / rate];
      return [(n * chunk - overlap / 2) / rate, (n * chunk + overlap / 2) / rate];
    }

    /** The seconds of the track between which a chunk is heard. */
    #span(n) {
      return [this.#joint(n)[0], Math.min(this.#joint(n + 1)[1], this.#audio.frames / this.#audio.rate)];
    }

    /** The chunks that are heard in a span. */
    #chunks(from, to) {
      const { rate, chunk_frames: chunk, chunks } = this.#audio;
      const first = Math.max(Math.floor((from * rate) / chunk) - 1, 0);
      const last = Math.min(Math.ceil((to * rate) / chunk) + 1, chunks);
      const numbers = Array.from({ length: Math.max(last - first, 0) }, (_, n) => first + n);
      return numbers.filter((n) => this.#span(n)[0] < to && this.#span(n)[1] > from);
    }

    /** The gain of a run: it fades in before its first frame and out before its last, if another follows. */
    #begin(run) {
      const gain = new GainNode(this.#context);
      const end = run.at + run.end - run.position;
      if (run.lead) ramp(gain.gain, 0, run.at - run.lead, 1, run.at);
      if (run.fade) ramp(gain.gain, 1, Math.max(end - run.fade, run.at), 0, end);
      gain.connect(this.#output);
      const placed = { gain, nodes: new Map() };
      this.#placed.set(run, placed);
      return placed;
    }

    /** One chunk of a run, joined to its neighbours. If it comes late, it begins in its midst, at `soonest`. */
    #start(run, n, buffer, placed, soonest) {
      const [head, tail] = this.#span(n);
      const clock = run.at - run.position;
      const due = Math.max(head, run.position - run.lead);
      const from = due < soonest ? soonest : due;
      const to = Math.min(tail, run.end);
      if (from >= to) return;
      const node = new AudioBufferSourceNode(this.#context, { buffer });
      const gain = new GainNode(this.#context);
      for (const last of [false, true]) {
        const [begins, ends] = this.#joint(last ? n + 1 : n);
        const first = Math.max(begins, from);
        if (first >= ends) continue;
        const gone = (first - begins) / (ends - begins);
        ramp(gain.gain, last ? 1 - gone : gone, first + clock, last ? 0 : 1, ends + clock);
      }
      node.connect(gain).connect(placed.gain);
      const { rate, chunk_frames: chunk, overlap_frames: overlap } = this.#audio;
      node.start(from + clock, from - Math.max(n * chunk - overlap, 0) / rate, to - from);
      placed.nodes.set(n, node);
      node.onended = () => {
        gain.disconnect();
        placed.nodes.set(n, null); // its samples may go
      };
    }
  };

  function ramp(gain, first, from, last, to) {
    gain.setValueAtTime(first, Math.max(from, 0)).linearRampToValueAtTime(last, Math.max(to, 0));
  }
})();
