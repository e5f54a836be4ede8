"""Training of the warp editor: scenes, teachers, objective and stages."""
