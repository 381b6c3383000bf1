"""What the lesson ``book/output-layers.ipynb`` computes, draws and stores."""
