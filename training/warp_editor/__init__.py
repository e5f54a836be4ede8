"""The warp editor's training: scenes, teachers, objective and stages."""
