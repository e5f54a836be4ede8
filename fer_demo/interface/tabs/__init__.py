"""The app's tabs, one file each: a TITLE and build(context), which makes the components and says what they do."""
