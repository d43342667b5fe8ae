"""From files and pages to articles, and from articles to sentences with exact offsets."""
