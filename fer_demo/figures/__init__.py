"""Numbers to pictures: plotly figures and strips, without any interface."""
