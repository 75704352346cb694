"""What the fields of a document look like from day to day, and whether one suddenly looks otherwise."""
