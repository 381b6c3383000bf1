"""What the lesson ``book/choosing.ipynb`` computes, draws and stores."""
