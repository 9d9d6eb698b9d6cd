"""What the home's own history tells: asked of the worker, kept, shown, used."""
