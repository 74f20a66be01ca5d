// Draws the charts of the page of statistics: bars of several series over places
// that have names. The numbers come from the panel; the colours are those of the
// style sheet, so that they follow the theme.
(() => {
  'use strict';
  const figures = [...document.querySelectorAll('[data-chart]')];
  const sources = new Map();
  const drawn = new Map();

  // numbers fetches what a figure shows; figures of one source share it.
  const numbers = (address) => {
    if (!sources.has(address)) {
      sources.set(address, fetch(address, { headers: { Accept: 'application/json' } }).then((answer) => {
        if (!answer.ok) throw new Error(`the numbers: ${answer.status}`);
        return answer.json();
      }));
    }
    return sources.get(address);
  };

  // named gives an axis its names, as many as there is room for.
  const named = (names, width) => {
    const step = Math.max(1, Math.ceil(names.length / Math.max(1, Math.floor(width / 64))));
    return {
      splits: () => names.map((_, i) => i).filter((i) => i % step === 0),
      values: (_, at) => at.map((i) => names[i] ?? ''),
    };
  };

  const draw = (figure, chart) => {
    drawn.get(figure)?.destroy();
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(name).trim();
    const width = Math.max(200, figure.clientWidth), last = chart.names.length - 1;
    const lines = { stroke: color('--chart-line'), width: 1 };
    const axis = { stroke: color('--pico-muted-color'), font: `13px ${style.fontFamily}`, grid: lines, ticks: { ...lines, size: 4 } };
    // The bars of a place stand side by side, a little apart from those of the next.
    const n = chart.series.length, room = (width - 64) / chart.names.length;
    const share = Math.min(.8 / n, 48 / room);
    const bars = (i) => uPlot.paths.bars({
      size: [share, 64], gap: 0, disp: {
        x0: { unit: 1, values: (u) => u.data[0].map((at) => at + (i - n / 2) * share) },
        size: { unit: 1, values: (u) => u.data[0].map(() => share) },
      },
    });
    drawn.set(figure, new uPlot({
      width, height: 260,
      scales: { x: { time: false, range: [-.5, last + .5] }, y: { range: (_, least, most) => [0, Math.max(1, most) * 1.1] } },
      cursor: { drag: { x: false, y: false }, points: { show: false } },
      legend: { live: true },
      axes: [
        { ...axis, ...named(chart.names, width), grid: { show: false } },
        { ...axis, size: 48, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000] },
      ],
      series: [
        { label: chart.places, value: (_, at) => at === null ? '—' : chart.names[at] ?? '' },
        ...chart.series.map((s, i) => ({
          label: s.name, stroke: color('--chart-' + s.color), fill: color('--chart-' + s.color), width: 0,
          points: { show: false }, paths: bars(i), value: (_, n) => n ?? '—',
        })),
      ],
    }, [chart.names.map((_, i) => i), ...chart.series.map((s) => s.values ?? [])], figure));
    figure.dataset.drawn = 'yes';
  };

  const all = () => figures.forEach(async (figure) => {
    draw(figure, (await numbers(figure.dataset.source))[figure.dataset.chart]);
  });

  // Where not all hours have room, the busiest are looked at first.
  const hot = document.querySelector('.heat .heat5');
  const region = hot?.closest('.wide');
  if (region) region.scrollLeft = hot.offsetLeft - region.clientWidth / 2;

  let width = window.innerWidth;
  window.addEventListener('resize', () => {
    if (window.innerWidth !== width) { width = window.innerWidth; all(); }
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', all);
  all();
})();
