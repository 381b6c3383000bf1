"""What the lesson ``book/relu.ipynb`` computes, draws and stores."""
