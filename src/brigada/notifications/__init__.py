"""What one person was told, when, read or not."""
