// The desk: every track on a channel, the channels of the strips summed to what the mix is made of, and one source heard
// at a time, at equal loudness if that is asked for.
//
// A source is the sum of the strips ("stems") or one whole track: the mix, the master, a reference, a version. Sources
// that were heard since Play go on silently, so that a switch back is immediate.
//
// Events: "source" ({source}), "mix" (a fader, a mute or a solo has changed), "loading" ({n, of}).
"use strict";
(() => {
  const SWITCH = 0.03; // s, the crossfade from source to source; gains that add up to 1
  const MOVE = 0.01; // s, how long a fader takes to its new gain
  const STEMS = "stems";

  stemwright.Desk = class extends EventTarget {
    equal = true; // loudness
    source = null; // the one that is heard
    strips; // {id, direct, parents (IDs of the buses it is heard in), mute, solo, db}
    #playback;
    #wholes; // the IDs of the tracks that are sources
    #channels = new Map(); // by track: {voice, gain, meter}
    #sums = new Map(); // by source: its gain
    #warm = new Set(); // the sources that play, heard or not
    #heard = null; // the source whose gain is up
    #asked = 0;

    constructor(playback, strips, wholes) {
      super();
      this.#playback = playback;
      this.strips = strips.map((strip) => ({ ...strip, mute: false, solo: false, db: 0 }));
      this.#wholes = wholes;
      playback.voices = () => this.#playing().flatMap((id) => this.#channels.get(id)?.voice ?? []);
      playback.addEventListener("state", ({ detail }) => {
        if (detail.state === "paused" || detail.state === "stopped") this.#warm.clear();
      });
    }

    /** Everything that is heard comes through this node. */
    output = null;

    /** The sources: the sum of the strips, if there are any, and the wholes. */
    get sources() {
      return this.strips.length ? [STEMS, ...this.#wholes] : this.#wholes;
    }

    /** The tracks of a source that sound: of the strips, those that feed the mix, and what else is soloed. */
    tracks(source) {
      if (source !== STEMS) return [source];
      return this.strips.filter((strip) => strip.direct || this.audible(strip)).map(({ id }) => id);
    }

    /** Whether a strip is heard when the stems are: what is soloed, or all that feeds the mix. Mute comes first. */
    audible(strip) {
      if (strip.mute) return false;
      if (!this.strips.some(({ solo }) => solo)) return strip.direct;
      return strip.solo && !this.#isInSolo(strip);
    }

    /** The gain of a source in dB: down to the quietest, if equal loudness is asked for. */
    match(source) {
      const levels = this.sources.map((id) => loudness(id)).filter((level) => level !== null);
      const own = loudness(source);
      return this.equal && own !== null ? Math.min(...levels) - own : 0;
    }

    /** Load what the source needs to be heard, on a context. */
    async connect(context) {
      await Promise.all(this.#wholes.map((id) => stemwright.load(id))); // for their loudness
      if (!this.output) this.output = new GainNode(context);
      if (!this.#sums.size) {
        this.output.connect(context.destination);
        for (const source of this.sources) {
          this.#sums.set(source, new GainNode(context, { gain: 0 }));
          this.#sums.get(source).connect(this.output);
        }
      }
      await this.#load(context);
      this.#warm.add(this.source);
      this.#settle(0);
    }

    /** Hear another source, from the same position. */
    async choose(source) {
      this.source = source;
      this.dispatchEvent(new CustomEvent("source", { detail: { source } }));
      await this.update(SWITCH);
    }

    /** Set a strip's mute, solo or db. */
    async set(strip, change) {
      Object.assign(strip, change);
      this.dispatchEvent(new CustomEvent("mix", { detail: { strip } }));
      if (this.source !== STEMS) return this.choose(STEMS);
      await this.update(MOVE);
    }

    reset() {
      for (const strip of this.strips) Object.assign(strip, { mute: false, solo: false, db: 0 });
      this.dispatchEvent(new CustomEvent("mix", { detail: {} }));
      return this.update(MOVE);
    }

    /** Bring in what is to be heard now, at the position where the rest is, and set all gains. */
    async update(seconds = MOVE) {
      const { context, running } = this.#playback;
      const asked = ++this.#asked;
      if (!context || !running) return;
      try {
        await this.#load(context);
        this.#warm.add(this.source);
        await this.#playback.ready();
        if (asked !== this.#asked || !this.#playback.running) return;
        this.#playback.place();
        this.#settle(seconds);
        const playing = this.#playing();
        for (const [id, { voice }] of this.#channels)
          if (!playing.includes(id)) voice.close(context.currentTime + this.#playback.soon + seconds, seconds);
      } catch (error) {
        this.#playback.fail(error);
        if (asked !== this.#asked || !this.#heard) return;
        this.source = this.#heard; // which goes on
        this.dispatchEvent(new CustomEvent("source", { detail: { source: this.source } }));
      }
    }

    /** The peak of what a track has sounded like just now, 1 = full scale. */
    peak(id) {
      const channel = this.#channels.get(id);
      if (!channel) return 0;
      channel.meter.getFloatTimeDomainData(channel.samples);
      return channel.samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    }

    /** How many decoded chunks are in memory. */
    get held() {
      return [...this.#channels.values()].reduce((sum, { voice }) => sum + voice.held, 0);
    }

    /** Whether all of a strip is in a bus that is soloed: it is heard there. */
    #isInSolo(strip) {
      const buses = this.strips.filter(({ id }) => strip.parents.includes(id));
      return !strip.direct && buses.some((bus) => bus.solo || this.#isInSolo(bus));
    }

    #playing() {
      return [...new Set([...this.#warm, this.source].flatMap((source) => this.tracks(source)))];
    }

    /** Load what is missing of the source, whichever it is by then. */
    async #load(context) {
      const missing = () => this.tracks(this.source).filter((id) => !this.#channels.has(id));
      const loads = missing().length > 0;
      // One after another: the text of a long track is large, and is freed once it is decoded from base64.
      for (let id; (id = missing()[0]); ) {
        this.#loading(missing().length);
        const { audio } = await stemwright.load(id);
        const read = await stemwright.loadAudio(id);
        if (this.#channels.has(id)) continue;
        const gain = new GainNode(context, { gain: 0 });
        const meter = new AnalyserNode(context, { fftSize: 1024 });
        gain.connect(meter);
        gain.connect(this.#sums.get(this.#wholes.includes(id) ? id : STEMS));
        const voice = new stemwright.Voice(context, audio, read, gain);
        this.#channels.set(id, { voice, gain, meter, samples: new Float32Array(meter.fftSize) });
      }
      if (loads) this.#loading(0);
    }

    #loading(missing) {
      const of = this.tracks(this.source).length;
      this.dispatchEvent(new CustomEvent("loading", { detail: { n: of - missing, of } }));
    }

    /** Move every gain to what it should be. */
    #settle(seconds) {
      const now = this.#playback.context.currentTime + (seconds && this.#playback.soon);
      const within = this.#heard === this.source ? seconds : 0; // else all is ready within a source when it fades in
      this.#heard = this.source;
      for (const [source, { gain }] of this.#sums) move(gain, source === this.source ? this.match(source) : null, now, seconds);
      for (const strip of this.strips) {
        const channel = this.#channels.get(strip.id);
        if (channel) move(channel.gain.gain, this.audible(strip) ? strip.db : null, now, within);
      }
      for (const id of this.#wholes) if (this.#channels.has(id)) move(this.#channels.get(id).gain.gain, 0, now, 0);
    }
  };

  /**
   * Move a gain to a level in dB, or to silence (null). Exponentials with one time constant: two gains that change places
   * add up to 1 all the while, and a move that meets another goes on from where that one was.
   */
  function move(gain, db, at, seconds) {
    const goal = db === null || db === -Infinity ? 0 : 10 ** (db / 20);
    if (seconds) gain.setTargetAtTime(goal, at, seconds / 5);
    else gain.cancelScheduledValues(0).setValueAtTime(goal, at);
  }

  /** The integrated loudness of what is played of a source in LUFS, or null. */
  function loudness(id) {
    return stemwright.tracks.get(id === STEMS ? "mix" : id)?.audio.integrated_lufs ?? null;
  }
})();
