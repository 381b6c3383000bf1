"""What the lesson ``book/how-a-relu-dies.ipynb`` computes, draws and stores."""
