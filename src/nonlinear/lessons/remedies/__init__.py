"""What the lesson ``book/remedies.ipynb`` computes, draws and stores."""
