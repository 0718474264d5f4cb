"""How a comparison is told: text, Markdown, HTML, and forms for machines."""
