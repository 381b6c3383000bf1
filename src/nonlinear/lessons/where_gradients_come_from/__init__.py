"""What the lesson ``book/where-gradients-come-from.ipynb`` computes, draws and stores."""
