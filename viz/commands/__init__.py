"""The commands of pictures: `graph` (and `explore`), `demo`, and `experiments`, what the last one does."""
