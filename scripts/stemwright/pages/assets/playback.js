// Playback: where in the song the playhead is, and what is placed on the audio clock for it, for all voices at once.
//
// What is heard is a list of runs. A run plays the song from `position` on, from the time `at` of the audio clock, until
// the position `end`. A seek ends the run that sounds and begins another; a loop is one run after another, each placed
// before the one before it ends. Where a run takes over, the two are crossfaded for `FADE` seconds *before* its first
// frame (its `lead`), so that an attack there is whole.
//
// Events: "state" ({state}), "position" ({seconds}), "loop" ({looping, loop}), "problem" ({text}).
"use strict";
(() => {
  const FADE = 0.005; // s
  const AHEAD = 4; // s, what is decoded and placed before it is heard; timers of hidden pages may be 1 s late
  const TICK = 0.2; // s

  stemwright.Playback = class extends EventTarget {
    state = "stopped"; // "loading", "playing", "paused"
    length = 0; // of the song, in seconds
    sections = []; // {name, start, end}, in seconds
    looping = false; // the section in which the playhead is
    context = null;
    ahead = AHEAD;
    soon = 0.03; // s, in which what is to sound next must be placed
    open = async () => this.context; // an audio context that runs
    voices = () => []; // those that are to sound
    #runs = [];
    #target = 0; // the position, while nothing sounds
    #asked = 0; // counts the requests: only the last one counts
    #next = null; // the position that is made ready to play from
    #timer = null;

    /** The position of the playhead, in seconds, as it is heard now. */
    get position() {
      if (!this.#runs.length) return this.#target;
      return this.#at(this.context.currentTime - (this.context.outputLatency || 0));
    }

    get running() {
      return this.state === "playing" || this.state === "loading";
    }

    /** The section at a position, or null. */
    section(position = this.position) {
      return this.sections.findLast(({ start }) => start <= position + 1e-6) ?? null;
    }

    toggle() {
      return this.running ? this.pause() : this.play();
    }

    /** Play from a position, or from where the playhead is. */
    async play(position = this.position) {
      const asked = ++this.#asked;
      this.#next = position < this.length ? Math.max(position, 0) : 0;
      if (this.state !== "playing") {
        this.#target = this.#next;
        this.#become("loading");
      }
      try {
        await this.open();
        if (asked === this.#asked) await this.ready();
        if (asked === this.#asked) this.#begin(this.#next);
      } catch (error) {
        if (asked !== this.#asked) return;
        this.pause();
        this.fail(error);
      }
    }

    pause() {
      this.#target = this.position;
      this.#halt("paused");
    }

    stop() {
      this.#target = 0;
      this.#halt("stopped");
    }

    /** Move the playhead, whether or not it runs. */
    async seek(seconds) {
      const position = Math.min(Math.max(seconds, 0), this.length);
      if (this.running) return this.play(position);
      this.#target = position;
      this.#moved();
    }

    /** Another length and other sections. What plays goes on, if it is within them. */
    fit(length, sections) {
      Object.assign(this, { length, sections });
      if (this.position >= length) return this.seek(0);
      if (this.#runs.length) this.#begin(null);
      this.#moved();
    }

    /** Loop the section in which the playhead is, or no longer. */
    loop(looping) {
      this.looping = looping;
      this.#say("loop", { looping });
      if (this.#runs.length) this.#begin(null);
    }

    /** Decode, and place, what is heard next. A timer calls it while something plays. Resolves when all is decoded. */
    async tick() {
      const now = this.context.currentTime;
      for (const run of this.#runs.filter((run) => finish(run) < now - 0.1)) {
        for (const voice of this.voices()) voice.drop(run);
        this.#runs.splice(this.#runs.indexOf(run), 1);
      }
      if (!this.#runs.length) return this.stop(); // the end of the song
      this.#extend(now + this.ahead);
      const decoded = this.ready();
      this.place();
      await decoded;
    }

    /** Resolves when all that is heard next is decoded. */
    ready() {
      const now = this.context.currentTime;
      const spans = this.#runs
        .map((run) => [Math.max(run.position - run.lead, now - offset(run)), Math.min(run.end, now + this.ahead - offset(run))])
        .filter(([from, to]) => from < to);
      if (this.#next !== null) spans.push([this.#next - FADE, Math.min(this.#next + 1, this.length)]);
      return Promise.all(this.voices().map((voice) => voice.hold(spans)));
    }

    /** Place what is decoded. */
    place() {
      const { currentTime: now } = this.context;
      for (const voice of this.voices())
        for (const run of this.#runs) voice.place(run, this.#grid(now + this.soon), now + this.ahead);
    }

    /** Tell the user of a fault in words. */
    fail(error) {
      const known = error instanceof stemwright.Problem;
      if (!known) console.error(error);
      this.#say("problem", { text: known ? error.message : `The player has failed: ${error.message}` });
    }

    /** The position that is heard at a time on the clock. */
    #at(time) {
      const run = this.#runs.findLast((run) => run.at <= time) ?? this.#runs[0];
      return Math.min(run.position + Math.max(time - run.at, 0), run.end);
    }

    /** Let a run take over as soon as it can be placed: from a position, or (null) from where the one before it is then. */
    #begin(position) {
      const at = this.#grid(this.context.currentTime + this.soon + (position === 0 ? 0 : FADE));
      const exact = this.#grid(position ?? this.#at(at));
      const lead = Math.min(FADE, exact);
      for (const run of this.#runs.filter((run) => finish(run) > at)) {
        for (const voice of this.voices()) voice.end(run, at, FADE);
        Object.assign(run, { end: run.position + Math.max(at - run.at, 0), fade: FADE });
      }
      this.#runs = this.#runs.filter((run) => run.at - run.lead < at);
      this.#runs.push(this.#run(at, exact, lead));
      if (position !== null) this.#next = null;
      this.#become("playing");
      this.#moved();
      this.#timer ??= setInterval(() => this.#tock(), TICK * 1000);
      return this.#tock();
    }

    async #tock() {
      try {
        await this.tick();
      } catch (error) {
        this.pause();
        this.fail(error);
      }
      if (this.#runs.length) this.place(); // what was decoded meanwhile
    }

    #run(at, position, lead) {
      const section = this.looping ? this.section(position) : null;
      const loops = section !== null && position < section.end - 2 * FADE;
      const end = loops ? Math.min(section.end, this.length) : this.length;
      return { at, position, end: this.#grid(end), lead, fade: loops ? FADE : 0, loops: loops && section };
    }

    /** Add the runs of a loop that begin before a time on the clock. */
    #extend(until) {
      for (let run = this.#runs.at(-1); run.loops; run = this.#runs.at(-1)) {
        const at = finish(run);
        if (at > until) return;
        const start = this.#grid(run.loops.start);
        this.#runs.push({ ...run, at, position: start, lead: Math.min(FADE, start) });
      }
    }

    /** A time on the frames of the clock: what begins between two frames would be interpolated. */
    #grid(seconds) {
      return Math.round(seconds * this.context.sampleRate) / this.context.sampleRate;
    }

    #halt(state) {
      this.#asked++;
      this.#next = null;
      clearInterval(this.#timer);
      this.#timer = null;
      if (this.context) {
        const at = this.#grid(this.context.currentTime + this.soon + FADE);
        for (const voice of this.voices()) voice.close(at, FADE);
      }
      this.#runs = [];
      this.#become(state);
      this.#moved();
    }

    #become(state) {
      if (this.state === state) return;
      this.state = state;
      this.#say("state", { state });
    }

    #moved() {
      this.#say("position", { seconds: this.position });
    }

    #say(type, detail) {
      this.dispatchEvent(new CustomEvent(type, { detail }));
    }
  };

  /** What is added to a position in a run to get the time on the clock at which it is heard. */
  function offset(run) {
    return run.at - run.position;
  }

  /** The time on the clock at which a run ends. */
  function finish(run) {
    return offset(run) + run.end;
  }
})();
