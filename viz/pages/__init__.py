"""Pages: `pages` puts data, style and script into one HTML file."""
