// A figure: a canvas that is drawn when it is seen, and again when its size, the resolution or the colours change.
"use strict";

const figures = (() => {
  const drawn = new Map(); // by canvas: the function that draws, and whether it is in sight
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function draw(canvas) {
    const figure = drawn.get(canvas);
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!figure || !figure.seen || !width || !height) return;
    const scale = devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const ctx = canvas.getContext("2d");
    ctx.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
    const style = getComputedStyle(canvas);
    ctx.font = `11px ${style.fontFamily}`;
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    figure.draw({ ctx, width, height, scale, colour, dark: dark.matches });
  }

  const sizes = new ResizeObserver((entries) => entries.forEach((entry) => draw(entry.target)));
  const sight = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const figure = drawn.get(entry.target);
      if (figure.seen === entry.isIntersecting) continue;
      figure.seen = entry.isIntersecting;
      if (figure.seen) draw(entry.target);
      else entry.target.width = 0; // its memory is given back
    }
  }, { rootMargin: "600px" });

  const all = () => drawn.forEach((_, canvas) => draw(canvas));
  dark.addEventListener("change", all);
  addEventListener("beforeprint", () => {
    drawn.forEach((figure) => { figure.seen = true; });
    all();
  });
  (function onResolution() {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", () => { all(); onResolution(); }, { once: true });
  })();

  return {
    // A canvas with a text alternative. `draw` gets a pen: { ctx, width, height, scale, colour(name), dark }.
    add(label, draw, className = "") {
      const canvas = make("canvas", { role: "img", "aria-label": label, class: className });
      drawn.set(canvas, { draw, seen: false });
      sizes.observe(canvas);
      sight.observe(canvas);
      return canvas;
    },
    redraw: draw,
  };
})();
