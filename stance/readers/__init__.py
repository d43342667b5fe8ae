"""What finds and judges actor mentions, and how it is kept on disk."""
