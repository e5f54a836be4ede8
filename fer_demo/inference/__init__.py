"""Services over loaded models: a face crop in, plain arrays out; the tabs and the batch commands share them."""
