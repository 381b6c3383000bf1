"""What the lesson ``book/lab.ipynb`` computes, draws and stores."""
