"""What the lesson ``book/zero-centring.ipynb`` computes, draws and stores."""
