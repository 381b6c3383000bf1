"""What the lesson ``book/dead-forever.ipynb`` computes, draws and stores."""
