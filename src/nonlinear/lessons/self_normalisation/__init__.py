"""What the lesson ``book/self-normalisation.ipynb`` computes, draws and stores."""
