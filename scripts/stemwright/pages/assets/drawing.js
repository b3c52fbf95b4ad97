// Drawing of sound: waveform, spectrogram and loudness over one axis of time. Each function gets a pen (see figures.js)
// and the rectangle to draw in.
"use strict";

const drawing = (() => {
  const SPECTRA = { // of spectrograms, from the floor to full scale: perceptually even, light to dark or dark to light
    light: [[251, 251, 249], [207, 226, 222], [126, 184, 183], [41, 127, 143], [30, 70, 102], [26, 24, 46]],
    dark: [[19, 22, 24], [37, 42, 74], [89, 55, 116], [166, 72, 108], [229, 125, 84], [252, 226, 164]],
  };
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

  const decibels = (amplitude) => 20 * Math.log10(amplitude);
  const minus = (number) => String(number).replace("-", "−");

  // The plot of a figure: its canvas without the room for labels.
  function plot(pen, { left = 0, right = 0, top = 4, bottom = 18 } = {}) {
    return { x: left, y: top, width: Math.max(1, pen.width - left - right), height: Math.max(1, pen.height - top - bottom) };
  }

  // The axis of time under a plot, with its grid in it.
  function timeAxis(pen, box, seconds, { labels = true } = {}) {
    const { ctx } = pen;
    const step = STEPS.find((each) => (each / seconds) * box.width >= 64) ?? 3600;
    ctx.fillStyle = pen.colour("soft");
    ctx.textBaseline = "top";
    for (let at = 0; at <= seconds; at += step) {
      const x = box.x + (at / seconds) * box.width;
      ctx.strokeStyle = pen.colour("line");
      line(ctx, x, box.y, x, box.y + box.height + 3);
      const text = clock(at);
      const half = ctx.measureText(text).width / 2;
      if (labels && x + half <= pen.width) {
        ctx.textAlign = at === 0 ? "left" : "center";
        ctx.fillText(text, x, box.y + box.height + 5);
      }
    }
  }

  function line(ctx, x0, y0, x1, y1) {
    ctx.beginPath();
    ctx.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5);
    ctx.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
    ctx.stroke();
  }

  // A label left of a plot.
  function sideLabel(pen, box, y, text) {
    const { ctx } = pen;
    ctx.fillStyle = pen.colour("soft");
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    ctx.fillText(text, box.x - 6, Math.min(Math.max(y, box.y + 5), box.y + box.height - 5));
  }

  // The greatest absolute peak of a view, 1 for full scale.
  function peakOf(view) {
    let most = 0;
    for (const value of view.peaks) most = Math.max(most, Math.abs(value));
    return most / 127;
  }

  // Minimum and maximum of the peaks of each of `pixels` columns, and the greatest RMS.
  function columnsOf(view, pixels) {
    const low = new Float32Array(pixels), high = new Float32Array(pixels), rms = new Float32Array(pixels);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const start = Math.floor((pixel * view.columns) / pixels);
      const end = Math.max(start + 1, Math.floor(((pixel + 1) * view.columns) / pixels));
      let least = 127, most = -127, loud = 0;
      for (let column = start; column < end; column++) {
        least = Math.min(least, view.peaks[2 * column]);
        most = Math.max(most, view.peaks[2 * column + 1]);
        loud = Math.max(loud, view.rms[column]);
      }
      low[pixel] = least / 127;
      high[pixel] = most / 127;
      rms[pixel] = loud / 255;
    }
    return { low, high, rms };
  }

  // A waveform: peaks with RMS within them. Quiet ones are enlarged in steps of 6 dB; the labels say so.
  function waveform(pen, box, view, ceiling = null) {
    const { ctx } = pen;
    const peak = peakOf(view);
    const full = [0.125, 0.25, 0.5, 1].find((each) => peak <= each) ?? 1;
    const middle = box.y + box.height / 2;
    const half = box.height / 2;
    ctx.strokeStyle = pen.colour("line");
    for (const part of [1, 0.5]) {
      const text = minus(Math.round(decibels(full * part)));
      for (const sign of [-1, 1]) {
        const y = middle + sign * half * part;
        if (part < 1) line(ctx, box.x, y, box.x + box.width, y);
        sideLabel(pen, box, y, text);
      }
    }
    sideLabel(pen, box, middle, "dBFS");
    const pixels = Math.max(1, Math.round(box.width * pen.scale));
    const { low, high, rms } = columnsOf(view, pixels);
    const wide = box.width / pixels;
    for (const [colour, from, to] of [["wave", low, high], ["wave-rms", rms.map((value) => -value), rms]]) {
      ctx.fillStyle = pen.colour(colour);
      for (let pixel = 0; pixel < pixels; pixel++) {
        const top = middle - Math.min(1, to[pixel] / full) * half;
        const bottom = middle - Math.max(-1, from[pixel] / full) * half;
        ctx.fillRect(box.x + pixel * wide, top, wide, Math.max(1 / pen.scale, bottom - top));
      }
    }
    if (ceiling !== null && 10 ** (ceiling / 20) <= full) {
      ctx.strokeStyle = pen.colour("warn");
      ctx.setLineDash([4, 3]);
      for (const sign of [-1, 1]) {
        const y = middle + (sign * half * 10 ** (ceiling / 20)) / full;
        line(ctx, box.x, y, box.x + box.width, y);
      }
      ctx.setLineDash([]);
    }
  }

  // A spectrogram: frequency on a logarithmic axis, level as colour.
  function spectrogram(pen, box, view) {
    const { ctx } = pen;
    const { columns, bands, low_hz: low, high_hz: high, data } = view.spectrogram;
    const image = new ImageData(columns, bands);
    const colours = ramp(pen.dark ? SPECTRA.dark : SPECTRA.light);
    const pixels = new Uint32Array(image.data.buffer);
    for (let band = 0; band < bands; band++) {
      const row = (bands - 1 - band) * columns;
      for (let column = 0; column < columns; column++) pixels[row + column] = colours[data[band * columns + column]];
    }
    const sheet = new OffscreenCanvas(columns, bands);
    sheet.getContext("2d").putImageData(image, 0, 0);
    ctx.imageSmoothingEnabled = true;
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(sheet, box.x, box.y, box.width, box.height);
    const at = (hz) => box.y + box.height * (1 - Math.log(hz / low) / Math.log(high / low));
    for (const [hz, text] of [[100, "100"], [1000, "1 k"], [10000, "10 k Hz"]]) {
      if (hz <= low || hz >= high) continue;
      sideLabel(pen, box, at(hz), text);
      ctx.strokeStyle = pen.colour("soft");
      line(ctx, box.x - 4, at(hz), box.x, at(hz));
    }
  }

  // 256 colours as the words of an image, from stops.
  function ramp(stops) {
    return Uint32Array.from({ length: 256 }, (_, level) => {
      const place = (level / 255) * (stops.length - 1);
      const stop = Math.min(stops.length - 2, Math.floor(place));
      const [red, green, blue] = stops[stop].map((value, i) => Math.round(value + (stops[stop + 1][i] - value) * (place - stop)));
      return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    });
  }

  // Loudness over time. `curves`: { values, step, colour, wide, dash }; `target`, `ceiling` in LUFS and dBTP; `peaks`: of
  // the master, drawn on the same axis in dBFS.
  function loudness(pen, box, seconds, { curves, target, most, ceiling, peaks, bottom, top }) {
    const { ctx } = pen;
    const y = (level) => box.y + box.height * ((top - Math.max(bottom, Math.min(top, level))) / (top - bottom));
    timeAxis(pen, box, seconds);
    const step = top - bottom > 36 ? 12 : 6;
    for (let level = Math.floor(top / step) * step; level >= bottom; level -= step) {
      ctx.strokeStyle = pen.colour("line");
      line(ctx, box.x, y(level), box.x + box.width, y(level));
      sideLabel(pen, box, y(level), minus(level));
    }
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.x, box.y, box.width, box.height);
    ctx.clip();
    if (target) {
      ctx.fillStyle = pen.colour("target");
      const upper = y(target.high), lower = y(target.low);
      ctx.fillRect(box.x, upper, box.width, Math.max(2, lower - upper));
    }
    if (peaks) {
      const wide = 3;
      const { low, high } = columnsOf(peaks, Math.ceil(box.width / wide));
      ctx.fillStyle = pen.colour("peak");
      high.forEach((value, x) => {
        const above = y(decibels(Math.max(value, -low[x], 1e-6)));
        ctx.fillRect(box.x + x * wide, above, wide, box.y + box.height - above);
      });
    }
    for (const curve of curves) {
      ctx.strokeStyle = pen.colour(curve.colour);
      ctx.lineWidth = curve.wide;
      ctx.setLineDash(curve.dash ?? []);
      trace(ctx, curve.values, (index) => box.x + (((index + 1) * curve.step) / seconds) * box.width, y, box.width);
    }
    ctx.lineWidth = 1;
    for (const [level, dash] of [[ceiling, [4, 3]], [most, [1, 3]]]) {
      if (level === null || level === undefined) continue;
      ctx.strokeStyle = pen.colour("warn");
      ctx.setLineDash(dash);
      line(ctx, box.x, y(level), box.x + box.width, y(level));
    }
    ctx.setLineDash([]);
    ctx.restore();
  }

  // A line through values, broken where there are none; of long ones, the loudest of each pixel.
  function trace(ctx, values, x, y, pixels) {
    const every = Math.max(1, Math.floor(values.length / (2 * pixels)));
    let isOpen = false;
    ctx.beginPath();
    for (let start = 0; start < values.length; start += every) {
      const group = values.slice(start, start + every).filter((value) => value !== null);
      if (!group.length) { isOpen = false; continue; }
      const level = Math.max(...group);
      if (isOpen) ctx.lineTo(x(start), y(level));
      else ctx.moveTo(x(start), y(level));
      isOpen = true;
    }
    ctx.stroke();
  }

  return { plot, timeAxis, waveform, spectrogram, loudness, line, peakOf, decibels, minus };
})();
