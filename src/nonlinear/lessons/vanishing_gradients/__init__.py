"""What the lesson ``book/vanishing-gradients.ipynb`` computes, draws and stores."""
