"""IPD-FER's training: who people are first, then pose, expression and faces at rest beside it."""
