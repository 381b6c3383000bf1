"""What the lesson ``book/gates.ipynb`` computes, draws and stores."""
