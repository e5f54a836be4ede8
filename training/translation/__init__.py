"""Learning to translate faces to expressions that are named: faces, the still places, the stage."""
