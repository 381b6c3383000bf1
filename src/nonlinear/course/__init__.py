"""What the lessons share: figures in one style, results that the text can quote, and stored grids."""
