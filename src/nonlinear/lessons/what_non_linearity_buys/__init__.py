"""What the lesson ``book/what-non-linearity-buys.ipynb`` computes, draws and stores."""
