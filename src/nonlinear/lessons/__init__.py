"""The lessons: one package for each notebook of the book, with its experiment, its figures and its stored grids."""
