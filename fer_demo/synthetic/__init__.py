"""The procedural face generator: known identity, hair, clothing, background, expression, pose and light.

factors.py      the factors of a face as frozen values
drawing.py      draw each of them at random
rendering.py    render(head, face): a picture and its ground truth
head_model.py   the mesh; every other file turns one factor into geometry, colour or light
"""
