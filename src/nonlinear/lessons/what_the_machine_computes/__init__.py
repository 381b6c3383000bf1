"""What the lesson ``book/what-the-machine-computes.ipynb`` computes, draws and stores."""
