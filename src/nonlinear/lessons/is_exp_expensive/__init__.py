"""What the lesson ``book/is-exp-expensive.ipynb`` computes, draws and stores."""
