"""The page that plays both passes: one file with the picture, its data and a script."""
