"""What makes the site out of docs/: the generated tables, the pictures, the links. Nothing of it is installed."""
