"""What a function captures, and whether it changed: `environment` what it reads, `containers` what these hold."""
