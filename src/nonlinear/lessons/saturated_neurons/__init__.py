"""What the lesson ``book/saturated-neurons.ipynb`` computes, draws and stores."""
