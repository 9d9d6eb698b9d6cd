"""What control saved or would have saved, from what really happened."""
