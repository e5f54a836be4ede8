"""The landmark editor: it finds the landmarks of a face, moves them as people do, and repaints the mouth."""
