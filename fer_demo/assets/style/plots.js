// Draws the figures of widgets/plots.py and reports which bar or point was clicked.
const draw = () => {
  const figures = props.value || [];
  plots().forEach((plot, panel) => {
    if (!figures[panel]) { // an old answer goes with its face
      if (plot.dataset.drawn) Plotly.purge(plot);
      delete plot.dataset.drawn;
      return;
    }
    const {data, layout: asked} = unpacked(figures[panel]);
    const layout = {...dressed(asked || {}), dragmode: false}; // there is nothing to zoom into
    if (data[0]?.orientation === 'h') layout.hovermode = 'y'; // a short bar answers along its whole row
    for (const trace of data) if (trace.textfont) trace.textfont.color = layout.font.color;
    const first = !plot.dataset.drawn;
    plot.dataset.drawn = 'yes';
    plotted(plot, data, layout, {responsive: true, displaylogo: false, displayModeBar: false}).then(() => {
      if (first) plot.on('plotly_click', (event) => {
        const {customdata, pointNumber} = event.points[0]; // which thing it stands for, or else its place
        trigger('select', {index: Array.isArray(customdata) ? customdata[0] : pointNumber});
      });
    });
  });
};

draw();
redrawWithPage(draw);
