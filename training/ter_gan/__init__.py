"""TER-GAN's training: couples of faces, a critic with three answers, distances of codes, and its two stages."""
