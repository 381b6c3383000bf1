"""What the lesson ``book/initialisation.ipynb`` computes, draws and stores."""
