"""What a face shows: probabilities, votes, doubts and the pixels they rest on."""
