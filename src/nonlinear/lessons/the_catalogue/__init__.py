"""What the lesson ``book/the-catalogue.ipynb`` computes, draws and stores."""
